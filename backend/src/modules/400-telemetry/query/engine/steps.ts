import { ValidationError } from '../../../../shared/platform/index.js';
import { rangeMs, type TimeRange } from '../range.js';
import { bucketStarts, DAY_MS, HOUR_MS } from '../step.js';
import type { Steps } from './part.js';
import type { ZoneCalendar } from './time-zone.js';

const MAX_POINTS = 11_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};
/** The Monday after the day from which days are counted. */
const FIRST_MONDAY = 4;

/** The automatic step for ranges up to so long. */
const AUTOMATIC: readonly (readonly [upToMs: number, stepMs: number])[] = [
  [MINUTE, SECOND],
  [2 * MINUTE, 2 * SECOND],
  [5 * MINUTE, 10 * SECOND],
  [15 * MINUTE, 30 * SECOND],
  [HOUR_MS, MINUTE],
  [6 * HOUR_MS, 5 * MINUTE],
  [DAY_MS, 15 * MINUTE],
  [7 * DAY_MS, HOUR_MS],
  [30 * DAY_MS, 6 * HOUR_MS],
];
/** Widths people read easily, and that a minute, an hour or a day consists of. */
const READABLE_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  DAY_MS,
];

export interface StepWish {
  /** `auto`, `none` or a duration. */
  readonly step: string;
  /** Samples come so far apart: an automatic step is no finer. */
  readonly sampleIntervalMs?: number;
  /** The distance to a compared period, of which an automatic step is a fraction. */
  readonly dividesMs?: number;
}

/**
 * The steps of a range; null for `none`.
 *
 * @throws ValidationError naming `step`
 */
export function resolveSteps(wish: StepWish, range: TimeRange, calendar: ZoneCalendar): Steps | null {
  if (wish.step === 'none') return null;
  const stepMs = wish.step === 'auto' ? automaticStepMs(wish, range) : readDurationMs(wish.step);
  if (stepMs === undefined || stepMs < SECOND) {
    throw stepProblem('must be "auto", "none" or a duration of at least 1s, such as 30s, 5m, 1h or 1d');
  }
  if (stepMs > DAY_MS && stepMs % DAY_MS !== 0) throw stepProblem('must be whole days when it is longer than a day');
  if (rangeMs(range) / stepMs > MAX_POINTS) {
    throw stepProblem(`gives more than ${MAX_POINTS} points; choose a longer step or a shorter range`);
  }
  const starts = stepMs < DAY_MS ? bucketStarts(range, stepMs) : dayStarts(range, stepMs / DAY_MS, calendar);
  return { stepMs, timeZone: calendar.timeZone, starts };
}

/** Milliseconds of `30s`, `5m`, `1h`, `7d`, `1w`; undefined when it is none. */
export function readDurationMs(text: string): number | undefined {
  const match = /^([1-9]\d{0,5})(s|m|h|d|w)$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  return unitMs === undefined ? undefined : Number(match?.[1]) * unitMs;
}

/** The automatic step of a range, when nothing but its length is known. */
export function automaticStepOf(range: TimeRange): number {
  const lengthMs = rangeMs(range);
  return AUTOMATIC.find(([upToMs]) => lengthMs <= upToMs)?.[1] ?? DAY_MS;
}

function automaticStepMs({ sampleIntervalMs = 0, dividesMs }: StepWish, range: TimeRange): number {
  const ruleMs = automaticStepOf(range);
  // Timers drift: 60.02 s is a minute. Sparse samples (fewer than four in the range) do not widen it.
  const sampledMs = sampleIntervalMs > rangeMs(range) / 4 ? 0 : sampleIntervalMs * 0.95;
  const wantedMs = READABLE_MS.find((ms) => ms >= Math.max(ruleMs, sampledMs)) ?? DAY_MS;
  if (dividesMs === undefined || dividesMs % wantedMs === 0) return wantedMs;
  return READABLE_MS.findLast((ms) => ms <= wantedMs && dividesMs % ms === 0) ?? wantedMs;
}

/** Midnights of every so many days, counted from the same day for all ranges; weeks begin on Monday. */
function dayStarts(range: TimeRange, days: number, calendar: ZoneCalendar): number[] {
  const anchor = days % 7 === 0 ? FIRST_MONDAY : 0;
  const firstDay = calendar.dayOf(Number(range.fromNs / 1_000_000n));
  const toMs = Number(range.toNs) / 1e6;
  const starts: number[] = [];
  for (let day = anchor + Math.floor((firstDay - anchor) / days) * days; ; day += days) {
    const start = calendar.startOfDay(day);
    if (start >= toMs) return starts;
    // A day that a zone left out of its calendar begins with the next.
    if (start !== starts.at(-1)) starts.push(start);
  }
}

function stepProblem(message: string): ValidationError {
  return new ValidationError([{ path: 'step', code: 'invalid_format', message }]);
}
