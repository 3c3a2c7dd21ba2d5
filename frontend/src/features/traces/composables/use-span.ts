import type { Span } from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';

/** Everything of one span of a trace; nothing while none is chosen. */
export function useSpan(traceId: MaybeRefOrGetter<string>, spanId: MaybeRefOrGetter<string | undefined>) {
  return useApiQuery(
    () => ['trace', toValue(traceId), 'span', toValue(spanId)],
    ({ signal }) => api.get<Span>(`/telemetry/traces/${toValue(traceId)}/spans/${toValue(spanId)}`, { signal }),
    { enabled: () => toValue(spanId) !== undefined, live: false, keepPrevious: false },
  );
}
