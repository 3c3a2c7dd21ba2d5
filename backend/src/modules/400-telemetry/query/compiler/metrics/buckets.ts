import type { Distribution } from '@telemetryflow/contracts';
import type { Bucket } from './quantile.js';

/** More are hard to tell apart on a screen. */
const MAX_BUCKETS = 64;

/** Buckets of equal ends added up, so that many steps' are as few as one step's. */
export function mergeBuckets(buckets: readonly Bucket[]): Bucket[] {
  const merged = new Map<string, { low: number; high: number; count: number }>();
  for (const { low, high, count } of buckets) {
    const key = `${low} ${high}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { low, high, count });
    else known.count += count;
  }
  return [...merged.values()];
}

/** One histogram per step over common bounds; observations of buckets that a bound cuts are spread evenly. */
export function toDistribution(bySteps: readonly (readonly Bucket[])[]): Distribution {
  const bounds = commonBounds(bySteps.flat());
  return { bounds, counts: bySteps.map((buckets) => countsWithin(bounds, buckets)) };
}

function commonBounds(buckets: readonly Bucket[]): number[] {
  const edges = [...new Set(buckets.flatMap((bucket) => [bucket.low, bucket.high]))].sort((a, b) => a - b);
  const [first] = edges;
  if (first === undefined) return [];
  if (edges.length === 1) return [first, first === 0 ? 1 : first + Math.abs(first)].sort((a, b) => a - b);
  const every = Math.ceil((edges.length - 1) / MAX_BUCKETS);
  return edges.filter((_, i) => i % every === 0 || i === edges.length - 1);
}

function countsWithin(bounds: readonly number[], buckets: readonly Bucket[]): number[] {
  const counts = Array.from({ length: Math.max(0, bounds.length - 1) }, () => 0);
  for (const { low, high, count } of mergeBuckets(buckets)) {
    for (let i = 0; i < counts.length; i++) {
      const [from = 0, to = 0] = [bounds[i], bounds[i + 1]];
      const share = high > low ? overlap(low, high, from, to) / (high - low) : Number(holds(low, i, from, to));
      counts[i] = (counts[i] ?? 0) + count * share;
    }
  }
  return counts;
}

function overlap(low: number, high: number, from: number, to: number): number {
  return Math.max(0, Math.min(high, to) - Math.max(low, from));
}

/** Buckets hold their upper bound; the first holds its lower one too. */
function holds(point: number, index: number, from: number, to: number): boolean {
  return (point > from && point <= to) || (index === 0 && point === from);
}
