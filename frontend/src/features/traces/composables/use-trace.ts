import type { TraceOutline } from '@telemetryflow/contracts';
import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import { followCriticalPath, type CriticalPath } from '../model/critical-path.js';
import { readOutline } from '../model/outline.js';
import { runInTurns, type Pieces } from '../model/pieces.js';
import { arrangeTrace, type TraceTree } from '../model/trace-tree.js';

export interface Trace {
  readonly tree: TraceTree;
  readonly path: CriticalPath;
  readonly spanCount: number;
  readonly isTruncated: boolean;
}

/** A trace with its tree and critical path; null until it is arranged, which leaves the page its turns. */
export function useTrace(traceId: MaybeRefOrGetter<string>) {
  const query = useApiQuery(
    () => ['trace', toValue(traceId), 'outline'],
    ({ signal }) => api.get<TraceOutline>(`/telemetry/traces/${toValue(traceId)}/outline`, { signal }),
    { keepPrevious: false, live: false, isLarge: true },
  );
  const trace = shallowRef<Trace | null>(null);
  let arranging = new AbortController();
  watch(
    query.data,
    async (outline) => {
      arranging.abort();
      arranging = new AbortController();
      const { signal } = arranging;
      trace.value = null;
      if (outline === undefined) return;
      const arranged = await runInTurns(arrange(outline), signal);
      if (arranged !== undefined && !signal.aborted) trace.value = arranged;
    },
    { immediate: true },
  );
  onScopeDispose(() => arranging.abort());
  return { query, trace };
}

function* arrange(outline: TraceOutline): Pieces<Trace> {
  const spans = yield* readOutline(outline);
  const tree = yield* arrangeTrace(spans, BigInt(outline.startTimeUnixNano));
  const path = yield* followCriticalPath(tree.main);
  return { tree, path, spanCount: outline.spanCount, isTruncated: outline.truncated };
}
