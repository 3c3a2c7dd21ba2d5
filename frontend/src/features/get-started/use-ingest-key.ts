import { type CreateApiKeyRequest, type CreatedApiKey, INGEST_PERMISSIONS } from '@telemetryflow/contracts';
import { computed, ref, shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { api, ApiError } from '../../lib/api.js';
import { formatDateTime } from '../../lib/format.js';
import { useSession } from '../../lib/session.js';

/** A key that may write all three signals into the current tenant, made on demand. Its secret lives on this page only. */
export function useIngestKey() {
  const { t } = useI18n();
  const session = useSession();
  const key = shallowRef<CreatedApiKey | null>(null);
  const busy = ref(false);
  const error = ref('');
  const allowed = computed(() => session.can('api-keys:create'));

  async function create(): Promise<void> {
    if (busy.value || session.tenantId === null) return;
    busy.value = true;
    error.value = '';
    const request: CreateApiKeyRequest = {
      name: t('get-started.key.name', { time: formatDateTime(Date.now(), 'second') }),
      permissions: [...INGEST_PERMISSIONS],
      scope: { type: 'tenant', tenantId: session.tenantId },
    };
    try {
      key.value = await api.post<CreatedApiKey>('/api-keys', request);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      error.value = cause.code === 'NETWORK' ? t('ui.state.network') : cause.detail;
    } finally {
      busy.value = false;
    }
  }

  return { key, busy, error, allowed, create };
}
