import type { LogRecord, LogsResponse } from '@telemetryflow/contracts';
import { computed, onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { pageWindow, type Fetched, type PageWindow } from '../../../lib/page-window.js';
import { queryClient, useApiQuery } from '../../../lib/query.js';
import { refreshKey } from '../../../lib/refresh.js';
import type { ResolvedRange, TimeRange } from '../../../lib/time-range.js';

/** The first page is on screen soon; the following ones are as large as the server gives. */
const FIRST = 200;
const FOLLOWING = 1000;

/** What is read: the same for all pages of a list. */
interface Question {
  readonly range: ResolvedRange;
  readonly filter: string;
}

type FirstPage = Question & Fetched<LogRecord>;

/**
 * The log records of a range that match a filter, newest first, however many. The range is resolved with the first page
 * and kept for the following ones. The page's refresh control reloads it while only the first page is shown; someone who
 * has read on is not thrown back (`isHeld`), until `restart`.
 */
export function useLogList(range: TimeRange, filter: MaybeRefOrGetter<string>, isShown: MaybeRefOrGetter<boolean>) {
  const key = computed(() => ['logs', 'list', toValue(filter), range.from, range.to]);
  const query = useApiQuery<FirstPage>(
    key,
    async ({ signal }) => {
      const question = { range: range.resolve(), filter: toValue(filter) };
      return { ...question, ...(await readPage(question, { limit: FIRST }, signal)) };
    },
    { enabled: isShown, live: false, isLarge: true },
  );
  const list = useFollowingPages(() => query.data.value);

  const isHeld = computed(() => list.count.value > FIRST);
  watch(refreshKey, () => {
    if (!isHeld.value && toValue(isShown)) void query.refetch();
  });
  return {
    query,
    ...list,
    /** Of the rows on screen; before the first answer, of now. */
    resolved: computed<ResolvedRange>(() => query.data.value?.range ?? range.resolve()),
    isHeld,
    /** Back to the newest rows. */
    restart: () => void queryClient.resetQueries({ queryKey: key.value, exact: true }),
  };
}

async function readPage(
  { range, filter }: Question,
  page: { readonly limit: number; readonly cursor?: string },
  signal: AbortSignal,
): Promise<Fetched<LogRecord>> {
  const { data, meta } = await api.get<LogsResponse>('/telemetry/logs', {
    query: { from: range.fromMs, to: range.toMs, filter, ...page },
    signal,
  });
  return { rows: data, nextCursor: meta.nextCursor };
}

/** The rows of a first page and those that follow it, as far as somebody reads; another first page begins anew. */
function useFollowingPages(first: () => FirstPage | undefined) {
  const pages = shallowRef<PageWindow<LogRecord> | null>(null);
  /** Rises when rows came or went: what reads from `pages` follows it. */
  const version = ref(0);
  /** Why rows further down could not be loaded. */
  const problem = ref<Error | null>(null);
  const onChange = (failure?: unknown) => {
    problem.value = failure instanceof Error ? failure : null;
    version.value += 1;
  };
  watch(
    first,
    (page) => {
      pages.value?.dispose();
      problem.value = null;
      pages.value = page
        ? pageWindow(page, (cursor, signal) => readPage(page, { limit: FOLLOWING, cursor }, signal), onChange)
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
  return {
    pages,
    version,
    problem,
    count: computed(() => state.value.count),
    hasMore: computed(() => state.value.hasMore),
  };
}
