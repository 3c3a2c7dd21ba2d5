import { keepPreviousData, QueryClient, useQuery, type UseQueryReturnType } from '@tanstack/vue-query';
import { computed, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { ApiError } from './api.js';
import { refreshKey } from './refresh.js';

/** A refused call is not asked again; one that got no answer is, twice. */
export function shouldRetry(failureCount: number, error: unknown): boolean {
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false;
  return failureCount < 2;
}

/** The application's cache. Cleared on logout and when the tenant changes. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: shouldRetry,
      retryDelay: (n) => 500 * 2 ** n,
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // A browser that thinks itself offline may well reach a server on this machine or in this network.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/**
 * Asks again for whatever a command made stale, by the first part of the keys. `gone` is the id of what was deleted: what
 * its own page still shows of it is not asked for, for the answer would only be that it is gone.
 */
export function reload(roots: readonly string[], gone?: string): void {
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [root, ...rest] }) =>
      roots.includes(String(root)) &&
      (gone === undefined || !rest.some((part) => typeof part === 'string' && part.includes(gone))),
  });
}

export interface ApiQueryOptions {
  enabled?: MaybeRefOrGetter<boolean>;
  /** Ask again at every tick of the page's refresh control. Default true. */
  live?: boolean;
  /** Milliseconds between own polls; false for none. Hidden tabs don't poll. */
  pollMs?: MaybeRefOrGetter<number | false>;
  /** Keep showing the data of the key before while the new one loads. Default true. */
  keepPrevious?: boolean;
  /** The answer is too large to be compared, part by part, with the one before. */
  isLarge?: boolean;
}

export type ApiQuery<T> = UseQueryReturnType<T, Error>;

/**
 * A read of the API: old data stays while new data loads, a superseded call is aborted, refused calls are not repeated.
 * The key must name everything the answer depends on (a range by its `from`/`to` texts, not by resolved milliseconds).
 *
 *     const traces = useApiQuery(() => ['traces', range.from, range.to, filter.value], ({ signal }) =>
 *       api.get<TracesResponse>('/telemetry/traces', { query: {...}, signal }));
 */
export function useApiQuery<T>(
  key: MaybeRefOrGetter<readonly unknown[]>,
  fn: (context: { signal: AbortSignal }) => Promise<T>,
  options: ApiQueryOptions = {},
): ApiQuery<T> {
  const enabled = () => toValue(options.enabled) ?? true;
  const query = useQuery<T>({
    queryKey: computed(() => [...toValue(key)]),
    queryFn: ({ signal }) => fn({ signal }),
    enabled,
    // Answers are never changed in place, so their insides need no tracking.
    shallow: true,
    ...(options.isLarge && { structuralSharing: false }),
    refetchInterval: () => toValue(options.pollMs) ?? false,
    ...(options.keepPrevious === false ? {} : { placeholderData: keepPreviousData }),
  });
  if (options.live !== false) {
    watch(refreshKey, () => {
      if (enabled()) void query.refetch();
    });
  }
  return query;
}
