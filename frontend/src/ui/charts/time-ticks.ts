/** A mark on the time axis. `isMidnight` marks begin a day in the shown zone and carry the date. */
export interface TimeTick {
  readonly timeMs: number;
  readonly isMidnight: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * DAY),
];

const offsetFormats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that the zone's wall clock is ahead of UTC at an instant. */
export function zoneOffsetMs(timeMs: number, timeZone: string): number {
  let format = offsetFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    offsetFormats.set(timeZone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(timeMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(timeMs / SECOND) * SECOND;
}

/** The instant at which the zone's wall clock shows a time (given as if it were UTC). */
function fromWallClock(wallMs: number, timeZone: string): number {
  const guess = wallMs - zoneOffsetMs(wallMs, timeZone);
  return wallMs - zoneOffsetMs(guess, timeZone);
}

/** The smallest round step that puts at most `max` marks into a range. */
export function timeStep(fromMs: number, toMs: number, max: number): number {
  const span = Math.max(1, toMs - fromMs);
  return STEPS_MS.find((step) => span / step <= max) ?? Math.ceil(span / max / DAY) * DAY;
}

/**
 * Marks at round wall-clock times of a zone within [fromMs, toMs], at most about `max`. Days begin at the zone's
 * midnight, across changes of its offset too.
 */
export function timeTicks(fromMs: number, toMs: number, timeZone: string, max: number): TimeTick[] {
  if (!(toMs > fromMs) || max < 1) return [];
  const step = timeStep(fromMs, toMs, max);
  const first = Math.ceil((fromMs + zoneOffsetMs(fromMs, timeZone)) / step) * step;
  const ticks: TimeTick[] = [];
  for (let wall = first; ; wall += step) {
    const timeMs = fromWallClock(wall, timeZone);
    if (timeMs > toMs) return ticks;
    if (timeMs < fromMs || timeMs === ticks.at(-1)?.timeMs) continue;
    ticks.push({ timeMs, isMidnight: (timeMs + zoneOffsetMs(timeMs, timeZone)) % DAY === 0 });
  }
}
