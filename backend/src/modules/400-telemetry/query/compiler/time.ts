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

/** The column's nanoseconds as text. */
export function nanosText(column: string): string {
  return `toString(toUnixTimestamp64Nano(${column}))`;
}

/** Start of the step that holds the column's instant, in Unix ms; steps are aligned to the epoch. */
export function bucketMs(column: string, stepMs: number, params: Parameters): string {
  const step = params.add('Int64', stepMs);
  return `intDiv(toUnixTimestamp64Milli(${column}), ${step}) * ${step}`;
}
