import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query';
import { computed, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { queryClient } from './query.js';
import { refreshKey } from './refresh.js';
import type { ResolvedRange, TimeRange } from './time-range.js';

interface Page<T> {
  readonly data: readonly T[];
  readonly range: ResolvedRange;
  readonly nextCursor: string | null;
}

interface Next {
  readonly cursor: string;
  readonly range: ResolvedRange;
}

export interface PageRequest extends ResolvedRange {
  readonly cursor: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * A telemetry list that is read in pages by cursor, newest first. The range is resolved with the first page and kept for
 * the following ones, so that what is loaded is one consistent piece of time. The page's refresh control reloads it
 * while only the first page is shown; someone who has read on is not thrown back (`isHeld`), until `restart`.
 */
export function usePagedQuery<T>(
  key: MaybeRefOrGetter<readonly unknown[]>,
  range: TimeRange,
  fetchPage: (request: PageRequest) => Promise<{ data: readonly T[]; meta: { nextCursor: string | null } }>,
) {
  const fullKey = computed(() => [...toValue(key), range.from, range.to]);
  const query = useInfiniteQuery({
    queryKey: fullKey,
    queryFn: async ({ pageParam, signal }): Promise<Page<T>> => {
      const resolved = pageParam?.range ?? range.resolve();
      const { data, meta } = await fetchPage({ ...resolved, cursor: pageParam?.cursor, signal });
      return { data, range: resolved, nextCursor: meta.nextCursor };
    },
    initialPageParam: null as Next | null,
    getNextPageParam: ({ nextCursor, range: resolved }): Next | null =>
      nextCursor === null ? null : { cursor: nextCursor, range: resolved },
    placeholderData: keepPreviousData,
    shallow: true,
  });
  const pages = computed(() => query.data.value?.pages ?? []);
  const isHeld = computed(() => pages.value.length > 1);

  watch(refreshKey, () => {
    if (!isHeld.value) void query.refetch();
  });

  return {
    query,
    rows: computed<readonly T[]>(() => pages.value.flatMap((page) => page.data)),
    /** Of the rows on screen; before the first answer, of now. */
    resolved: computed<ResolvedRange>(() => pages.value[0]?.range ?? range.resolve()),
    hasMore: computed(() => query.hasNextPage.value),
    isLoadingMore: computed(() => query.isFetchingNextPage.value),
    isHeld,
    loadMore: () => {
      if (query.hasNextPage.value && !query.isFetching.value) void query.fetchNextPage();
    },
    /** Back to the newest rows. */
    restart: () => void queryClient.resetQueries({ queryKey: fullKey.value, exact: true }),
  };
}
