import { expect, it, vi } from 'vitest';
import { pageWindow, type Fetched } from './page-window.js';

const SIZE = 1000;

/** A list of numbers, by cursor. */
function numbers(total: number) {
  const asked: number[] = [];
  const page = (from: number): Fetched<number> => ({
    rows: Array.from({ length: Math.min(SIZE, total - from) }, (_, i) => from + i),
    nextCursor: from + SIZE < total ? String(from + SIZE) : null,
  });
  const fetchPage = async (cursor: string) => {
    asked.push(Number(cursor));
    return page(Number(cursor));
  };
  return { first: page(0), fetchPage, asked };
}

it('reads on as the end comes near, each page once', async () => {
  const { first, fetchPage, asked } = numbers(2500);
  const changed = vi.fn();
  const list = pageWindow(first, fetchPage, changed);
  list.show(0, 30);
  expect(asked).toEqual([]);
  list.show(930, 960);
  list.show(940, 970);
  await vi.waitFor(() => expect(list.count).toBe(2000));
  list.show(1990, 1999);
  await vi.waitFor(() => expect(list).toMatchObject({ count: 2500, hasMore: false }));
  expect(asked).toEqual([1000, 2000]);
  expect(list.at(2499)).toBe(2499);
  expect(list.at(2500)).toBeNull();
  expect(changed).toHaveBeenCalledTimes(2);
});

it('holds a few pages of a million rows, and brings back what is looked at again', async () => {
  const { first, fetchPage } = numbers(1_000_000);
  const list = pageWindow(first, fetchPage, () => undefined);
  while (list.hasMore) {
    const before = list.count;
    list.show(before - 40, before - 1);
    await vi.waitFor(() => expect(list.count).toBeGreaterThan(before), { interval: 0 });
  }
  expect(list.count).toBe(1_000_000);
  list.show(999_960, 999_999);
  expect(list.loaded().length).toBeLessThanOrEqual(15 * SIZE);
  expect(list.at(999_999)).toBe(999_999);
  expect(list.at(5)).toBe(5);

  expect(list.at(500_500)).toBeNull();
  list.show(500_480, 500_520);
  await vi.waitFor(() => expect(list.at(500_500)).toBe(500_500));
  expect(list.at(999_999)).toBeNull();
  expect(list.loaded().length).toBeLessThanOrEqual(15 * SIZE);
});

it('says what went wrong, and tries again when it is looked at again', async () => {
  const { first, fetchPage } = numbers(2000);
  const problems: unknown[] = [];
  let isAway = true;
  const list = pageWindow(
    first,
    (cursor) => (isAway ? Promise.reject(new Error('away')) : fetchPage(cursor)),
    (problem) => problems.push(problem),
  );
  list.show(990, 999);
  await vi.waitFor(() => expect(problems).toEqual([new Error('away')]));
  isAway = false;
  list.show(990, 999);
  await vi.waitFor(() => expect(list.count).toBe(2000));
});

it('tells nobody anything once it is done with', async () => {
  const { first, fetchPage } = numbers(2000);
  const changed = vi.fn();
  const signals: AbortSignal[] = [];
  const list = pageWindow(
    first,
    (cursor, signal) => {
      signals.push(signal);
      return fetchPage(cursor);
    },
    changed,
  );
  list.show(990, 999);
  list.dispose();
  expect(signals[0]?.aborted).toBe(true);
  await vi.waitFor(() => expect(list.count).toBe(2000));
  expect(changed).not.toHaveBeenCalled();
});
