interface LoadedPage<T> {
  readonly count: number;
  /** Null while it is away: it was let go because it is far from what is shown, and comes back when looked at. */
  rows: readonly T[] | null;
  readonly cursor: string | undefined;
  readonly start: number;
}

export interface Fetched<T> {
  readonly rows: readonly T[];
  readonly nextCursor: string | null;
}

export interface PageWindow<T> {
  /** Rows known so far, those that are away included. */
  readonly count: number;
  readonly hasMore: boolean;
  /** Null: on its way. */
  at(index: number): T | null;
  /** Loads what is needed to show these rows, and lets go of what is far from them. */
  show(first: number, last: number): void;
  /** All rows that are here, in order. */
  loaded(): readonly T[];
  dispose(): void;
}

/** Pages on either side of what is shown that stay. */
const KEPT = 6;
/** Rows before the end from which the next page is asked for. */
const AHEAD = 60;

/**
 * A list of any length read by cursor, of which only the part around what is shown is held: scrolling through a million
 * rows costs the memory of a few pages. Begins with a first page that is there already.
 *
 * @param onChange called after rows came, went, or could not be loaded
 */
export function pageWindow<T>(
  first: Fetched<T>,
  fetchPage: (cursor: string, signal: AbortSignal) => Promise<Fetched<T>>,
  onChange: (problem?: unknown) => void,
): PageWindow<T> {
  const pages: LoadedPage<T>[] = [{ rows: first.rows, count: first.rows.length, cursor: undefined, start: 0 }];
  const { load, dispose } = pageLoader(fetchPage, onChange);
  let nextCursor = first.nextCursor;
  let count = first.rows.length;

  const append = (cursor: string) =>
    load(cursor, ({ rows, nextCursor: following }) => {
      pages.push({ rows, count: rows.length, cursor, start: count });
      count += rows.length;
      nextCursor = following;
    });

  return {
    get count() {
      return count;
    },
    get hasMore() {
      return nextCursor !== null;
    },
    at: (index) => {
      const page = pages[indexOfPage(pages, index)];
      return page?.rows?.[index - page.start] ?? null;
    },
    loaded: () => pages.flatMap(({ rows }) => rows ?? []),
    dispose,
    show: (firstIndex, lastIndex) => {
      const [from, to] = [indexOfPage(pages, firstIndex), indexOfPage(pages, lastIndex)];
      for (const [i, page] of pages.entries()) {
        const isNear = i >= from - KEPT && i <= to + KEPT;
        // The first page is not loaded here, and it is where "back to newest" leads.
        if (!isNear && page.cursor !== undefined) page.rows = null;
        else if (page.rows === null && i >= from - 1 && i <= to + 1 && page.cursor !== undefined) {
          load(page.cursor, ({ rows }) => (page.rows = rows));
        }
      }
      if (nextCursor !== null && lastIndex >= count - AHEAD) append(nextCursor);
    },
  };
}

/** Fetches pages, each once at a time; nobody hears of those that come after `dispose`. */
function pageLoader<T>(
  fetchPage: (cursor: string, signal: AbortSignal) => Promise<Fetched<T>>,
  onChange: (problem?: unknown) => void,
) {
  const underWay = new Set<string>();
  const gone = new AbortController();
  const load = (cursor: string, took: (fetched: Fetched<T>) => void): void => {
    if (underWay.has(cursor)) return;
    underWay.add(cursor);
    fetchPage(cursor, gone.signal)
      .then(
        (fetched) => {
          took(fetched);
          if (!gone.signal.aborted) onChange();
        },
        (problem: unknown) => {
          if (!gone.signal.aborted) onChange(problem);
        },
      )
      .finally(() => underWay.delete(cursor));
  };
  return { load, dispose: () => gone.abort() };
}

/** Of the page that has the row; of the last one for rows behind it. */
function indexOfPage(pages: readonly { readonly start: number }[], row: number): number {
  let [low, high] = [0, pages.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pages[middle]?.start ?? Infinity) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
