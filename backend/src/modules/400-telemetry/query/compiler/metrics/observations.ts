import type { Aggregation } from '@telemetryflow/contracts';
import { quantileOf } from './numbers.js';
import { explicitBuckets, exponentialBuckets, quantileOfBuckets, type Bucket } from './quantile.js';

type Numbers = readonly (string | number)[];
/** ClickHouse's `sumMap`: keys and values side by side. */
type SumMap = readonly [keys: Numbers, values: Numbers];

/** What every distribution query answers per labels and step. */
export interface TotalsRow {
  readonly labels: string[];
  readonly step: number;
  readonly countNow: string;
  readonly countBefore: string;
  readonly sumNow: number | null;
  readonly sumBefore: number | null;
  readonly lowest: number | null;
  readonly highest: number | null;
}
export interface HistogramRow extends TotalsRow {
  readonly bounds: number[];
  readonly bucketsNow: Numbers;
  readonly bucketsBefore: Numbers;
}
export interface ExponentialRow extends TotalsRow {
  readonly scale: number;
  readonly zeroNow: string;
  readonly zeroBefore: string;
  readonly zeroThreshold: number;
  readonly positiveNow: SumMap;
  readonly positiveBefore: SumMap;
  readonly negativeNow: SumMap;
  readonly negativeBefore: SumMap;
}

/**
 * The aggregation of rows of one group (several when there are several steps or bounds); null when there is nothing to
 * say. A histogram is told by its buckets, its value is how much was observed.
 */
export function aggregateObservations(
  aggregation: Pick<Aggregation, 'function' | 'level'>,
  rows: readonly TotalsRow[],
  buckets: readonly Bucket[],
): number | null {
  const quantile = quantileOf(aggregation);
  if (quantile !== undefined) return quantileOfBuckets(buckets, quantile);
  if (rows.length === 0) return null;
  const count = total(rows.map((row) => Number(row.countNow) - Number(row.countBefore)));
  const sums = rows.flatMap((row) => (row.sumNow === null ? [] : [row.sumNow - (row.sumBefore ?? 0)]));
  switch (aggregation.function) {
    case 'sum':
      return sums.length === 0 ? null : total(sums);
    case 'avg':
      return sums.length === 0 || count <= 0 ? null : total(sums) / count;
    case 'min':
      return extreme(rows, 'lowest', Math.min);
    case 'max':
      return extreme(rows, 'highest', Math.max);
    default:
      return count;
  }
}

export function histogramBuckets(row: HistogramRow): Bucket[] {
  return explicitBuckets(
    row.bounds,
    row.bucketsNow.map((now, i) => Number(now) - Number(row.bucketsBefore[i] ?? 0)),
  );
}

/**
 * The buckets as they are drawn: what lies above the last bound is drawn beside it, up to the highest value known or as
 * wide as the bound is high, so that it is not taken for what lies below.
 */
export function drawnHistogramBuckets(row: HistogramRow): Bucket[] {
  const last = row.bounds.at(-1);
  if (last === undefined) return histogramBuckets(row);
  const end = row.highest !== null && row.highest > last ? row.highest : last + Math.max(Math.abs(last), 1);
  return histogramBuckets(row).map((bucket) =>
    bucket.low === last && bucket.high === last ? { ...bucket, high: end } : bucket,
  );
}

export function exponentialRowBuckets(row: ExponentialRow): Bucket[] {
  const zeros = Number(row.zeroNow) - Number(row.zeroBefore);
  const negative = exponentialBuckets(row.scale, difference(row.negativeNow, row.negativeBefore), -1);
  const positive = exponentialBuckets(row.scale, difference(row.positiveNow, row.positiveBefore), 1);
  const zero = { low: negative.length > 0 ? -row.zeroThreshold : 0, high: row.zeroThreshold, count: zeros };
  return [...negative, ...(zeros > 0 ? [zero] : []), ...positive];
}

function difference(now: SumMap, before: SumMap): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [[keys, values], sign] of [[now, 1] as const, [before, -1] as const]) {
    keys.forEach((key, i) => counts.set(Number(key), (counts.get(Number(key)) ?? 0) + sign * Number(values[i] ?? 0)));
  }
  return counts;
}

function extreme(
  rows: readonly TotalsRow[],
  column: 'lowest' | 'highest',
  pick: (...values: number[]) => number,
): number | null {
  const values = rows.flatMap((row) => row[column] ?? []);
  return values.length === 0 ? null : pick(...values);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
