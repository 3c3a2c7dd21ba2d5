import type { LogsResponse } from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';

/** As many as one answer carries. */
const MAX_LOGS = 1000;

/** The first log records of a trace; asked for once somebody wants to see them. */
export function useTraceLogs(traceId: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) {
  return useApiQuery(
    () => ['trace', toValue(traceId), 'logs'],
    ({ signal }) =>
      api.get<LogsResponse>(`/telemetry/traces/${toValue(traceId)}/logs`, { query: { limit: MAX_LOGS }, signal }),
    { enabled, keepPrevious: false, live: false },
  );
}
