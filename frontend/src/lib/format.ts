import { dateFormat, locale, timeFormat, zone } from './preferences.js';

/** Between a number and its unit, and between groups of three digits: narrow, and never broken over two lines. */
const THIN = '\u202f';
const SPACE = '\u00a0';
/** What stands where there is no value. */
export const NO_VALUE = '–';

const NS_PER_US = 1e3;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/** Three significant figures without exponent: 1.24, 12.3, 840. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return group(String(Math.round(value)));
  return trimZeros(
    value.toFixed(size >= 9.995 ? 1 : size >= 0.9995 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size)))),
  );
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/**
 * A duration in nanoseconds (decimal text, bigint or number): `840 ns`, `12.3 µs`, `840 ms`, `1.24 s`, `2 min 05 s`,
 * `3 h 12 min`, `4 d 06 h`.
 */
export function formatDuration(ns: string | bigint | number | null | undefined): string {
  if (ns === null || ns === undefined || ns === '') return NO_VALUE;
  const value = Number(ns);
  if (!Number.isFinite(value)) return NO_VALUE;
  const size = Math.abs(value);
  // The next unit begins where three figures would round up to 1000.
  if (size < 999.5) return `${significant(value)}${SPACE}ns`;
  if (size < 999.5 * NS_PER_US) return `${significant(value / NS_PER_US)}${SPACE}µs`;
  if (size < 999.5 * NS_PER_MS) return `${significant(value / NS_PER_MS)}${SPACE}ms`;
  if (size < 59.95 * NS_PER_S) return `${significant(value / NS_PER_S)}${SPACE}s`;
  return longDuration(Math.round(size / NS_PER_S), value < 0 ? '-' : '');
}

