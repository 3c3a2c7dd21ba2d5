import type { LogContextResponse, LogRecord } from '@telemetryflow/contracts';
import { computed, shallowRef } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import { useUrlQuery } from '../../../lib/url-query.js';

/** The record that is open beside the list. The URL names it with its time, so that a link opens it wherever it is. */
export function useLogSelection() {
  const url = useUrlQuery();
  const opened = shallowRef<LogRecord | null>(null);
  const id = computed(() => url.get('record'));
  const time = computed(() => url.get('at'));
  const linked = useApiQuery(
    () => ['logs', 'record', id.value, time.value],
    ({ signal }) =>
      api.get<LogContextResponse>(`/telemetry/logs/${encodeURIComponent(id.value)}/context`, {
        query: { time: time.value, before: 0, after: 0, within: 'tenant' },
        signal,
      }),
    {
      enabled: () => id.value !== '' && time.value !== '' && opened.value?.id !== id.value,
      live: false,
      keepPrevious: false,
    },
  );
  return {
    id,
    selected: computed<LogRecord | null>(() => {
      if (id.value === '') return null;
      if (opened.value?.id === id.value) return opened.value;
      return linked.data.value?.data.find((record) => record.id === id.value) ?? null;
    }),
    open: (record: LogRecord) => {
      opened.value = record;
      void url.patch({ record: record.id, at: record.timeUnixNano }, { replace: true });
    },
    close: () => void url.patch({ record: '', at: '', tab: '' }, { replace: true }),
  };
}
