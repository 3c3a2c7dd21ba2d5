/** [Unix ms, value]; null is a gap. */
export type Point = readonly [timeMs: number, value: number | null];

export interface ChartSeries {
  readonly name: string;
  /** A CSS colour; without one the series takes the next of the palette. */
  readonly color?: string;
  /** Drawn faint and dashed: an earlier period. */
  readonly dashed?: boolean;
  readonly points: readonly Point[];
}

export interface SeriesStats {
  readonly last: number | null;
  readonly avg: number | null;
  readonly max: number | null;
}

/** Over the points that have a value; `last` is the newest of them. All null without any. */
export function seriesStats(points: readonly Point[]): SeriesStats {
  let last: number | null = null;
  let max: number | null = null;
  let sum = 0;
  let count = 0;
  for (const [, value] of points) {
    if (value === null) continue;
    last = value;
    max = max === null ? value : Math.max(max, value);
    sum += value;
    count++;
  }
  return { last, max, avg: count === 0 ? null : sum / count };
}

/** How much wider than the usual spacing a silence must be to show as a gap: one late sample is none. */
const GAP_FACTOR = 2.5;

/**
 * The points as a line connects them: empty buckets that lie within a series' own rhythm go, those of a true silence
 * stay. A metric that is exported every minute has no gaps, however fine the buckets are; it skips buckets.
 */
export function bridgeGaps(points: readonly Point[]): readonly Point[] {
  const times = points.flatMap(([time, value]) => (value === null ? [] : [time]));
  const spacing = median(times.slice(1).map((time, i) => time - (times[i] ?? time)));
  if (spacing === null) return points;
  let next = 0;
  return points.filter(([time, value]) => {
    if (value !== null) {
      next += 1;
      return true;
    }
    const [before, after] = [times[next - 1], times[next]];
    return before === undefined || after === undefined || before > time || after - before > spacing * GAP_FACTOR;
  });
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** The distance between neighbouring points: the smallest in any series. Null with fewer than two points. */
export function stepOf(series: readonly ChartSeries[]): number | null {
  let step = Infinity;
  for (const { points } of series) {
    for (let i = 1; i < points.length; i++) {
      const gap = (points[i]?.[0] ?? 0) - (points[i - 1]?.[0] ?? 0);
      if (gap > 0) step = Math.min(step, gap);
    }
  }
  return step === Infinity ? null : step;
}

/**
 * Where the newest bucket begins if it can still grow, or is cut off by the end of the range; null when it is whole.
 * What ends `nowMs` or `toMs` inside a bucket looks like a fall that is none.
 */
export function incompleteFrom(
  series: readonly ChartSeries[],
  stepMs: number | null,
  toMs: number,
  nowMs: number,
): number | null {
  const newest = Math.max(...series.map(({ points }) => points.at(-1)?.[0] ?? -Infinity));
  return stepMs !== null && newest + stepMs > Math.min(toMs, nowMs) ? newest : null;
}

/** Lowest and highest that the chart must show; stacked series add up. Null without a value. */
export function valueBounds(series: readonly ChartSeries[], stacked: boolean): { low: number; high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  const sums = new Map<number, number>();
  for (const { points } of series) {
    for (const [time, value] of points) {
      if (value === null) continue;
      const shown = stacked ? (sums.get(time) ?? 0) + value : value;
      sums.set(time, shown);
      low = Math.min(low, shown);
      high = Math.max(high, shown);
    }
  }
  return high === -Infinity ? null : { low, high };
}

/** Without what a logarithmic axis has no place for. */
export function positiveOnly(points: readonly Point[]): readonly Point[] {
  return points.map(([time, value]) => [time, value !== null && value > 0 ? value : null] as const);
}

export interface ReadoutRow {
  readonly name: string;
  readonly color: string;
  readonly value: number;
}

export interface Readout {
  readonly timeMs: number;
  /** Highest first. */
  readonly rows: readonly ReadoutRow[];
  readonly rest: { readonly count: number; readonly sum: number } | null;
}

/**
 * What the tooltip says at an instant: the values of the bucket there (or of the nearest point), highest first, the top
 * `max` of them and the others as one line. Null where no series has a point.
 */
export function readoutAt(
  series: readonly (ChartSeries & { readonly color: string })[],
  timeMs: number,
  bucketed: boolean,
  max = 8,
): Readout | null {
  const times = series.map(({ points }) => pointTimeAt(points, timeMs, bucketed)).filter((time) => time !== null);
  const at = times.sort((a, b) => Math.abs(a - timeMs) - Math.abs(b - timeMs))[0];
  if (at === undefined) return null;
  const rows: ReadoutRow[] = [];
  for (const { name, color, points } of series) {
    const point: Point | undefined = points[indexAtOrBefore(points, at)];
    if (point && point[0] === at && point[1] !== null) rows.push({ name, color, value: point[1] });
  }
  rows.sort((a, b) => b.value - a.value);
  const rest = rows.slice(max);
  return {
    timeMs: at,
    rows: rows.slice(0, max),
    rest: rest.length === 0 ? null : { count: rest.length, sum: rest.reduce((sum, row) => sum + row.value, 0) },
  };
}

function pointTimeAt(points: readonly Point[], timeMs: number, bucketed: boolean): number | null {
  const before = points[indexAtOrBefore(points, timeMs)]?.[0] ?? null;
  if (bucketed) return before;
  const after = points[indexAtOrBefore(points, timeMs) + 1]?.[0] ?? null;
  if (before === null || after === null) return before ?? after;
  return timeMs - before <= after - timeMs ? before : after;
}

function indexAtOrBefore(points: readonly Point[], timeMs: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? Infinity) <= timeMs) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

/** One row per point in time, one column per series: the chart as a table. */
export function tableRows(series: readonly ChartSeries[]): { timeMs: number; values: (number | null)[] }[] {
  const rows = new Map<number, (number | null)[]>();
  series.forEach(({ points }, column) => {
    for (const [time, value] of points) {
      let row = rows.get(time);
      if (!row) rows.set(time, (row = Array.from({ length: series.length }, () => null)));
      row[column] = value;
    }
  });
  return [...rows].sort(([a], [b]) => a - b).map(([timeMs, values]) => ({ timeMs, values }));
}
