import type { LogRecord, LogsResponse } from '@telemetryflow/contracts';
import { computed, onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { pageWindow, type PageWindow } from '../../../lib/page-window.js';
import { queryClient, useApiQuery } from '../../../lib/query.js';
import { refreshKey } from '../../../lib/refresh.js';
import type { ResolvedRange, TimeRange } from '../../../lib/time-range.js';

/** The first page is on screen soon; the following ones are as large as the server gives. */
const FIRST = 200;
const FOLLOWING = 1000;

interface FirstPage {
  readonly rows: readonly LogRecord[];
  readonly nextCursor: string | null;
  readonly range: ResolvedRange;
  readonly filter: string;
}

/**
 * The log records of a range that match a filter, newest first, however many. The range is resolved with the first page
 * and kept for the following ones. The page's refresh control reloads it while only the first page is shown; someone who
 * has read on is not thrown back (`isHeld`), until `restart`.
 */
export function useLogList(range: TimeRange, filter: MaybeRefOrGetter<string>, isShown: MaybeRefOrGetter<boolean>) {
  const key = computed(() => ['logs', 'list', toValue(filter), range.from, range.to]);
  const read = async (
    of: ResolvedRange,
    text: string,
    limit: number,
    cursor: string | undefined,
    signal: AbortSignal,
  ) => {
    const { data, meta } = await api.get<LogsResponse>('/telemetry/logs', {
      query: { from: of.fromMs, to: of.toMs, filter: text, limit, cursor },
      signal,
    });
    return { rows: data, nextCursor: meta.nextCursor };
  };
  const query = useApiQuery<FirstPage>(
    key,
    async ({ signal }) => {
      const resolved = range.resolve();
      const text = toValue(filter);
      return { ...(await read(resolved, text, FIRST, undefined, signal)), range: resolved, filter: text };
    },
    { enabled: isShown, live: false, isLarge: true },
  );

  const pages = shallowRef<PageWindow<LogRecord> | null>(null);
  /** Rises when rows came or went: what reads from `pages` follows it. */
  const version = ref(0);
  const problem = ref<Error | null>(null);
  watch(
    () => query.data.value,
    (first) => {
      pages.value?.dispose();
      problem.value = null;
      pages.value = first
        ? pageWindow(
            first,
            (cursor, signal) => read(first.range, first.filter, FOLLOWING, cursor, signal),
            (failure) => {
              problem.value = failure instanceof Error ? failure : null;
              version.value += 1;
            },
          )
        : null;
    },
    { immediate: true },
  );
  onScopeDispose(() => pages.value?.dispose());

  const state = computed(() => ({
    version: version.value,
    count: pages.value?.count ?? 0,
    hasMore: pages.value?.hasMore ?? false,
  }));
  const isHeld = computed(() => state.value.count > FIRST);
  watch(refreshKey, () => {
    if (!isHeld.value && toValue(isShown)) void query.refetch();
  });
  return {
    query,
    pages,
    /** Why rows further down could not be loaded. */
    problem,
    version,
    count: computed(() => state.value.count),
    hasMore: computed(() => state.value.hasMore),
    /** Of the rows on screen; before the first answer, of now. */
    resolved: computed<ResolvedRange>(() => query.data.value?.range ?? range.resolve()),
    isHeld,
    /** Back to the newest rows. */
    restart: () => void queryClient.resetQueries({ queryKey: key.value, exact: true }),
  };
}
