import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeRange } from '../range.js';
import { earlierPeriod } from './earlier-period.js';
import { resolveSteps, type StepWish } from './steps.js';
import { ZoneCalendar } from './time-zone.js';

const DAY_MS = 86_400_000;
const range = (from: string, to: string): TimeRange => ({
  fromNs: BigInt(Date.parse(from)) * 1_000_000n,
  toNs: BigInt(Date.parse(to)) * 1_000_000n,
});
const steps = (wish: StepWish, asked: TimeRange, zone = 'UTC') => resolveSteps(wish, asked, new ZoneCalendar(zone));
const startsOf = (step: string, asked: TimeRange, zone: string) =>
  steps({ step }, asked, zone)?.starts.map((start) => new Date(start).toISOString());

describe('steps', () => {
  it.each([
    ['1 min', 60e3, 1e3],
    ['5 min', 300e3, 10e3],
    ['15 min', 900e3, 30e3],
    ['1 h', 3600e3, 60e3],
    ['6 h', 6 * 3600e3, 300e3],
    ['24 h', DAY_MS, 900e3],
    ['7 d', 7 * DAY_MS, 3600e3],
    ['30 d', 30 * DAY_MS, 6 * 3600e3],
    ['90 d', 90 * DAY_MS, DAY_MS],
  ])('are chosen for %s', (_, lengthMs, stepMs) => {
    const toNs = 1_800_000_000_000n * 1_000_000n;
    expect(steps({ step: 'auto' }, { fromNs: toNs - BigInt(lengthMs) * 1_000_000n, toNs })?.stepMs).toBe(stepMs);
  });

  it('are no finer than the samples, unless those are rare', () => {
    const hour = range('2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z');
    expect(steps({ step: 'auto', sampleIntervalMs: 120_400 }, hour)?.stepMs).toBe(120_000);
    expect(steps({ step: 'auto', sampleIntervalMs: 1_800_000 }, hour)?.stepMs).toBe(60_000);
  });

  it('divide the distance of a comparison', () => {
    const month = range('2026-03-01T00:00:00Z', '2026-03-31T00:00:00Z');
    expect(steps({ step: 'auto', dividesMs: 3_600_000 }, month)?.stepMs).toBe(3_600_000);
    expect(steps({ step: 'auto', dividesMs: DAY_MS }, month)?.stepMs).toBe(6 * 3_600_000);
  });

  it('hold every step that the range touches', () => {
    expect(startsOf('10m', range('2026-03-01T10:05:00Z', '2026-03-01T10:30:00Z'), 'UTC')).toEqual([
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T10:10:00.000Z',
      '2026-03-01T10:20:00.000Z',
    ]);
    expect(steps({ step: 'none' }, range('2026-03-01T10:05:00Z', '2026-03-01T10:30:00Z'))).toBeNull();
  });

  it('of days begin at midnight of the zone, across changes of its clock', () => {
    const spring = range('2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z');
    expect(startsOf('1d', spring, 'Europe/Berlin')).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    // The day begins at one o'clock: there is no midnight.
    expect(startsOf('1d', range('2026-03-27T00:00:00Z', '2026-03-30T00:00:00Z'), 'Asia/Beirut')).toEqual([
      '2026-03-26T22:00:00.000Z',
      '2026-03-27T22:00:00.000Z',
      '2026-03-28T22:00:00.000Z',
      '2026-03-29T21:00:00.000Z',
    ]);
    // Midnight comes twice: the day begins at the first.
    expect(startsOf('1d', range('2026-10-31T12:00:00Z', '2026-11-02T00:00:00Z'), 'America/Havana')).toEqual([
      '2026-10-31T04:00:00.000Z',
      '2026-11-01T04:00:00.000Z',
    ]);
    expect(startsOf('1d', range('2026-01-01T00:00:00Z', '2026-01-01T12:00:00Z'), 'Asia/Kathmandu')).toEqual([
      '2025-12-31T18:15:00.000Z',
    ]);
  });

  it('leave out the day that a zone left out', () => {
    expect(startsOf('1d', range('2011-12-29T12:00:00Z', '2011-12-31T12:00:00Z'), 'Pacific/Apia')).toEqual([
      '2011-12-29T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
      '2011-12-31T10:00:00.000Z',
    ]);
  });

  it('of weeks begin on Monday', () => {
    expect(startsOf('1w', range('2026-11-20T12:00:00Z', '2026-11-24T00:00:00Z'), 'UTC')).toEqual([
      '2026-11-16T00:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
    ]);
  });

  it.each(['', '0s', '-1m', '1x', '1', '1.5h', '36h', '25h', '1y', 'now', '500ms'])('refuses %j', (step) => {
    expect(() => steps({ step }, range('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'))).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'step' })] }),
    );
  });

  it('refuses more points than anyone can look at', () => {
    expect(() => steps({ step: '1s' }, range('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'))).toThrow(
      'invalid fields',
    );
  });

  it('cut any range in any zone without a gap', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Beirut', 'Pacific/Apia'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 946_684_800_000, max: 1_900_000_000_000 }),
        fc.integer({ min: 1, max: 60 * DAY_MS }),
        fc.constantFrom('1h', '6h', '1d', '2d', '1w'),
        (zone, fromMs, lengthMs, step) => {
          const asked = { fromNs: BigInt(fromMs) * 1_000_000n, toNs: BigInt(fromMs + lengthMs) * 1_000_000n };
          const found = steps({ step }, asked, zone);
          if (found === null) throw new Error('no steps');
          const { starts, stepMs } = found;
          expect(starts[0]).toBeLessThanOrEqual(fromMs);
          expect(starts.at(-1)).toBeLessThan(fromMs + lengthMs);
          for (const [i, start] of starts.entries()) {
            const next = starts[i + 1];
            // A clock moves by an hour, Apia's calendar once by a day.
            if (next !== undefined)
              expect(Math.abs(next - start - stepMs)).toBeLessThanOrEqual(stepMs < DAY_MS ? 0 : DAY_MS);
            if (next !== undefined) expect(next).toBeGreaterThan(start);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the period before', () => {
  const berlin = new ZoneCalendar('Europe/Berlin');
  const compare = (compareMs: number, step: string, asked: TimeRange) => {
    const earlier = earlierPeriod(compareMs, { range: asked, steps: resolveSteps({ step }, asked, berlin) }, berlin);
    const text = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString();
    return {
      from: text(earlier.range.fromNs),
      to: text(earlier.range.toNs),
      starts: earlier.steps?.starts.map((start) => new Date(start).toISOString()),
    };
  };
  // The clocks went forward at 01:00 UTC on the 29th.
  const monday = range('2026-03-30T07:00:00Z', '2026-03-30T09:00:00Z');

  it('has the same hours of the clock, a day or a week before', () => {
    expect(compare(7 * DAY_MS, '1h', monday)).toEqual({
      from: '2026-03-23T08:00:00.000Z',
      to: '2026-03-23T10:00:00.000Z',
      starts: ['2026-03-23T08:00:00.000Z', '2026-03-23T09:00:00.000Z'],
    });
    expect(compare(7 * DAY_MS, 'none', monday)).toMatchObject({ from: '2026-03-23T08:00:00.000Z', starts: undefined });
  });

  it('is exact for hours, and where steps can not be moved by an hour', () => {
    expect(compare(3_600_000, '30m', monday)).toMatchObject({ from: '2026-03-30T06:00:00.000Z' });
    expect(compare(DAY_MS * 7, '6h', monday)).toMatchObject({ from: '2026-03-23T07:00:00.000Z' });
  });

  it('has as many days, each from midnight', () => {
    const days = range('2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z');
    expect(compare(7 * DAY_MS, '1d', days)).toEqual({
      from: '2026-03-21T23:00:00.000Z',
      to: '2026-03-23T23:00:00.000Z',
      starts: ['2026-03-21T23:00:00.000Z', '2026-03-22T23:00:00.000Z'],
    });
  });

  it.each([
    [3_600_000, '1d'],
    [3_600_000, '2h'],
    [60_000, '1h'],
  ])('refuses %i ms with steps of %s', (compareMs, step) => {
    expect(() => compare(compareMs, step, monday)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'compare' })] }),
    );
  });
});
