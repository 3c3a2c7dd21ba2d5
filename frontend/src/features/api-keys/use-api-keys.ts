import type { ApiKeyPage, CreateApiKeyRequest, CreatedApiKey } from '@telemetryflow/contracts';
import { useMutation, useQueryClient } from '@tanstack/vue-query';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

export const PAGE_SIZE = 20;

/** The organization's keys, a page at a time, and what can be done to them. */
export function useApiKeys(page: MaybeRefOrGetter<number>) {
  const session = useSession();
  const cache = useQueryClient();
  const keys = useApiQuery(
    () => ['api-keys', session.tenantId, toValue(page)],
    ({ signal }) => api.get<ApiKeyPage>('/api-keys', { query: { page: toValue(page), limit: PAGE_SIZE }, signal }),
    { live: false, enabled: () => session.can('api-keys:read') },
  );
  const reload = () => cache.invalidateQueries({ queryKey: ['api-keys'] });
  const create = useMutation({
    mutationFn: (request: CreateApiKeyRequest) => api.post<CreatedApiKey>('/api-keys', request),
    onSuccess: reload,
  });
  const revoke = useMutation({ mutationFn: (id: string) => api.delete(`/api-keys/${id}`), onSuccess: reload });
  return { keys, create, revoke };
}
