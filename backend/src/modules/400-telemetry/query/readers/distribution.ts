import type { MetricAggregation } from '@telemetryflow/contracts';
import { quantileOf } from '../compiler/number-series.js';
import { explicitBuckets, exponentialBuckets, quantileOfBuckets, type Bucket } from './quantile.js';

type Numbers = readonly (string | number)[];
/** ClickHouse's `sumMap`: keys and values side by side. */
type SumMap = readonly [keys: Numbers, values: Numbers];

/** What every distribution query answers per labels and bucket. */
export interface TotalsRow {
  readonly labels: string[];
  readonly time: string;
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

/** The aggregation of the rows of one bucket (several when bounds differ); null when there is nothing to say. */
export function aggregateDistribution(
  aggregation: MetricAggregation,
  rows: readonly TotalsRow[],
  buckets: readonly Bucket[],
): number | null {
  const quantile = quantileOf(aggregation);
  if (quantile !== undefined) return quantileOfBuckets(buckets, quantile);
  const count = total(rows.map((row) => Number(row.countNow) - Number(row.countBefore)));
  const sums = rows.flatMap((row) => (row.sumNow === null ? [] : [row.sumNow - (row.sumBefore ?? 0)]));
  switch (aggregation) {
    case 'count':
    case 'increase':
    case 'rate':
      return count;
    case 'sum':
      return sums.length === 0 ? null : total(sums);
    case 'min':
      return extreme(rows, 'lowest', Math.min);
    case 'max':
      return extreme(rows, 'highest', Math.max);
    default:
      return sums.length === 0 || count <= 0 ? null : total(sums) / count;
  }
}

export function histogramBuckets(row: HistogramRow): Bucket[] {
  return explicitBuckets(
    row.bounds,
    row.bucketsNow.map((now, i) => Number(now) - Number(row.bucketsBefore[i] ?? 0)),
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
