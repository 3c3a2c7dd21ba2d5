import type { TimeRange } from '../../range.js';
import { DAY_MS, HOUR_MS } from '../../step.js';

export type NumberTable = 'metrics_v3' | 'metrics_v3_hourly' | 'metrics_v3_daily';

/** A part of the range and the table that answers it. */
export interface Segment {
  readonly table: NumberTable;
  readonly range: TimeRange;
}

const NS_PER_MS = 1_000_000n;
const HOUR_NS = BigInt(HOUR_MS) * NS_PER_MS;
const DAY_NS = BigInt(DAY_MS) * NS_PER_MS;

/**
 * Cuts the range so that its whole days and hours come from the rollups and only its ends from the points: what is read
 * is exactly what lies in the range. Rollups are used as far as no step begins within an hour (or a day) of theirs.
 */
export function segments(range: TimeRange, stepStarts: readonly number[] | null): Segment[] {
  // The first step may begin before the range.
  const cuts = (stepStarts ?? []).filter((start) => BigInt(start) * NS_PER_MS > range.fromNs);
  if (cuts.some((start) => start % HOUR_MS !== 0)) return [{ table: 'metrics_v3', range }];
  return split(range, HOUR_NS, 'metrics_v3', (hours) =>
    cuts.some((start) => start % DAY_MS !== 0)
      ? [{ table: 'metrics_v3_hourly', range: hours }]
      : split(hours, DAY_NS, 'metrics_v3_hourly', (days) => [{ table: 'metrics_v3_daily', range: days }]),
  );
}

/** The whole multiples of `width` within the range as `inner` answers them, what is left at the ends from `table`. */
function split(range: TimeRange, width: bigint, table: NumberTable, inner: (range: TimeRange) => Segment[]): Segment[] {
  const fromNs = ((range.fromNs + width - 1n) / width) * width;
  const toNs = (range.toNs / width) * width;
  if (fromNs >= toNs) return [{ table, range }];
  const before = { table, range: { fromNs: range.fromNs, toNs: fromNs } };
  const after = { table, range: { fromNs: toNs, toNs: range.toNs } };
  return [before, ...inner({ fromNs, toNs }), after].filter((segment) => segment.range.fromNs < segment.range.toNs);
}

/** The rollup among the tables that are read, for people; the points' table when there is none. */
export function coarsest(parts: readonly Segment[]): NumberTable {
  const tables: readonly NumberTable[] = ['metrics_v3_daily', 'metrics_v3_hourly'];
  return tables.find((table) => parts.some((part) => part.table === table)) ?? 'metrics_v3';
}
