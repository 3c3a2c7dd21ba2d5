import type { TracesResponse, TraceSummary } from '@telemetryflow/contracts';
import { computed, type MaybeRefOrGetter, toValue } from 'vue';
import { api } from '../../../lib/api.js';
import { toMs } from '../../../lib/format.js';
import { usePagedQuery } from '../../../lib/paged-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import type { ScatterPoint } from '../../../ui/charts/scatter.js';

const PAGE_SIZE = 500;

/** The traces of a range that match a filter, newest first, and what is derived from those loaded. */
export function useTraceList(range: TimeRange, filter: MaybeRefOrGetter<string>) {
  const list = usePagedQuery<TraceSummary>(
    () => ['traces', toValue(filter)],
    range,
    ({ fromMs, toMs, cursor, signal }) =>
      api.get<TracesResponse>('/telemetry/traces', {
        query: { from: fromMs, to: toMs, filter: toValue(filter), limit: PAGE_SIZE, cursor },
        signal,
      }),
  );
  const longestNs = computed(() => list.rows.value.reduce((max, row) => Math.max(max, Number(row.durationNs)), 0));
  const points = computed<ScatterPoint[]>(() =>
    list.rows.value.map((row) => ({
      id: row.traceId,
      timeMs: toMs(row.startTimeUnixNano),
      durationNs: Number(row.durationNs),
      spanCount: row.spanCount,
      isError: row.errorCount > 0,
      title: `${row.rootServiceName} ${row.rootSpanName}`,
    })),
  );
  /** Where the loaded rows begin when older ones are left, in Unix ms. */
  const loadedFromMs = computed(() => {
    const oldest = list.rows.value.at(-1);
    return list.hasMore.value && oldest ? toMs(oldest.startTimeUnixNano) : null;
  });
  return { ...list, longestNs, points, loadedFromMs };
}
