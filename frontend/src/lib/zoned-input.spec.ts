import { describe, expect, it } from 'vitest';
import { fromWallClock, inputToRange, rangeToInput, toWallClock, zones } from './zoned-input.js';

describe('wall-clock times', () => {
  it('are read in the zone', () => {
    expect(fromWallClock('2026-03-04 12:00', 'UTC')).toBe(Date.UTC(2026, 2, 4, 12));
    expect(fromWallClock('2026-03-04 12:00:30', 'Asia/Jakarta')).toBe(Date.UTC(2026, 2, 4, 5, 0, 30));
    expect(fromWallClock('2026-03-04', 'Asia/Kathmandu')).toBe(Date.UTC(2026, 2, 3, 18, 15));
  });

  it('hold on both sides of a clock change', () => {
    expect(fromWallClock('2026-03-29 01:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 0, 30));
    expect(fromWallClock('2026-03-29 03:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(fromWallClock('2026-10-25 12:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 11));
  });

  it.each(['2026-02-30', '2026-03-04 25:00', '4.3.2026', '', 'now'])('refuse "%s"', (text) =>
    expect(fromWallClock(text, 'UTC')).toBeNull(),
  );

  it('come back as they went', () => {
    const ms = Date.UTC(2026, 6, 1, 22, 15, 9);
    for (const zone of ['UTC', 'America/New_York', 'Asia/Jakarta', 'Australia/Lord_Howe']) {
      expect(fromWallClock(toWallClock(ms, zone), zone)).toBe(ms);
    }
  });
});

it('turns input into a range end and back', () => {
  expect(inputToRange(' now-15m ', 'UTC')).toBe('now-15m');
  expect(inputToRange('2026-03-04 12:00', 'UTC')).toBe(String(Date.UTC(2026, 2, 4, 12)));
  expect(rangeToInput('now-15m', 'UTC')).toBe('now-15m');
  expect(rangeToInput(String(Date.UTC(2026, 2, 4, 12)), 'Asia/Jakarta')).toBe('2026-03-04 19:00:00');
});

it('offers the browser, UTC, then every zone once', () => {
  const all = zones();
  expect(all.slice(0, 2)).toEqual(['browser', 'UTC']);
  expect(new Set(all).size).toBe(all.length);
  expect(all).toContain('Asia/Jakarta');
});
