/** `count` observations spread evenly over [low, high]; equal ends are a point. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * Buckets of an explicit-bounds histogram: (−∞, b0], (b0, b1], …, (bn, ∞). What lies in an open bucket is not known: the
 * lowest is taken to begin at 0 when its bound is positive, otherwise an open bucket is a point at its one bound (as
 * Prometheus' histogram_quantile does).
 */
export function explicitBuckets(bounds: readonly number[], counts: readonly number[]): Bucket[] {
  return counts.flatMap((count, i): Bucket[] => {
    const bound = bounds[i];
    const previous = bounds[i - 1];
    if (count <= 0 || (bound === undefined && previous === undefined)) return [];
    const high = bound ?? previous ?? 0;
    const low = previous ?? (high > 0 ? 0 : high);
    return [{ low, high, count }];
  });
}

/** Counts by bucket index of one side of an exponential histogram: bucket i covers (base^i, base^(i+1)]. */
export function exponentialBuckets(scale: number, counts: ReadonlyMap<number, number>, sign: 1 | -1): Bucket[] {
  const base = 2 ** (2 ** -scale);
  return [...counts].flatMap(([index, count]): Bucket[] => {
    if (count <= 0) return [];
    const [near, far] = [base ** index, base ** (index + 1)];
    return [sign === 1 ? { low: near, high: far, count } : { low: -far, high: -near, count }];
  });
}

/**
 * The value below which the fraction `q` of the observations lies, by linear interpolation within buckets. Buckets may
 * overlap (histograms with different bounds). Null without observations.
 */
export function quantileOfBuckets(buckets: readonly Bucket[], q: number): number | null {
  const total = buckets.reduce((sum, b) => sum + b.count, 0);
  if (!(total > 0)) return null;
  const edges = [...new Set(buckets.flatMap((b) => [b.low, b.high]))].sort((a, b) => a - b);
  const rank = q * total;
  let below = 0;
  let previous = edges[0] ?? 0;
  for (const edge of edges) {
    const between = buckets.reduce((sum, b) => sum + b.count * share(b, previous, edge), 0);
    if (between > 0 && below + between >= rank) return previous + ((edge - previous) * (rank - below)) / between;
    below += between;
    below += buckets.reduce((sum, b) => (b.low === edge && b.high === edge ? sum + b.count : sum), 0);
    if (below >= rank && below > 0) return edge;
    previous = edge;
  }
  return previous;
}

/** The part of the bucket's observations that lies within (from, to]; points are counted apart. */
function share(bucket: Bucket, from: number, to: number): number {
  const width = bucket.high - bucket.low;
  if (width <= 0) return 0;
  return Math.max(0, Math.min(bucket.high, to) - Math.max(bucket.low, from)) / width;
}
