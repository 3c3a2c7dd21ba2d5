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
