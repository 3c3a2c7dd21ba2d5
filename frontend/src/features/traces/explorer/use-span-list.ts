import type { SpansResponse, SpanSummary } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { api } from '../../../lib/api.js';
import { toMs } from '../../../lib/format.js';
import { usePagedQuery } from '../../../lib/paged-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import type { ScatterPoint } from '../../../ui/charts/scatter.js';

const PAGE_SIZE = 500;

/** The id of a span among all: it alone is only unique within its trace. */
export const spanKey = ({ traceId, spanId }: { traceId: string; spanId: string }) => `${traceId}-${spanId}`;

/** The spans of a range that match a filter, newest or slowest first, and what is derived from those loaded. */
export function useSpanList(
  range: TimeRange,
  question: () => { filter: string; sort: 'newest' | 'slowest'; columns: readonly string[] },
) {
  const list = usePagedQuery<SpanSummary>(
    () => ['spans', question()],
    range,
    ({ fromMs, toMs: endMs, cursor, signal }) => {
      const { filter, sort, columns } = question();
      const query = { from: fromMs, to: endMs, filter, sort, fields: columns.join(','), limit: PAGE_SIZE, cursor };
      return api.get<SpansResponse>('/telemetry/spans', { query, signal });
    },
  );
  const longestNs = computed(() => list.rows.value.reduce((max, row) => Math.max(max, Number(row.durationNs)), 0));
  const points = computed<ScatterPoint[]>(() =>
    list.rows.value.map((row) => ({
      id: spanKey(row),
      timeMs: toMs(row.startTimeUnixNano),
      durationNs: Number(row.durationNs),
      spanCount: 1,
      isError: row.statusCode === 'error',
      title: `${row.serviceName} ${row.name}`,
    })),
  );
  /** Where the loaded rows begin when older ones are left, in Unix ms. The slowest lie anywhere. */
  const loadedFromMs = computed(() => {
    const oldest = list.rows.value.at(-1);
    return question().sort === 'newest' && list.hasMore.value && oldest ? toMs(oldest.startTimeUnixNano) : null;
  });
  return { ...list, longestNs, points, loadedFromMs };
}
