import { ValidationError } from '../../../../shared/platform/index.js';
import type { TimeRange } from '../range.js';
import { DAY_MS } from '../step.js';
import type { Steps } from './part.js';
import { refused } from './problems.js';
import { readDurationMs } from './steps.js';
import type { ZoneCalendar } from './time-zone.js';

/** A period that is compared with a later one: as many steps, in the same order. */
export interface EarlierPeriod {
  readonly range: TimeRange;
  readonly steps: Steps | null;
}

/**
 * Milliseconds of `compare`; undefined when nothing is compared.
 *
 * @throws ValidationError naming `compare`
 */
export function comparedMs(compare: string): number | undefined {
  if (compare === '') return undefined;
  const ms = readDurationMs(compare);
  if (ms !== undefined) return ms;
  throw refused('compare', 'must be a duration, such as 1h, 1d or 7d', 'invalid_format');
}

/**
 * The period so much earlier. Days and weeks are the calendar's: nine o'clock is compared with nine o'clock, also across a
 * change of the clock, unless the steps are too wide to be moved by an hour.
 *
 * @throws ValidationError naming `compare` when the steps of both periods would not lie upon each other
 */
export function earlierPeriod(
  compareMs: number,
  { range, steps }: EarlierPeriod,
  calendar: ZoneCalendar,
): EarlierPeriod {
  const days = compareMs % DAY_MS === 0 ? compareMs / DAY_MS : undefined;
  const fromMs = Number(range.fromNs / 1_000_000n);
  if (steps !== null && steps.stepMs >= DAY_MS) {
    if (days === undefined) throw misaligned('whole days, as the step is');
    const starts = steps.starts.map((start) => calendar.startOfDay(calendar.dayOf(start) - days));
    return { range: daysEarlier(range, days, calendar), steps: { ...steps, starts } };
  }
  if (steps === null) {
    return { range: days === undefined ? shifted(range, compareMs) : daysEarlier(range, days, calendar), steps };
  }
  const wallMs = days === undefined ? compareMs : fromMs - calendar.daysEarlier(fromMs, days);
  const shiftMs = wallMs % steps.stepMs === 0 ? wallMs : compareMs;
  if (shiftMs % steps.stepMs !== 0) throw misaligned(`a multiple of the step (${steps.stepMs / 1000} s)`);
  const starts = steps.starts.map((start) => start - shiftMs);
  return { range: shifted(range, shiftMs), steps: { ...steps, starts } };
}

function shifted({ fromNs, toNs }: TimeRange, byMs: number): TimeRange {
  const byNs = BigInt(byMs) * 1_000_000n;
  return { fromNs: fromNs - byNs, toNs: toNs - byNs };
}

function daysEarlier({ fromNs, toNs }: TimeRange, days: number, calendar: ZoneCalendar): TimeRange {
  const move = (ns: bigint) => {
    const ms = ns / 1_000_000n;
    return ns - (ms - BigInt(calendar.daysEarlier(Number(ms), days))) * 1_000_000n;
  };
  return { fromNs: move(fromNs), toNs: move(toNs) };
}

function misaligned(what: string): ValidationError {
  return refused('compare', `must be ${what}`);
}
