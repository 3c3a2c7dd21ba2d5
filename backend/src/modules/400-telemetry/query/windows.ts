import type { Cursor } from './cursor.js';
import type { TimeRange } from './range.js';

const FIRST_NS = 60_000_000_000n;
const GROWTH = 16n;

/**
 * Cuts the range into adjoining windows, each sixteen times the one before, starting at the end that is read first: a
 * list that is filled by its first rows costs a look at the first window. At most four, because each has its own cost: the
 * rows of an hour are ordered by service, so that a window within an hour looks at much of it.
 */
export function* growingWindows(range: TimeRange, order: 'desc' | 'asc'): Generator<TimeRange> {
  const smallest = (range.toNs - range.fromNs) / 273n;
  let width = smallest > FIRST_NS ? smallest : FIRST_NS;
  let { fromNs, toNs } = range;
  while (fromNs < toNs) {
    const window =
      order === 'desc'
        ? { fromNs: toNs - width > fromNs ? toNs - width : fromNs, toNs }
        : { fromNs, toNs: fromNs + width < toNs ? fromNs + width : toNs };
    yield window;
    if (order === 'desc') toNs = window.fromNs;
    else fromNs = window.toNs;
    width *= GROWTH;
  }
}

/** What of the range lies at or behind the cursor. */
export function remaining(range: TimeRange, order: 'desc' | 'asc', after: Cursor | undefined): TimeRange {
  if (after === undefined) return range;
  if (order === 'desc') return { ...range, toNs: after.ns + 1n < range.toNs ? after.ns + 1n : range.toNs };
  return { ...range, fromNs: after.ns > range.fromNs ? after.ns : range.fromNs };
}

/** The first rows of a list, window after window, until there are `most`; `ask` is told how many are still wanted. */
export async function firstRows<T>(
  windows: Iterable<TimeRange>,
  most: number,
  ask: (window: TimeRange, limit: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const rows: T[] = [];
  for (const window of windows) {
    rows.push(...(await ask(window, most - rows.length)));
    if (rows.length >= most) break;
  }
  return rows;
}
