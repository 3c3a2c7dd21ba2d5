import { ValidationError } from '../../../../shared/platform/index.js';
import { DAY_MS, HOUR_MS } from '../step.js';

/** Clock and calendar of an IANA time zone. Days are counted from 1970-01-01, a Thursday, in the zone's own calendar. */
export class ZoneCalendar {
  readonly #format: Intl.DateTimeFormat;

  /** @throws ValidationError naming `timeZone` */
  constructor(readonly timeZone: string) {
    // Offsets such as +05:30 are time zones to Intl, and none that have a calendar's name.
    if (!/^[A-Za-z]/.test(timeZone)) throw unknownZone();
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        calendar: 'iso8601',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (error) {
      if (error instanceof RangeError) throw unknownZone();
      throw error;
    }
  }

  /** Wall-clock time of an instant, written as if it were UTC, in whole seconds. */
  wallMs(instantMs: number): number {
    const parts = new Map(this.#format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  }

  /** The day that holds the instant. */
  dayOf(instantMs: number): number {
    return Math.floor(this.wallMs(instantMs) / DAY_MS);
  }

  /** The instant at which a day begins: its midnight, or where the clock leaps over that, the first moment after. */
  startOfDay(day: number): number {
    const wall = day * DAY_MS;
    for (const offsetMs of this.#offsetsAround(wall)) {
      // The earlier of two midnights has the larger offset.
      if (this.dayOf(wall - offsetMs) === day) return wall - offsetMs;
    }
    return wall - (this.#offsetsAround(wall).at(-1) ?? 0);
  }

  /** The same wall-clock time so many days earlier; where the clock leaps over it, what the clock would have shown. */
  daysEarlier(instantMs: number, days: number): number {
    const wall = Math.floor(instantMs / 1000) * 1000;
    const millis = instantMs - wall;
    const target = this.wallMs(instantMs) - days * DAY_MS;
    const now = this.#offset(wall);
    const offsets = this.#offsetsAround(target);
    const kept = offsets.includes(now) ? [now, ...offsets] : offsets;
    const found = kept.find((offsetMs) => this.wallMs(target - offsetMs) === target);
    return target - (found ?? offsets[0] ?? 0) + millis;
  }

  /** Larger first. */
  #offsetsAround(wallMs: number): number[] {
    const offsets = [this.#offset(wallMs - 26 * HOUR_MS), this.#offset(wallMs + 26 * HOUR_MS)];
    return [...new Set(offsets)].sort((a, b) => b - a);
  }

  #offset(instantMs: number): number {
    return this.wallMs(instantMs) - Math.floor(instantMs / 1000) * 1000;
  }
}

function unknownZone(): ValidationError {
  const message = 'must be an IANA time zone, such as UTC, Europe/Berlin or Asia/Jakarta';
  return new ValidationError([{ path: 'timeZone', code: 'invalid_format', message }]);
}
