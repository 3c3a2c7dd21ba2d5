import type { IngestStatus } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';
import type { TimeRange } from '../../lib/time-range.js';

/**
 * Why an explorer is empty, and the one thing to do about it: nothing was ever sent, the filter matches nothing, or the
 * range holds nothing.
 */
export function useEmptyState(options: {
  isEmpty: () => boolean;
  filter: () => string;
  clearFilter: () => void;
  range: TimeRange;
  texts: { filter: string; range: string };
}) {
  const { t } = useI18n();
  const router = useRouter();
  const status = useApiQuery(
    () => ['telemetry', 'status'],
    ({ signal }) => api.get<IngestStatus>('/telemetry/status', { signal }),
    { enabled: options.isEmpty },
  );
  return computed(() => {
    const known = status.data.value;
    if (known && known.traces === null && known.logs === null && known.metrics === null) {
      return {
        text: t('explorer.noData'),
        action: t('explorer.getStarted'),
        run: () => void router.push('/get-started'),
      };
    }
    if (options.filter() !== '') {
      return { text: options.texts.filter, action: t('explorer.resetFilter'), run: options.clearFilter };
    }
    return {
      text: options.texts.range,
      action: t('explorer.widen'),
      run: () => void options.range.set('now-24h', 'now'),
    };
  });
}
