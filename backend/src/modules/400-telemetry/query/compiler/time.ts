import type { TimeRange } from '../range.js';
import type { Parameters } from './parameters.js';

/** A nanosecond instant as a DateTime64(9) expression, constant for the planner. */
export function instant(ns: bigint, params: Parameters): string {
  return `fromUnixTimestamp64Nano(${params.add('Int64', ns.toString())}, 'UTC')`;
}

/** `column` within the half-open range. */
export function within(column: string, range: TimeRange, params: Parameters): string {
  return `${column} >= ${instant(range.fromNs, params)} AND ${column} < ${instant(range.toNs, params)}`;
}

/**
 * The records of `spans_v3` or `logs_v3` within the half-open range. The tables are sorted by the hour before anything
 * that `timestamp` could be compared with, and the engine does not derive the one from the other: without the hours it
 * would read the whole day.
 */
export function recordsWithin(range: TimeRange, params: Parameters): string {
  const [from, to] = [instant(range.fromNs, params), instant(range.toNs, params)];
  return `toStartOfHour(timestamp) >= toStartOfHour(${from}) AND toStartOfHour(timestamp) <= toStartOfHour(${to})
  AND timestamp >= ${from} AND timestamp < ${to}`;
}

/** The column's nanoseconds as text. */
export function nanosText(column: string): string {
  return `toString(toUnixTimestamp64Nano(${column}))`;
}

/** Start of the step that holds the column's instant, in Unix ms; steps are aligned to the epoch. */
export function bucketMs(column: string, stepMs: number, params: Parameters): string {
  const step = params.add('Int64', stepMs);
  return `intDiv(toUnixTimestamp64Milli(${column}), ${step}) * ${step}`;
}
