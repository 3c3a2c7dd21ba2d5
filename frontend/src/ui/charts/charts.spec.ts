import { describe, expect, it } from 'vitest';
import { plotOf, timeOf, xOf } from './plot.js';
import { bridgeGaps, incompleteFrom, readoutAt, seriesStats, stepOf, tableRows, valueBounds } from './series.js';
import { axisLabel } from './time-series-option.js';
import { timeTicks, zoneOffsetMs } from './time-ticks.js';
import { logAxis, valueAxis } from './value-axis.js';

const at = (iso: string) => Date.parse(iso);
const times = (from: string, to: string, zone: string, max = 6) =>
  timeTicks(at(from), at(to), zone, max).map((tick) => new Date(tick.timeMs).toISOString().slice(11, 23));

describe('time ticks', () => {
  it('are round times of the zone', () => {
    expect(times('2026-11-20T09:03:00Z', '2026-11-20T09:33:00Z', 'UTC').map((time) => time.slice(0, 5))).toEqual([
      '09:05',
      '09:10',
      '09:15',
      '09:20',
      '09:25',
      '09:30',
    ]);
    // Full hours in Kolkata are half hours in UTC.
    expect(times('2026-11-20T09:03:00Z', '2026-11-20T15:00:00Z', 'Asia/Kolkata')[0]).toBe('09:30:00.000');
  });

  it('show the date at the zone’s midnight', () => {
    const ticks = timeTicks(at('2026-11-20T12:00:00Z'), at('2026-11-21T12:00:00Z'), 'Asia/Jakarta', 6);
    expect(ticks.find((tick) => tick.isMidnight)).toEqual({
      timeMs: at('2026-11-20T17:00:00Z'),
      isMidnight: true,
    });
  });

  it('keep to midnight across a change of the offset', () => {
    // New York leaves daylight time on 1 November 2026: midnights are 04:00Z before and 05:00Z after.
    const ticks = timeTicks(at('2026-10-30T00:00:00Z'), at('2026-11-04T00:00:00Z'), 'America/New_York', 6);
    expect(ticks.map((tick) => new Date(tick.timeMs).toISOString().slice(0, 13))).toEqual([
      '2026-10-30T04',
      '2026-10-31T04',
      '2026-11-01T04',
      '2026-11-02T05',
      '2026-11-03T05',
    ]);
  });

  it('go down to seconds and milliseconds', () => {
    expect(times('2026-11-20T09:00:00Z', '2026-11-20T09:00:10Z', 'UTC', 5)).toContain('09:00:04.000');
    expect(times('2026-11-20T09:00:00Z', '2026-11-20T09:00:00.100Z', 'UTC', 5)).toContain('09:00:00.020');
  });

  it('are none in an empty range', () => expect(timeTicks(5, 5, 'UTC', 6)).toEqual([]));

  it('know offsets of half hours', () => {
    expect(zoneOffsetMs(at('2026-11-20T00:00:00.250Z'), 'Asia/Kolkata')).toBe(5.5 * 3_600_000);
  });
});

describe('value axis', () => {
  const lines = (low: number, high: number, unit?: string) => {
    const { min, max, interval } = valueAxis(low, high, unit);
    return { min, max, count: Math.round((max - min) / interval) + 1 };
  };

  it('has three to five lines on round numbers and includes zero', () => {
    expect(valueAxis(12, 87)).toEqual({ min: 0, max: 100, interval: 25 });
    for (const high of [0.003, 0.7, 1, 3, 9.9, 10.1, 42, 640, 12_345]) {
      expect(lines(0, high).count).toBeGreaterThanOrEqual(3);
      expect(lines(0, high).count).toBeLessThanOrEqual(5);
      expect(lines(0, high).max).toBeGreaterThanOrEqual(high);
    }
  });

  it('reaches below zero', () => expect(valueAxis(-30, 50)).toEqual({ min: -40, max: 60, interval: 20 }));

  it('stands on a scale with zeros only', () => expect(lines(0, 0)).toEqual({ min: 0, max: 1, count: 5 }));

  it('steps bytes in powers of two', () => {
    expect(valueAxis(0, 700 * 1024 ** 2, 'By')).toEqual({ min: 0, max: 768 * 1024 ** 2, interval: 256 * 1024 ** 2 });
  });

  it('steps counts in whole numbers', () => {
    expect(valueAxis(0, 2, '', true)).toEqual({ min: 0, max: 2, interval: 1 });
    expect(valueAxis(0, 9, '', true)).toEqual({ min: 0, max: 9, interval: 3 });
  });

  it('spans decades on a logarithmic scale', () => {
    expect(logAxis(3, 870)).toEqual({ min: 1, max: 1000 });
    expect(logAxis(10, 10)).toEqual({ min: 10, max: 100 });
  });
});

