import type { LogsResponse } from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';

/** The log records of a trace; asked for once somebody wants to see them. */
export function useTraceLogs(traceId: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) {
  return useApiQuery(
    () => ['trace', toValue(traceId), 'logs'],
    ({ signal }) => api.get<LogsResponse>(`/telemetry/traces/${toValue(traceId)}/logs`, { signal }),
    { enabled, keepPrevious: false },
  );
}
