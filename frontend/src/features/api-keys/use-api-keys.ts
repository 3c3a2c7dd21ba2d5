import type {
  ApiKey,
  ApiKeyPage,
  ApiKeyUsage,
  CreateApiKeyRequest,
  CreatedApiKey,
  RotatedApiKey,
  UpdateApiKeyRequest,
} from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../lib/api.js';
import type { ListState } from '../../lib/list-state.js';
import { itemsPerPage } from '../../lib/preferences.js';
import { queryClient, useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

export type UsageBucket = 'hour' | 'day' | 'month';

const DAY_MS = 86_400_000;
/** How far back each width of a bucket looks, in ms. */
const USAGE_SPAN_MS: Readonly<Record<UsageBucket, number>> = {
  hour: DAY_MS,
  day: 30 * DAY_MS,
  month: 365 * DAY_MS,
};

/** A page of the keys of the tenant on screen and of its workspace. */
export function useApiKeys(list: ListState) {
  const session = useSession();
  const status = list.filter('status');
  const query = computed(() => ({
    page: list.page.value,
    limit: itemsPerPage.value,
    search: list.search.value,
    status: status.value,
  }));
  return useApiQuery(
    () => ['api-keys', 'list', session.tenantId, query.value],
    ({ signal }) => api.get<ApiKeyPage>('/api-keys', { query: query.value, signal }),
    { live: false, enabled: () => session.can('api-keys:read') },
  );
}

export function useApiKey(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['api-keys', 'one', toValue(id)],
    ({ signal }) => api.get<ApiKey>(`/api-keys/${toValue(id)}`, { signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

/** What a key was used for. `range` of the answer is what was asked for, in Unix ms. */
export function useKeyUsage(id: MaybeRefOrGetter<string>, bucket: MaybeRefOrGetter<UsageBucket>) {
  return useApiQuery(
    () => ['api-keys', 'usage', toValue(id), toValue(bucket)],
    async ({ signal }) => {
      const toMs = Date.now();
      const fromMs = toMs - USAGE_SPAN_MS[toValue(bucket)];
      const usage = await api.get<ApiKeyUsage>(`/api-keys/${toValue(id)}/usage`, {
        query: { bucket: toValue(bucket), from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
        signal,
      });
      return { usage, range: { fromMs, toMs } };
    },
  );
}

export function useKeyRights() {
  const session = useSession();
  return {
    mayCreate: computed(() => session.can('api-keys:create')),
    mayUpdate: computed(() => session.can('api-keys:update')),
    mayRevoke: computed(() => session.can('api-keys:delete')),
  };
}

async function then<T>(call: Promise<T>): Promise<T> {
  const answer = await call;
  void queryClient.invalidateQueries({ queryKey: ['api-keys'] });
  return answer;
}

/** Each throws `ApiError` when it is refused. */
export const keyCommands = {
  create: (request: CreateApiKeyRequest) => then(api.post<CreatedApiKey>('/api-keys', request)),
  update: (id: string, request: UpdateApiKeyRequest) => then(api.patch<ApiKey>(`/api-keys/${id}`, request)),
  rotate: (id: string, gracePeriodMinutes: number) =>
    then(api.post<RotatedApiKey>(`/api-keys/${id}/rotate`, { gracePeriodMinutes })),
  suspend: (id: string) => then(api.post(`/api-keys/${id}/suspend`)),
  reactivate: (id: string) => then(api.post(`/api-keys/${id}/reactivate`)),
  revoke: (id: string, reason: string) => then(api.post(`/api-keys/${id}/revoke`, reason === '' ? {} : { reason })),
};
