import { explicitBuckets, exponentialBuckets, quantileOfBuckets, type Bucket } from '../compiler/metrics/quantile.js';

/** One data point of any kind, as it was sent. */
export interface EvaluatedPoint {
  readonly atMs: number;
  readonly startMs: number;
  readonly value?: number;
  readonly count?: number;
  readonly sum?: number;
  /** By position between `bounds`, or (exponential) by index at `scale`. */
  readonly buckets?: readonly number[];
  readonly bounds?: readonly number[];
  readonly scale?: number;
  readonly offset?: number;
}
export interface EvaluatedSeries {
  readonly id: string;
  readonly type: string;
  readonly temporality: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly service: string;
  /** Ascending. */
  readonly points: readonly EvaluatedPoint[];
}

const LOOK_BACK_MS = 600_000;
const LEVELS: Readonly<Record<string, number>> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, quantile: 0.3 };

export function levelOf(name: string): number | undefined {
  return LEVELS[name];
}

/**
 * What an aggregation means for some series in [fromMs, toMs) of a range that begins at `rangeFromMs`, slowly and
 * obviously: the yardstick of the compiler. `rate` is left as growth. Null of nothing.
 */
export function evaluateMetric(
  name: string,
  series: readonly EvaluatedSeries[],
  range: { readonly rangeFromMs: number; readonly fromMs: number; readonly toMs: number },
): number | null {
  const present = series.filter((one) => inside(one, range).length > 0);
  if (present.length === 0) return null;
  return series[0]?.points[0]?.value === undefined
    ? ofDistributions(name, present, range)
    : ofNumbers(name, present, range);
}

type Range = Parameters<typeof evaluateMetric>[2];

function inside({ points }: EvaluatedSeries, { fromMs, toMs }: Range): EvaluatedPoint[] {
  return points.filter((point) => point.atMs >= fromMs && point.atMs < toMs);
}

function ofNumbers(name: string, series: readonly EvaluatedSeries[], range: Range): number | null {
  const points = series.flatMap((one) => inside(one, range));
  const values = points.map((point) => point.value ?? Number.NaN).sort((a, b) => a - b);
  const level = levelOf(name);
  if (level !== undefined) return interpolated(values, level);
  switch (name) {
    case 'count':
      return values.length;
    case 'avg':
      return total(values) / values.length;
    case 'min':
      return values[0] ?? null;
    case 'max':
      return values.at(-1) ?? null;
    case 'distinct':
      return new Set(values).size;
    case 'last':
      return newest(points);
    case 'sum':
      return total(series.map((one) => levelWithin(one, range)));
    default:
      return total(series.map((one) => grownWithin(name, one, range)));
  }
}

function newest(points: readonly EvaluatedPoint[]): number {
  const latest = Math.max(...points.map((point) => point.atMs));
  return Math.max(...points.filter((point) => point.atMs === latest).map((point) => point.value ?? 0));
}

/** How high one series is: what `sum` adds up. */
function levelWithin(one: EvaluatedSeries, range: Range): number {
  const values = inside(one, range).map((point) => point.value ?? 0);
  if (one.temporality === 'delta') return total(values);
  return one.type === 'counter' ? (values.at(-1) ?? 0) : total(values) / values.length;
}

function grownWithin(name: string, one: EvaluatedSeries, range: Range): number {
  if (one.temporality === 'delta') return total(inside(one, range).map((point) => point.value ?? 0));
  const seen = one.points.filter((point) => point.atMs >= range.rangeFromMs - LOOK_BACK_MS);
  return total(
    inside(one, range).map((point) => {
      const value = point.value ?? 0;
      const before = seen[seen.indexOf(point) - 1];
      const resets = one.type === 'counter' && name !== 'delta';
      if (before === undefined) return resets && point.startMs >= range.rangeFromMs ? value : 0;
      const isNew = resets && (value < (before.value ?? 0) || point.startMs >= before.atMs);
      return isNew ? value : value - (before.value ?? 0);
    }),
  );
}

interface Observed {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly Bucket[];
}

function ofDistributions(name: string, series: readonly EvaluatedSeries[], range: Range): number | null {
  const observed = series.flatMap((one) => observations(one, range));
  if (observed.length === 0) return null;
  const level = levelOf(name);
  if (level !== undefined)
    return quantileOfBuckets(
      observed.flatMap((one) => one.buckets),
      level,
    );
  const count = total(observed.map((one) => one.count));
  const sum = total(observed.map((one) => one.sum));
  if (name === 'sum') return sum;
  if (name === 'avg') return count <= 0 ? null : sum / count;
  return count;
}

/** What each point of a series added to the one before it. */
function observations(one: EvaluatedSeries, range: Range): Observed[] {
  const seen = one.points.filter((point) => point.atMs >= range.rangeFromMs - LOOK_BACK_MS);
  return inside(one, range).flatMap((point): Observed[] => {
    const before = one.temporality === 'delta' ? undefined : seen[seen.indexOf(point) - 1];
    if (one.temporality !== 'delta' && before === undefined && point.startMs < range.rangeFromMs) return [];
    const continues =
      before !== undefined &&
      (point.count ?? 0) >= (before.count ?? 0) &&
      point.startMs < before.atMs &&
      JSON.stringify(point.bounds) === JSON.stringify(before.bounds);
    const base = continues ? before : undefined;
    return [
      {
        count: (point.count ?? 0) - (base?.count ?? 0),
        sum: (point.sum ?? 0) - (base?.sum ?? 0),
        buckets: addedBuckets(point, base),
      },
    ];
  });
}

function addedBuckets(point: EvaluatedPoint, base: EvaluatedPoint | undefined): Bucket[] {
  if (point.bounds !== undefined) {
    const counts = (point.buckets ?? []).map((count, i) => count - (base?.buckets?.[i] ?? 0));
    return explicitBuckets(point.bounds, counts);
  }
  const counts = new Map<number, number>();
  for (const [one, sign] of [[point, 1] as const, ...(base === undefined ? [] : [[base, -1] as const])]) {
    (one.buckets ?? []).forEach((count, i) => {
      const index = (one.offset ?? 0) + i;
      counts.set(index, (counts.get(index) ?? 0) + sign * count);
    });
  }
  return exponentialBuckets(point.scale ?? 0, counts, 1);
}

function interpolated(sorted: readonly number[], level: number): number {
  const rank = level * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
