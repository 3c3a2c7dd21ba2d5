import type { Interval } from './self-time.js';

/** The piece of the trace that the waterfall shows, in nanoseconds since the trace began. */
export interface TraceWindow {
  readonly startNs: number;
  readonly endNs: number;
}

/** In percent of the track; may lie partly outside of 0–100. */
export function barBox({ startNs, endNs }: Interval, window: TraceWindow): { left: number; width: number } {
  const scale = 100 / Math.max(1, window.endNs - window.startNs);
  return { left: (startNs - window.startNs) * scale, width: (endNs - startNs) * scale };
}

const MIN_PIECE_SHARE = 0.001;

/**
 * A CSS gradient that paints `intervals` of a span in one colour and what lies between them in another. Pieces too thin
 * to be told apart are merged, so that a span with thousands of children costs no more than one with ten.
 */
export function piecesGradient(
  span: Interval,
  intervals: readonly Interval[],
  paint: { inside: string; outside: string },
): string {
  const length = span.endNs - span.startNs;
  if (length <= 0) return paint.inside;
  const stops: string[] = [];
  let previousEnd = 0;
  const pieces: [number, number][] = [];
  for (const interval of intervals) {
    const from = Math.max(0, (interval.startNs - span.startNs) / length);
    const to = Math.min(1, (interval.endNs - span.startNs) / length);
    if (to <= from) continue;
    const last = pieces.at(-1);
    if (last && from - last[1] < MIN_PIECE_SHARE) last[1] = to;
    else pieces.push([from, to]);
  }
  for (const [from, to] of pieces) {
    if (from > previousEnd) stops.push(`${paint.outside} ${percent(previousEnd)} ${percent(from)}`);
    stops.push(`${paint.inside} ${percent(from)} ${percent(to)}`);
    previousEnd = to;
  }
  if (previousEnd < 1) stops.push(`${paint.outside} ${percent(previousEnd)} 100%`);
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

const percent = (share: number) => `${Number((share * 100).toFixed(3))}%`;

/** A window of the given zoom around a point, kept within the trace. `factor` below 1 zooms in. */
export function zoomAround(window: TraceWindow, atNs: number, factor: number, durationNs: number): TraceWindow {
  const length = Math.min(durationNs, Math.max(1_000, (window.endNs - window.startNs) * factor));
  const share = (atNs - window.startNs) / Math.max(1, window.endNs - window.startNs);
  const startNs = Math.min(Math.max(0, atNs - share * length), durationNs - length);
  return { startNs, endNs: startNs + length };
}

/** Round offsets for the axis over the waterfall: 1, 2 or 5 of a unit, at most about `max` of them. */
export function offsetTicks({ startNs, endNs }: TraceWindow, max: number): number[] {
  const rough = (endNs - startNs) / Math.max(1, max);
  if (!(rough > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(startNs / step) * step; tick <= endNs; tick += step) ticks.push(tick);
  return ticks;
}

const INDENT_PX = 12;
/** Beyond this depth rows stop moving right, so that names stay on screen. */
const MAX_INDENTS = 14;

/** How far right a row of the given depth begins, in pixels. */
export function indentOf(depth: number): number {
  return Math.min(depth, MAX_INDENTS) * INDENT_PX + 4;
}