describe('series', () => {
  const a = {
    name: 'a',
    color: '#a',
    points: [
      [0, 1],
      [10, null],
      [20, 5],
    ] as const,
  };
  const b = {
    name: 'b',
    color: '#b',
    points: [
      [0, 4],
      [10, 2],
      [20, null],
    ] as const,
  };

  it('states last, average and maximum without the gaps', () => {
    expect(seriesStats(a.points)).toEqual({ last: 5, avg: 3, max: 5 });
    expect(seriesStats([[0, null]])).toEqual({ last: null, avg: null, max: null });
    expect(seriesStats([[0, 0]])).toEqual({ last: 0, avg: 0, max: 0 });
  });

  it('knows step and bounds, stacked or not', () => {
    expect(stepOf([a, b])).toBe(10);
    expect(stepOf([{ name: 'x', points: [[0, 1]] }])).toBeNull();
    expect(valueBounds([a, b], false)).toEqual({ low: 1, high: 5 });
    expect(valueBounds([a, b], true)?.high).toBe(5);
    expect(valueBounds([], false)).toBeNull();
  });

  it('knows the bucket that can still grow', () => {
    expect(incompleteFrom([a], 10, 100, 25)).toBe(20);
    expect(incompleteFrom([a], 10, 25, 100)).toBe(20);
    expect(incompleteFrom([a], 10, 100, 30)).toBeNull();
    expect(incompleteFrom([], 10, 100, 30)).toBeNull();
  });

  it('reads out a bucket, highest first, and sums up the rest', () => {
    expect(readoutAt([a, b], 9, true)).toEqual({
      timeMs: 0,
      rows: [
        { name: 'b', color: '#b', value: 4 },
        { name: 'a', color: '#a', value: 1 },
      ],
      rest: null,
    });
    expect(readoutAt([a, b], 9, false)?.timeMs).toBe(10);
    expect(readoutAt([a, b], 0, true, 1)).toMatchObject({ rows: [{ name: 'b' }], rest: { count: 1, sum: 1 } });
    expect(readoutAt([], 0, true)).toBeNull();
    expect(readoutAt([a], -5, true)).toBeNull();
  });

  it('becomes a table', () => {
    expect(tableRows([a, { name: 'c', points: [[10, 7]] }])).toEqual([
      { timeMs: 0, values: [1, null] },
      { timeMs: 10, values: [null, 7] },
      { timeMs: 20, values: [5, null] },
    ]);
  });
});

describe('lines', () => {
  /** Buckets of 10 s, with a value wherever the text has a digit. */
  const buckets = (text: string) => [...text].map((c, i) => [i * 10, c === '.' ? null : Number(c)] as const);
  const drawn = (text: string) =>
    bridgeGaps(buckets(text))
      .map(([, value]) => value ?? '.')
      .join('');

  it('connect samples that are wider apart than the buckets', () => {
    expect(drawn('1.....2.....3.....4')).toBe('1234');
    expect(bridgeGaps(buckets('1.....2.....3'))).toEqual([
      [0, 1],
      [60, 2],
      [120, 3],
    ]);
  });

  it('pass over one late sample, and break at a silence', () => {
    expect(drawn('12.34')).toBe('1234');
    expect(drawn('12..34')).toBe('12..34');
    expect(drawn('1..2..3........4..5')).toBe('123........45');
  });

  it('keep what is empty before, after and around a single sample', () => {
    expect(drawn('..1.2.3..')).toBe('..123..');
    expect(drawn('...1...')).toBe('...1...');
    expect(drawn('...')).toBe('...');
    expect(bridgeGaps([])).toEqual([]);
  });
});

describe('plot', () => {
  const plot = plotOf({ width: 1000, height: 200 }, { fromMs: 0, toMs: 10_000 }, ['500', '1 000']);

  it('maps time to pixels and back, and stays within the range', () => {
    expect(timeOf(plot, xOf(plot, 2_500))).toBeCloseTo(2_500);
    expect(timeOf(plot, -50)).toBe(0);
    expect(timeOf(plot, 5_000)).toBe(10_000);
  });

  it('lines up with the other charts unless its labels are long', () => {
    expect(plotOf({ width: 1000, height: 200 }, { fromMs: 0, toMs: 1 }, ['0']).left).toBe(plot.left);
    expect(plotOf({ width: 1000, height: 200 }, { fromMs: 0, toMs: 1 }, ['123 456 requests']).left).toBe(96);
  });
});

it('the axis names a counted unit once, at its top', () => {
  const axis = { min: 0, max: 300, interval: 100 };
  const labels = (unit: string) => [0, 100, 200, 300].map((value) => axisLabel(value, unit, axis).replace(/\s/g, ' '));
  expect(labels('{request}')).toEqual(['0', '100', '200', '300 request']);
  expect(labels('ms')).toEqual(['0', '100 ms', '200 ms', '300 ms']);
});
