import { ValidationError } from '../../../shared/platform/index.js';
import { rangeMs, type TimeRange } from './range.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const HOUR_MS = 60 * MINUTE;
export const DAY_MS = 24 * HOUR_MS;
const MAX_POINTS = 11_000;
/** How many steps `auto` aims at. */
const AUTO_POINTS = 200;

/** Widths people read easily. */
const NICE_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 7, 14, 30].map((n) => n * DAY_MS),
];
const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

/** The finest readable step that cuts the range into at most `points` pieces; at least a second. */
export function autoStepMs(range: TimeRange, points: number): number {
  const wanted = rangeMs(range) / points;
  return NICE_MS.find((ms) => ms >= wanted) ?? Math.ceil(wanted / DAY_MS) * DAY_MS;
}

/**
 * The automatic step for samples that come every `intervalMs`: never finer than they are, or most steps would be empty
 * and sums over series would add up whichever happened to report. Sparse samples (fewer than four in the range) do not
 * widen it.
 */
export function autoStepForSamples(range: TimeRange, intervalMs: number | undefined): number {
  const stepMs = autoStepMs(range, AUTO_POINTS);
  if (intervalMs === undefined || intervalMs > rangeMs(range) / 4) return stepMs;
  // Timers drift: 60.02 s is a minute.
  return Math.max(stepMs, NICE_MS.find((ms) => ms >= intervalMs * 0.95) ?? stepMs);
}

/**
 * Reads `30s`, `5m`, `1h`, `1d` or `auto` (about 200 points).
 *
 * @throws ValidationError naming `step`
 */
export function parseStepMs(text: string, range: TimeRange): number {
  if (text === 'auto') return autoStepMs(range, AUTO_POINTS);
  const match = /^(\d{1,6})(s|m|h|d|w)$/.exec(text);
  const stepMs = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(stepMs >= SECOND)) throw stepProblem('must be "auto" or a duration of at least 1s, such as 30s, 5m or 1h');
  if (rangeMs(range) / stepMs > MAX_POINTS) {
    throw stepProblem(`gives more than ${MAX_POINTS} points; choose a longer step or a shorter range`);
  }
  return stepMs;
}

/** Starts (Unix ms) of the steps that the range touches, aligned to the epoch. */
export function bucketStarts(range: TimeRange, stepMs: number): number[] {
  const starts: number[] = [];
  const toMs = Number(range.toNs) / 1e6;
  for (let at = Math.floor(Number(range.fromNs / 1_000_000n) / stepMs) * stepMs; at < toMs; at += stepMs)
    starts.push(at);
  return starts;
}

function stepProblem(message: string): ValidationError {
  return new ValidationError([{ path: 'step', code: 'invalid_format', message }]);
}
