import type { SpansResponse, SpanSummary } from '@telemetryflow/contracts';
import { api } from '../../../lib/api.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { useResultRows } from './use-result-rows.js';

const PAGE_SIZE = 500;

/** The id of a span among all: it alone is only unique within its trace. */
export const spanKey = ({ traceId, spanId }: { traceId: string; spanId: string }) => `${traceId}-${spanId}`;

/** The spans of a range that match a filter, newest or slowest first, and what is derived from those loaded. */
export function useSpanList(
  range: TimeRange,
  question: () => { filter: string; sort: 'newest' | 'slowest'; columns: readonly string[] },
) {
  return useResultRows<SpanSummary>({
    key: () => ['spans', question()],
    range,
    fetchPage: ({ fromMs, toMs, cursor, signal }) => {
      const { filter, sort, columns } = question();
      const query = { from: fromMs, to: toMs, filter, sort, fields: columns.join(','), limit: PAGE_SIZE, cursor };
      return api.get<SpansResponse>('/telemetry/spans', { query, signal });
    },
    isByTime: () => question().sort === 'newest',
    describe: (row) => ({
      id: spanKey(row),
      spanCount: 1,
      isError: row.statusCode === 'error',
      title: `${row.serviceName} ${row.name}`,
    }),
  });
}