function longDuration(seconds: number, sign: string): string {
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    `${sign}${group(String(big))}${SPACE}${bigUnit}` +
    (small === 0 ? '' : `${SPACE}${String(small).padStart(2, '0')}${SPACE}${smallUnit}`);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return pair(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
  return pair(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

/** A duration in milliseconds. */
export function formatDurationMs(ms: number | null | undefined): string {
  return formatDuration(ms === null || ms === undefined ? null : ms * NS_PER_MS);
}

/** A size in bytes, in binary units: `512 B`, `1.5 KiB`, `12.3 MiB`. */
export function formatBytes(bytes: number | string | bigint | null | undefined): string {
  if (bytes === null || bytes === undefined) return NO_VALUE;
  let value = Number(bytes);
  if (!Number.isFinite(value)) return NO_VALUE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${significant(value)}${SPACE}${units[unit]}`;
}

/** An exact count with thin spaces: `12 345`. Decimal text and bigint keep every digit. */
export function formatCount(count: number | string | bigint | null | undefined): string {
  if (count === null || count === undefined || count === '') return NO_VALUE;
  const text = typeof count === 'number' ? String(Math.round(count)) : String(count);
  return group(text);
}

/** A number in at most three figures: `12.3 k`, `4.56 M`, `0.012`. For axes and tight places. */
export function formatCompact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const size = Math.abs(value);
  const steps = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const step = steps.find(([from]) => size >= from * 0.9995);
  if (step) return `${significant(value / step[0])}${SPACE}${step[1]}`;
  return size !== 0 && size < 1e-4 ? value.toExponential(2) : significant(value);
}

/** A share (0.0123) in percent: `1.23 %`. */
export function formatPercent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return NO_VALUE;
  return `${significant(ratio * 100)}${SPACE}%`;
}

/** Errors among requests, as a share; without requests there is no rate. */
export function formatErrorRate(errors: number, total: number): string {
  return total === 0 ? NO_VALUE : formatPercent(errors / total);
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 6e10,
  h: 3.6e12,
  d: 8.64e13,
};
const BYTE_UNITS: Readonly<Record<string, number>> = {
  By: 1,
  KiBy: 1024,
  MiBy: 1024 ** 2,
  GiBy: 1024 ** 3,
  kBy: 1e3,
  MBy: 1e6,
  GBy: 1e9,
};

/**
 * A metric value in its UCUM unit, as OpenTelemetry writes them: times and bytes in readable units, `%` and `1` as
 * numbers, annotations (`{request}`) as counts with their word, `…/s` as a rate.
 */
export function formatUnit(value: number | null | undefined, unit = ''): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  if (Object.hasOwn(DURATION_UNITS, unit)) return formatDuration(value * (DURATION_UNITS[unit] ?? 1));
  if (Object.hasOwn(BYTE_UNITS, unit)) return formatBytes(value * (BYTE_UNITS[unit] ?? 1));
  if (unit === '%') return `${significant(value)}${SPACE}%`;
  if (unit === '' || unit === '1') return formatCompact(value);
  if (unit.endsWith('/s')) return perSecond(value, unit.slice(0, -2));
  const annotation = /^\{(.+)\}$/.exec(unit)?.[1];
  return `${formatCompact(value)}${SPACE}${annotation ?? unit}`;
}

function perSecond(value: number, unit: string): string {
  // Ticks of a share or a plain number per second read best bare; the rest keep their unit.
  return unit === '' || unit === '1' ? `${formatCompact(value)}/s` : `${formatUnit(value, unit)}/s`;
}

export type Instant = number | string | bigint | Date;

/** Days beyond these have no date, and `Intl` throws for them: 270,000 years from 1970. */
const LAST_MS = 8.64e15;

/**
 * Unix milliseconds (with fraction) of milliseconds, an ISO instant, or nanoseconds as decimal text or bigint. NaN for what
 * has no date.
 */
export function toMs(instant: Instant): number {
  const ms = readMs(instant);
  return Math.abs(ms) <= LAST_MS ? ms : NaN;
}

function readMs(instant: Instant): number {
  if (typeof instant === 'number') return instant;
  if (instant instanceof Date) return instant.getTime();
  if (typeof instant === 'bigint') return Number(instant / 1000n) / 1000;
  return /^\d{10,20}$/.test(instant) ? Number(BigInt(instant) / 1000n) / 1000 : Date.parse(instant);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value}|${zone.value ?? ''}|${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale.value === 'id' ? 'id-ID' : 'en-GB', {
    hourCycle: 'h23',
    ...options,
    ...(zone.value === undefined ? {} : { timeZone: zone.value }),
  });
  formatters.set(key, made);
  return made;
}

export type TimePrecision = 'minute' | 'second' | 'ms';

function clockOptions(precision: TimePrecision): Intl.DateTimeFormatOptions {
  const base: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  if (precision === 'minute') return base;
  return { ...base, second: '2-digit', ...(precision === 'ms' ? { fractionalSecondDigits: 3 } : {}) };
}

export interface ClockParts {
  /** `12:01:03`. */
  readonly time: string;
  /** `.221`; empty unless milliseconds are asked for. */
  readonly fraction: string;
  /** ` PM` where a person wants twelve hours, else empty. */
  readonly period: string;
}

/**
 * The time of day in the chosen zone, in parts that a narrow row may leave out. Indonesian writes 12.01.03; a log's time
 * reads 12:01:03 in every language.
 */
export function clockParts(instant: Instant, precision: TimePrecision = 'second'): ClockParts {
  const ms = toMs(instant);
  if (!Number.isFinite(ms)) return { time: NO_VALUE, fraction: '', period: '' };
  const parts = formatter(clockOptions(precision)).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((p) => p.type === type)?.value;
  const hour = part('hour') ?? '';
  const isHalved = timeFormat.value === '12h';
  const shown = isHalved ? String(Number(hour) % 12 || 12) : hour;
  const fraction = part('fractionalSecond');
  return {
    time: [shown, part('minute'), part('second')].filter((p) => p !== undefined).join(':'),
    fraction: fraction === undefined ? '' : `.${fraction}`,
    period: isHalved ? `${SPACE}${Number(hour) < 12 ? 'AM' : 'PM'}` : '',
  };
}

/** The time of day in the chosen zone: `12:01:03`, with `ms` `12:01:03.221`. */
export function formatTime(instant: Instant, precision: TimePrecision = 'second'): string {
  const { time, fraction, period } = clockParts(instant, precision);
  return time + fraction + period;
}

/** Date and time in the chosen zone: `2026-03-04 12:01:03`, or as a person wants dates `4 Mar 2026, 12:01:03`. */
export function formatDateTime(instant: Instant, precision: TimePrecision = 'second'): string {
  const ms = toMs(instant);
  if (!Number.isFinite(ms)) return NO_VALUE;
  return `${formatDate(ms)}${dateFormat.value === 'iso' ? '' : ','} ${formatTime(ms, precision)}`;
}

/** A date in the chosen zone: `2026-03-04`, `4 Mar 2026` or `Mar 4, 2026`. */
export function formatDate(instant: Instant): string {
  const ms = toMs(instant);
  if (!Number.isFinite(ms)) return NO_VALUE;
  const isIso = dateFormat.value === 'iso';
  const options: Intl.DateTimeFormatOptions = isIso
    ? { day: '2-digit', month: '2-digit', year: 'numeric' }
    : { day: 'numeric', month: 'short', year: 'numeric' };
  const parts = Object.fromEntries(
    formatter(options)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const { day = '', month = '', year = '' } = parts;
  if (isIso) return `${year}-${month}-${day}`;
  return dateFormat.value === 'month-first' ? `${month} ${day}, ${year}` : `${day} ${month} ${year}`;
}

/** How far, in seconds, a time may lie ahead and still be now. */
const CLOCK_LAG_S = 30;

/** How long ago, or how far ahead: `3 min ago`, `in 2 days`. */
export function formatRelative(instant: Instant, nowMs: number = Date.now()): string {
  const ms = toMs(instant);
  if (!Number.isFinite(ms)) return NO_VALUE;
  const ahead = Math.round((ms - nowMs) / 1000);
  // What seems to lie just ahead has only been measured by another clock, or after this page last looked at its own.
  const seconds = ahead > 0 && ahead <= CLOCK_LAG_S ? 0 : ahead;
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_536_000],
    ['month', 2_592_000],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const format = new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto', style: 'short' });
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  const text = step ? format.format(Math.trunc(seconds / step[1]), step[0]) : format.format(seconds, 'second');
  // English abbreviates with a full stop, which reads as the end of a sentence in a table.
  return text.replace('.', '');
}
