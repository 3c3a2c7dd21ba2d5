import type { TraceMatchesResponse } from '@telemetryflow/contracts';
import { refDebounced } from '@vueuse/core';
import { computed, ref, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { filterErrorOf } from '../../../lib/filter-error.js';
import { useApiQuery } from '../../../lib/query.js';
import type { TraceNode, TraceTree } from '../model/trace-tree.js';

/** Search within a trace: words, or any filter of spans. The server looks through what this page does not have. */
export function useSpanSearch(traceId: MaybeRefOrGetter<string>, tree: MaybeRefOrGetter<TraceTree>) {
  const text = ref('');
  const settled = refDebounced(text, 200);
  const filter = computed(() => settled.value.trim());
  const isReadable = computed(() => filterErrorOf(filter.value, null) === null);
  const query = useApiQuery(
    () => ['trace', toValue(traceId), 'matches', filter.value],
    ({ signal }) =>
      api.get<TraceMatchesResponse>(`/telemetry/traces/${toValue(traceId)}/matches`, {
        query: { filter: filter.value },
        signal,
      }),
    { enabled: () => filter.value !== '' && isReadable.value, live: false },
  );
  const ordered = computed((): TraceNode[] => {
    if (filter.value === '' || query.data.value === undefined) return [];
    const { byId } = toValue(tree);
    const nodes = query.data.value.spanIds.flatMap((id) => byId.get(id) ?? []);
    return nodes.sort((a, b) => a.index - b.index);
  });
  /** Null while nothing is searched. */
  const found = computed((): ReadonlySet<TraceNode> | null =>
    filter.value === '' || query.data.value === undefined ? null : new Set(ordered.value),
  );
  const error = computed(() => filterErrorOf(filter.value, query.error.value)?.message ?? '');
  const current = ref(-1);
  watch(ordered, () => (current.value = -1));

  /** The next match (or the one before), around the end; null without any. */
  function step(by: 1 | -1): TraceNode | null {
    const count = ordered.value.length;
    if (count === 0) return null;
    current.value = current.value < 0 && by < 0 ? count - 1 : (current.value + by + count) % count;
    return ordered.value[current.value] ?? null;
  }
  return { text, found, current, error, count: computed(() => ordered.value.length), step };
}
