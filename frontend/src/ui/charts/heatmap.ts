import type { Distribution } from '@telemetryflow/contracts';

/** A part of a heatmap: a piece of time (Unix ms) and of values. Half-open, as ranges are. */
export interface Region {
  readonly fromMs: number;
  readonly toMs: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Where a value lies on an axis that gives every bucket the same height: bucket i reaches from i to i + 1. Within a bucket
 * a value lies by its logarithm where both bounds are positive. Kept within the bounds.
 */
export function positionOf(bounds: readonly number[], value: number): number {
  const buckets = bounds.length - 1;
  if (buckets < 1) return 0;
  let bucket = 0;
  while (bucket < buckets - 1 && value >= (bounds[bucket + 1] ?? Infinity)) bucket++;
  const [low = 0, high = 0] = [bounds[bucket], bounds[bucket + 1]];
  const share = low > 0 && value > 0 ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return bucket + Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
}

/** The bound of the bucket that a position falls into: its lower one, or with `end` its upper one. */
export function boundAt(bounds: readonly number[], position: number, end = false): number {
  const last = Math.max(0, bounds.length - 2);
  const bucket = Math.min(last, Math.max(0, end ? Math.ceil(position) - 1 : Math.floor(position)));
  return bounds[bucket + (end ? 1 : 0)] ?? 0;
}

/** 0 (none) to 1 (the most), by logarithm, so that the few show beside the many. */
export function shadeOf(count: number, most: number): number {
  return count <= 0 || most <= 0 ? 0 : 0.12 + 0.88 * (Math.log1p(count) / Math.log1p(most));
}

export function mostIn({ counts }: Distribution): number {
  let most = 0;
  for (const column of counts) for (const count of column) if (count > most) most = count;
  return most;
}

/** Buckets that hold nothing at either end are cut off, so that what there is fills the chart; one is left beside it. */
export function trimDistribution(distribution: Distribution): Distribution {
  const { bounds, counts } = distribution;
  let first = Infinity;
  let last = -1;
  for (const column of counts) {
    column.forEach((count, bucket) => {
      if (count <= 0) return;
      first = Math.min(first, bucket);
      last = Math.max(last, bucket);
    });
  }
  if (last < 0) return distribution;
  const from = Math.max(0, first - 1);
  const to = Math.min(bounds.length - 2, last + 1);
  return { bounds: bounds.slice(from, to + 2), counts: counts.map((column) => column.slice(from, to + 1)) };
}

/** At most `max` values to mark on the axis: powers of ten where the buckets span several, bounds elsewhere. */
export function valueMarks(bounds: readonly number[], max: number): number[] {
  const [low, high] = [bounds.find((bound) => bound > 0) ?? 0, bounds.at(-1) ?? 0];
  if (low > 0 && high / low >= 100) {
    const powers: number[] = [];
    for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++) {
      powers.push(Number(`1e${power}`));
    }
    return thin(powers, max);
  }
  return thin(bounds, max);
}

function thin(values: readonly number[], max: number): number[] {
  const every = Math.max(1, Math.ceil(values.length / max));
  return values.filter((_, i) => i % every === 0);
}

/** The column whose step holds the instant, or -1. `times` are the starts of the steps. */
export function columnAt(times: readonly number[], timeMs: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= timeMs) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

/** Where a column's step ends: at the next one's start, the last one after `stepMs`. */
export function columnEnd(times: readonly number[], column: number, stepMs: number): number {
  return times[column + 1] ?? (times[column] ?? 0) + stepMs;
}
