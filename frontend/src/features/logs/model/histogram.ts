import type { LogHistogramResponse, Severity } from '@telemetryflow/contracts';
import { SEVERITIES } from '../../../lib/severity.js';

export interface SeverityPoints {
  readonly name: Severity;
  readonly points: readonly (readonly [timeMs: number, count: number])[];
}

/** One series per severity that occurs, quietest at the bottom of the stack, with a point in every bucket. */
export function severitySeries({ buckets }: LogHistogramResponse): SeverityPoints[] {
  const totals = severityTotals({ buckets });
  return SEVERITIES.filter((severity) => (totals[severity] ?? 0) > 0).map((name) => ({
    name,
    points: buckets.map(({ time, counts }) => [time, counts[name] ?? 0] as const),
  }));
}

/** Records by severity over the whole range. */
export function severityTotals({ buckets }: Pick<LogHistogramResponse, 'buckets'>): Partial<Record<Severity, number>> {
  const totals: Partial<Record<Severity, number>> = {};
  for (const { counts } of buckets) {
    for (const severity of SEVERITIES) {
      const count = counts[severity];
      if (count) totals[severity] = (totals[severity] ?? 0) + count;
    }
  }
  return totals;
}
