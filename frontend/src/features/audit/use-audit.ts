import type {
  AuditEntry,
  AuditPage,
  AuditRetention,
  AuditStatistics,
  AuditVerification,
} from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../lib/api.js';
import type { ListState } from '../../lib/list-state.js';
import { itemsPerPage } from '../../lib/preferences.js';
import { queryClient, useApiQuery } from '../../lib/query.js';
import type { TimeRange } from '../../lib/time-range.js';
import { useUrlQuery } from '../../lib/url-query.js';

/** The filters of the trail, as they stand in the URL and in the API. */
export const AUDIT_FILTERS = [
  'category',
  'result',
  'action',
  'actor',
  'resourceType',
  'resourceId',
  'ip',
  'requestId',
  'organizationId',
] as const;
export type AuditFilter = (typeof AUDIT_FILTERS)[number];

export const instant = (ms: number) => new Date(ms).toISOString();

/** The filters of the URL, and the range as instants. */
export function useAuditFilters(list: ListState, range: TimeRange) {
  const url = useUrlQuery();
  const filters = computed<Record<string, string>>(() => ({
    search: list.search.value,
    ...Object.fromEntries(AUDIT_FILTERS.map((name) => [name, url.get(name)])),
  }));
  return {
    filters,
    /** For a call that is made now. */
    query: () => {
      const { fromMs, toMs } = range.resolve();
      return { ...filters.value, from: instant(fromMs), to: instant(toMs) };
    },
    set: (name: AuditFilter, value: string) => url.patch({ [name]: value, page: '' }, { replace: true }),
  };
}

type Filters = ReturnType<typeof useAuditFilters>;

/** A page of acts, newest first. */
export function useAuditPage(list: ListState, range: TimeRange, { filters, query }: Filters) {
  return useApiQuery(
    () => ['audit', 'list', range.from, range.to, filters.value, list.page.value, itemsPerPage.value],
    ({ signal }) =>
      api.get<AuditPage>('/audit', { query: { ...query(), page: list.page.value, limit: itemsPerPage.value }, signal }),
  );
}

/** The range counted, with the bounds that the counts were asked for. */
export function useAuditStatistics(range: TimeRange, organizationId: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['audit', 'statistics', range.from, range.to, toValue(organizationId)],
    async ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      const statistics = await api.get<AuditStatistics>('/audit/statistics', {
        query: { from: instant(fromMs), to: instant(toMs), organizationId: toValue(organizationId) },
        signal,
      });
      return { statistics, fromMs, toMs };
    },
  );
}

export function useAuditEntry(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['audit', 'one', toValue(id)],
    ({ signal }) => api.get<AuditEntry>(`/audit/${toValue(id)}`, { signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

/** Reads the whole chain again: never from the cache. */
export function useVerification(organizationId: string) {
  return useApiQuery(
    ['audit', 'verify', organizationId, crypto.randomUUID()],
    ({ signal }) => api.get<AuditVerification>('/audit/verify', { query: { organizationId }, signal }),
    { live: false },
  );
}

export function useRetention() {
  return useApiQuery(['audit', 'retention'], ({ signal }) => api.get<AuditRetention>('/audit/retention', { signal }), {
    live: false,
  });
}

export async function saveRetention(retention: AuditRetention): Promise<void> {
  await api.put('/audit/retention', retention);
  void queryClient.invalidateQueries({ queryKey: ['audit'] });
}
