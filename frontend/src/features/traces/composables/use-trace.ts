import type { TraceResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import { criticalPath } from '../model/critical-path.js';
import { buildTraceTree } from '../model/trace-tree.js';

/** A trace with its tree and critical path. */
export function useTrace(traceId: MaybeRefOrGetter<string>) {
  const query = useApiQuery(
    () => ['trace', toValue(traceId)],
    ({ signal }) => api.get<TraceResponse>(`/telemetry/traces/${toValue(traceId)}`, { signal }),
    { keepPrevious: false, live: false, isLarge: true },
  );
  const tree = computed(() => (query.data.value ? buildTraceTree(query.data.value.spans) : null));
  const path = computed(() => criticalPath(tree.value?.main ?? null));
  return { query, tree, path };
}
