import { parseInstant } from './time-range.js';

/** Wall-clock parts of an instant in a zone (undefined: the browser's). */
function wallClock(ms: number, timeZone: string | undefined): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return Object.fromEntries(format.formatToParts(ms).map((part) => [part.type, part.value]));
}

/** `2026-03-04 12:00:00` in the zone. */
export function toWallClock(ms: number, timeZone: string | undefined): string {
  const p = wallClock(ms, timeZone);
  return `${p['year']}-${p['month']}-${p['day']} ${p['hour']}:${p['minute']}:${p['second']}`;
}

/** The instant at which clocks in the zone show `text` (`2026-03-04`, `… 12:00`, `… 12:00:30`); null for other text. */
export function fromWallClock(text: string, timeZone: string | undefined): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim());
  if (!match) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  if (new Date(asUtc).getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) return null;
  const offsetAt = (ms: number) =>
    Date.parse(`${toWallClock(ms, timeZone).replace(' ', 'T')}Z`) - Math.floor(ms / 1000) * 1000;
  // Twice, because the offset at the first guess may be that of the other side of a clock change.
  const guess = asUtc - offsetAt(asUtc);
  return asUtc - offsetAt(guess);
}

/** What a person typed, as a range's end: relative text stays, a time in the zone becomes epoch milliseconds. */
export function inputToRange(text: string, timeZone: string | undefined): string {
  const ms = fromWallClock(text, timeZone);
  return ms === null ? text.trim() : String(ms);
}

/** A range's end as a person would type it. */
export function rangeToInput(end: string, timeZone: string | undefined): string {
  if (end.startsWith('now')) return end;
  const ms = parseInstant(end);
  return ms === null ? end : toWallClock(ms, timeZone);
}

/** The zones to choose from: the browser's, UTC, then all the runtime knows. */
export function zones(): string[] {
  return ['browser', 'UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
}
