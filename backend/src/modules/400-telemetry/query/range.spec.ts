import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.js';
import { parseRange, type TimeRange } from './range.js';
import { autoStepMs, bucketStarts, parseStepMs } from './step.js';
import { firstRows, growingWindows, listWindows } from './windows.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const ms = (range: TimeRange) => [Number(range.fromNs / 1_000_000n) - NOW, Number(range.toNs / 1_000_000n) - NOW];
const of = (fromMs: number, toMs: number): TimeRange => ({
  fromNs: BigInt(fromMs) * 1_000_000n,
  toNs: BigInt(toMs) * 1_000_000n,
});

describe('parseRange', () => {
  it.each([
    ['now-30m', 'now', [-1_800_000, 0]],
    ['now-1d', 'now-1h', [-86_400_000, -3_600_000]],
    ['now-1w', 'now+5s', [-604_800_000, 5000]],
    [String(NOW - 5), String(NOW), [-5, 0]],
    ['2026-03-10T11:00:00Z', '2026-03-10T12:00:00.500Z', [-3_600_000, 500]],
    ['2026-03-10T11:00', '2026-03-10T13:00:00+01:00', [-3_600_000, 0]],
    ['2026-03-10', '2026-03-10T12:00:00.123456789Z', [-43_200_000, 123]],
  ])('reads %s to %s', (from, to, expected) => {
    expect(ms(parseRange({ from, to }, NOW))).toEqual(expected);
  });

  it.each([
    ['now', 'now-1h', ['from']],
    ['now', 'now', ['from']],
    ['now-401d', 'now', ['from']],
    ['5', 'now', ['from']],
    ['tomorrow', 'never', ['from', 'to']],
    ['now-1h', '2026-13-40T00:00:00Z', ['to']],
    ['now-1h; DROP TABLE', 'now', ['from']],
    ['', 'now', ['from']],
  ])('refuses %s to %s', (from, to, paths) => {
    expect(() => parseRange({ from, to }, NOW)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        errors: paths.map((path) => expect.objectContaining({ path })),
      }),
    );
  });
});

describe('steps', () => {
  it('choose a readable width of at most the wished number of points', () => {
    expect(autoStepMs(of(0, 1_800_000), 200)).toBe(10_000);
    expect(autoStepMs(of(0, 86_400_000), 200)).toBe(600_000);
    expect(autoStepMs(of(0, 10), 200)).toBe(1000);
    expect(autoStepMs(of(0, 400 * 86_400_000), 60)).toBe(7 * 86_400_000);
  });

  it('are read from text', () => {
    expect(parseStepMs('5m', of(0, 3_600_000))).toBe(300_000);
    expect(parseStepMs('auto', of(0, 3_600_000))).toBe(30_000);
    expect(() => parseStepMs('500ms', of(0, 1000))).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'step' })] }),
    );
  });

  it('start on multiples of the width and cover the range', () => {
    expect(bucketStarts(of(65_000, 180_000), 60_000)).toEqual([60_000, 120_000]);
    expect(bucketStarts(of(60_000, 180_001), 60_000)).toEqual([60_000, 120_000, 180_000]);
  });
});

describe('growingWindows', () => {
  it.each(['desc', 'asc'] as const)('adjoin and cover the range exactly: %s', (order) => {
    const range = of(NOW - 86_400_000, NOW);
    const windows = growingWindows(range, order);
    expect(windows).toHaveLength(3);
    const inTime = order === 'desc' ? windows.toReversed() : windows;
    expect(inTime[0]?.fromNs).toBe(range.fromNs);
    expect(inTime.at(-1)?.toNs).toBe(range.toNs);
    inTime.slice(1).forEach((window, i) => expect(window.fromNs).toBe(inTime[i]?.toNs));
    const [first, second] = windows.map((w) => w.toNs - w.fromNs);
    expect(second).toBe((first ?? 0n) * 16n);
  });
});

it('an hour is divided only where everything is listed', () => {
  const hour = of(NOW - 3_600_000, NOW);
  expect(listWindows({ range: hour, order: 'desc', isFiltered: true })).toEqual([hour]);
  expect(listWindows({ range: hour, order: 'desc', isFiltered: false }).length).toBeGreaterThan(1);
  expect(listWindows({ range: of(NOW - 3_600_001, NOW), order: 'desc', isFiltered: true }).length).toBeGreaterThan(1);
});

describe('firstRows', () => {
  const range = of(NOW - 86_400_000, NOW);

  /** Asks for rows of which the first window has some, and tells what was asked for. */
  async function read(inFirst: number, { most = 100, isFiltered = true, order = 'desc' as 'desc' | 'asc' } = {}) {
    const windows = listWindows({ range, order, isFiltered });
    const asked: [TimeRange, number][] = [];
    const rows = await firstRows({ range, order, most, isFiltered }, (window, limit) => {
      asked.push([window, limit]);
      return Promise.resolve(Array.from({ length: asked.length === 1 ? inFirst : 0 }, (_, i) => i));
    });
    return { windows, asked, rows };
  }

  it('ends with the window that fills the list', async () => {
    const { windows, asked, rows } = await read(100);
    expect(asked).toEqual([[windows[0], 100]]);
    expect(rows).toHaveLength(100);
  });

  it('goes from window to window, for what is still wanted', async () => {
    const { windows, asked } = await read(1);
    expect(asked).toEqual(windows.map((window, i) => [window, i === 0 ? 100 : 99]));
  });

  it.each(['desc', 'asc'] as const)('asks for all the rest at once when a filter finds nothing: %s', async (order) => {
    const { windows, asked } = await read(0, { order });
    const first = windows[0] ?? range;
    const rest = order === 'desc' ? { ...range, toNs: first.fromNs } : { ...range, fromNs: first.toNs };
    expect(asked).toEqual([
      [first, 100],
      [rest, 100],
    ]);
  });

  it('goes from window to window where nothing was sent lately, and for few rows', async () => {
    expect((await read(0, { isFiltered: false })).asked).toHaveLength(3);
    expect((await read(0, { most: 5 })).asked).toHaveLength(3);
  });
});

describe('cursors', () => {
  it('return what they were made of', () => {
    const cursor = { ns: 1773143900000000001n, id: '18446744073709551615' };
    expect(decodeCursor(encodeCursor(cursor), (id) => /^\d{1,20}$/.test(id))).toEqual(cursor);
  });

  it.each(['', 'AAAA', Buffer.from('1.x').toString('base64url'), Buffer.from('x.1').toString('base64url')])(
    'refuse %s',
    (text) => {
      expect(() => decodeCursor(text, (id) => /^\d{1,20}$/.test(id))).toThrow(
        expect.objectContaining({ code: 'VALIDATION_FAILED' }),
      );
    },
  );
});
