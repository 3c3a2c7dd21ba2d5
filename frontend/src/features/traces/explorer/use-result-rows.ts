import { computed } from 'vue';
import { toMs } from '../../../lib/format.js';
import { usePagedQuery, type PageRequest } from '../../../lib/paged-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import type { ScatterPoint } from '../../../ui/charts/scatter.js';

interface Timed {
  readonly startTimeUnixNano: string;
  readonly durationNs: string;
}

interface RowsOptions<T> {
  readonly key: () => readonly unknown[];
  readonly range: TimeRange;
  fetchPage(request: PageRequest): Promise<{ data: readonly T[]; meta: { nextCursor: string | null } }>;
  /** Whether rows come newest first. */
  isByTime(): boolean;
  /** What a row's point has beside its time and duration. */
  describe(row: T): Omit<ScatterPoint, 'timeMs' | 'durationNs'>;
}

/** As {@link usePagedQuery}, with what is derived from the rows that are loaded. */
export function useResultRows<T extends Timed>({ key, range, fetchPage, isByTime, describe }: RowsOptions<T>) {
  const list = usePagedQuery(key, range, fetchPage);
  const longestNs = computed(() => list.rows.value.reduce((max, row) => Math.max(max, Number(row.durationNs)), 0));
  const points = computed((): ScatterPoint[] =>
    list.rows.value.map((row) => ({
      ...describe(row),
      timeMs: toMs(row.startTimeUnixNano),
      durationNs: Number(row.durationNs),
    })),
  );
  /** Where the loaded rows begin when older ones are left, in Unix ms. The slowest lie anywhere. */
  const loadedFromMs = computed(() => {
    const oldest = list.rows.value.at(-1);
    return isByTime() && list.hasMore.value && oldest ? toMs(oldest.startTimeUnixNano) : null;
  });
  const isEmpty = computed(() => list.query.isSuccess.value && list.rows.value.length === 0);
  return { ...list, longestNs, points, loadedFromMs, isEmpty };
}

export type ResultRows<T extends Timed = Timed> = ReturnType<typeof useResultRows<T>>;
