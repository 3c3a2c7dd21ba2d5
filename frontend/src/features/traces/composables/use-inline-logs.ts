import { useStorage } from '@vueuse/core';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { useSession } from '../../../lib/session.js';
import type { TraceNode, TraceTree } from '../model/trace-tree.js';
import { logsBySpan, waterfallItems, type SpanLog } from '../model/waterfall-items.js';
import { useTraceLogs } from './use-trace-logs.js';

const NONE: ReadonlyMap<string, SpanLog[]> = new Map();

/** The rows of the waterfall: the visible spans, with their log records below them where that is wanted and allowed. */
export function useInlineLogs(
  traceId: MaybeRefOrGetter<string>,
  tree: MaybeRefOrGetter<TraceTree>,
  visible: MaybeRefOrGetter<readonly TraceNode[]>,
) {
  const session = useSession();
  const isShown = useStorage('tf-trace-logs', true);
  const query = useTraceLogs(traceId, () => session.can('logs:read'));
  const logs = computed(() => {
    const records = query.data.value?.data ?? [];
    const { byId, startUnixNano } = toValue(tree);
    return logsBySpan(
      records.filter(({ spanId }) => byId.has(spanId)),
      startUnixNano,
    );
  });
  return {
    isShown,
    count: computed(() => [...logs.value.values()].reduce((sum, { length }) => sum + length, 0)),
    items: computed(() => waterfallItems(toValue(visible), isShown.value ? logs.value : NONE)),
  };
}
