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

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Widths people read easily, with the way they are written. */
const STEPS: readonly (readonly [ms: number, text: string])[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => [n * SECOND, `${n}s`] as const),
  ...[1, 2, 5, 10, 15, 30].map((n) => [n * MINUTE, `${n}m`] as const),
  ...[1, 2, 3, 6, 12].map((n) => [n * HOUR, `${n}h`] as const),
  ...[1, 2, 7, 14, 30].map((n) => [n * DAY, `${n}d`] as const),
];
/** As many bars as a chart of this width has room for. */
const BARS = 100;

/** The step of the volume chart: finer than other charts', for it is what people zoom by. */
export function volumeStep(rangeMs: number): string {
  return STEPS.find(([ms]) => ms >= rangeMs / BARS)?.[1] ?? 'auto';
}
