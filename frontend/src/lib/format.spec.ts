import { afterEach, describe, expect, it } from 'vitest';
import {
  clockParts,
  formatBytes,
  formatCompact,
  formatCount,
  formatDate,
  formatDateTime,
  formatDuration,
  formatDurationMs,
  formatErrorRate,
  formatPercent,
  formatRelative,
  formatTime,
  formatUnit,
  toMs,
} from './format.js';
import { dateFormat, locale, timeFormat, zoneChoice } from './preferences.js';

/** Narrow and no-break spaces read as plain ones. */
const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');

describe('durations', () => {
  it.each([
    ['0', '0 ns'],
    ['840', '840 ns'],
    ['12345', '12.3 µs'],
    ['999499', '999 µs'],
    ['999500', '1 ms'],
    ['840000000', '840 ms'],
    ['1236000000', '1.24 s'],
    ['9996000000', '10 s'],
    ['59940000000', '59.9 s'],
    ['125000000000', '2 min 05 s'],
    ['60000000000', '1 min'],
    ['11520000000000', '3 h 12 min'],
    ['367200000000000', '4 d 06 h'],
  ])('%s ns is %s', (ns, text) => expect(plain(formatDuration(ns))).toBe(text));

  it('takes bigint and number, and has a sign for nothing', () => {
    expect(plain(formatDuration(840_000_000n))).toBe('840 ms');
    expect(plain(formatDurationMs(12.34))).toBe('12.3 ms');
    expect(plain(formatDuration(-1_500_000))).toBe('-1.5 ms');
    expect([formatDuration(null), formatDuration(''), formatDuration('x')]).toEqual(['–', '–', '–']);
  });
});

describe('sizes and counts', () => {
  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1536, '1.5 KiB'],
    [12.3 * 1024 ** 2, '12.3 MiB'],
    [1023, '1 023 B'],
    [1024 ** 2 - 1, '1 MiB'],
  ])('%d bytes are %s', (bytes, text) => expect(plain(formatBytes(bytes))).toBe(text));

  it('groups counts without losing a digit', () => {
    expect(plain(formatCount(1234567))).toBe('1 234 567');
    expect(plain(formatCount('18446744073709551615'))).toBe('18 446 744 073 709 551 615');
    expect(plain(formatCount(-1234))).toBe('-1 234');
    expect(formatCount(999)).toBe('999');
  });

  it.each([
    [12345, '12.3 k'],
    [999.6, '1 k'],
    [4_560_000, '4.56 M'],
    [0.0123, '0.0123'],
    [0.00001234, '1.23e-5'],
    [-1500, '-1.5 k'],
    [0, '0'],
  ])('%d is %s in short', (value, text) => expect(plain(formatCompact(value))).toBe(text));

  it('writes shares in percent', () => {
    expect(plain(formatPercent(0.0123))).toBe('1.23 %');
    expect(plain(formatErrorRate(1, 3))).toBe('33.3 %');
    expect(formatErrorRate(0, 0)).toBe('–');
  });
});

describe('values in their unit', () => {
  it.each([
    [1.236, 's', '1.24 s'],
    [250, 'ms', '250 ms'],
    [1536, 'By', '1.5 KiB'],
    [2, 'MiBy', '2 MiB'],
    [42.5, '%', '42.5 %'],
    [0.5, '1', '0.5'],
    [7, '', '7'],
    [12345, '{request}', '12.3 k request'],
    [1536, 'By/s', '1.5 KiB/s'],
    [3, '1/s', '3/s'],
    [21, 'Cel', '21 Cel'],
  ])('%d in %s is %s', (value, unit, text) => expect(plain(formatUnit(value, unit))).toBe(text));

  it('knows no value', () => expect([formatUnit(null, 's'), formatUnit(Number.NaN)]).toEqual(['–', '–']));
});

describe('times', () => {
  afterEach(() => {
    zoneChoice.value = 'browser';
    locale.value = 'en';
    dateFormat.value = 'iso';
    timeFormat.value = '24h';
  });
  const instant = '2026-03-04T23:01:03.221Z';

  it('reads nanoseconds, milliseconds, ISO text and dates', () => {
    expect(toMs('1772665263221456789')).toBeCloseTo(1772665263221.456, 3);
    expect(toMs(1772665263221456789n)).toBeCloseTo(1772665263221.456, 3);
    expect(toMs(instant)).toBe(1772665263221);
    expect(toMs(new Date(instant))).toBe(1772665263221);
  });

  it('shows them in the chosen zone', () => {
    zoneChoice.value = 'UTC';
    expect(formatTime(instant, 'ms')).toBe('23:01:03.221');
    expect(formatDateTime(instant)).toBe('2026-03-04 23:01:03');
    zoneChoice.value = 'Asia/Jakarta';
    expect(formatTime(instant, 'minute')).toBe('06:01');
    expect(formatDateTime(instant)).toBe('2026-03-05 06:01:03');
  });

  it('shows them in the zone of the browser where it does not know the chosen one', () => {
    const own = formatDateTime(instant);
    for (const unknown of ['Mars/Olympus_Mons', '']) {
      zoneChoice.value = unknown;
      expect(formatDateTime(instant)).toBe(own);
    }
  });

  it('has a sign for what has no date', () => {
    for (const far of [1e300, -1e300, Infinity, 8.64e15 + 1]) {
      expect([formatDateTime(far), formatDate(far), formatTime(far), formatRelative(far)]).toEqual([
        '–',
        '–',
        '–',
        '–',
      ]);
    }
  });

  it('writes dates and times as a person wants them', () => {
    zoneChoice.value = 'UTC';
    dateFormat.value = 'day-first';
    expect(formatDateTime(instant)).toBe('4 Mar 2026, 23:01:03');
    dateFormat.value = 'month-first';
    timeFormat.value = '12h';
    expect(plain(formatDateTime(instant, 'ms'))).toBe('Mar 4, 2026, 11:01:03.221 PM');
    expect(plain(formatTime('2026-03-04T00:05:00Z', 'minute'))).toBe('12:05 AM');
    expect(plain(formatTime('2026-03-04T12:05:00Z', 'minute'))).toBe('12:05 PM');
    expect(clockParts(instant, 'ms')).toMatchObject({ time: '11:01:03', fraction: '.221' });
  });

  it('keeps the clock readable in Indonesian', () => {
    zoneChoice.value = 'UTC';
    locale.value = 'id';
    expect(formatTime(instant, 'ms')).toBe('23:01:03.221');
    dateFormat.value = 'day-first';
    expect(formatDateTime('2026-08-04T00:00:00Z')).toBe('4 Agu 2026, 00:00:00');
  });

  it('says how long ago', () => {
    const now = Date.parse(instant);
    expect(plain(formatRelative(now - 180_000, now))).toBe('3 min ago');
    expect(plain(formatRelative(now, now))).toBe('now');
    // Another machine's clock runs a little ahead.
    expect(plain(formatRelative(now + 1_000, now))).toBe('now');
    expect(plain(formatRelative(now + 29_000, now))).toBe('now');
    expect(plain(formatRelative(now + 45_000, now))).toBe('in 45 sec');
    expect(plain(formatRelative(now + 86_400_000 * 2, now))).toBe('in 2 days');
  });
});
