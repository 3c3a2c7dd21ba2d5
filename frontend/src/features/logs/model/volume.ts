import type { QueryGroup, Severity } from '@telemetryflow/contracts';
import { SEVERITIES } from '../../../lib/severity.js';

export interface SeverityPoints {
  readonly name: Severity;
  readonly points: readonly (readonly [timeMs: number, count: number])[];
}

/**
 * One series per severity that occurs, quietest at the bottom of the stack, with a point in every step.
 *
 * @param groups counts by severity over the steps that begin at `times`
 */
export function severitySeries(
  groups: readonly Pick<QueryGroup, 'labels' | 'series'>[],
  times: readonly number[],
): SeverityPoints[] {
  return SEVERITIES.flatMap((name) => {
    const counts = groups.find(({ labels }) => (labels[0] || 'unspecified') === name)?.series?.[0];
    return counts ? [{ name, points: times.map((time, i) => [time, counts[i] ?? 0] as const) }] : [];
  });
}
