import type { Cursor } from './cursor.js';
import type { TimeRange } from './range.js';

const FIRST_NS = 60_000_000_000n;
const GROWTH = 16n;
/** The first of three windows in the range. */
const PARTS = 1n + GROWTH + GROWTH * GROWTH;

/**
 * Cuts the range into adjoining windows, each sixteen times the one before, starting at the end that is read first: a
 * list that is filled by its first rows costs a look at the first window. At most three, because each has its own cost: the
 * rows of an hour are ordered by service, so that a window within an hour looks at much of it.
 */
export function growingWindows(range: TimeRange, order: 'desc' | 'asc'): TimeRange[] {
  const windows: TimeRange[] = [];
  const smallest = (range.toNs - range.fromNs + PARTS - 1n) / PARTS;
  let width = smallest > FIRST_NS ? smallest : FIRST_NS;
  let { fromNs, toNs } = range;
  while (fromNs < toNs) {
    const window =
      order === 'desc'
        ? { fromNs: toNs - width > fromNs ? toNs - width : fromNs, toNs }
        : { fromNs, toNs: fromNs + width < toNs ? fromNs + width : toNs };
    windows.push(window);
    if (order === 'desc') toNs = window.fromNs;
    else fromNs = window.toNs;
    width *= GROWTH;
  }
  return windows;
}

const HOUR_NS = 3_600_000_000_000n;

export interface List {
  readonly range: TimeRange;
  readonly order: 'desc' | 'asc';
  readonly most: number;
  /** Whether only some of the records are looked for. */
  readonly isFiltered: boolean;
}

/**
 * The windows in which a list is read. Where only some of the records are looked for, an hour is not divided: its parts would
 * cost as much as it does.
 */
export function listWindows({ range, order, isFiltered }: Omit<List, 'most'>): TimeRange[] {
  return isFiltered && range.toNs - range.fromNs <= HOUR_NS ? [range] : growingWindows(range, order);
}

/** What of the range lies at or behind the cursor. */
export function remaining(range: TimeRange, order: 'desc' | 'asc', after: Cursor | undefined): TimeRange {
  if (after === undefined) return range;
  if (order === 'desc') return { ...range, toNs: after.ns + 1n < range.toNs ? after.ns + 1n : range.toNs };
  return { ...range, fromNs: after.ns > range.fromNs ? after.ns : range.fromNs };
}

/**
 * The first rows of a list, window after window, until there are `most`; `ask` is told how many are still wanted. Where a
 * filter finds nothing in the first window, one that is a few times as wide would hardly fill the list: all the rest is
 * asked for at once.
 */
export async function firstRows<T>(
  list: List,
  ask: (window: TimeRange, limit: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const { most, isFiltered } = list;
  const [first, ...others] = listWindows(list);
  if (first === undefined) return [];
  const rows = [...(await ask(first, most))];
  const isRare = isFiltered && rows.length === 0 && most > GROWTH;
  for (const window of isRare ? together(others) : others) {
    if (rows.length >= most) break;
    rows.push(...(await ask(window, most - rows.length)));
  }
  return rows;
}

function together(windows: readonly TimeRange[]): TimeRange[] {
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined) return [];
  return first.fromNs < last.fromNs
    ? [{ fromNs: first.fromNs, toNs: last.toNs }]
    : [{ fromNs: last.fromNs, toNs: first.toNs }];
}
