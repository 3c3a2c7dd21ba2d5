import type { TracesResponse, TraceSummary } from '@telemetryflow/contracts';
import { api } from '../../../lib/api.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { useResultRows } from './use-result-rows.js';

const PAGE_SIZE = 500;

/** The traces of a range that match a filter, newest first, and what is derived from those loaded. */
export function useTraceList(range: TimeRange, filter: () => string) {
  return useResultRows<TraceSummary>({
    key: () => ['traces', filter()],
    range,
    fetchPage: ({ fromMs, toMs, cursor, signal }) =>
      api.get<TracesResponse>('/telemetry/traces', {
        query: { from: fromMs, to: toMs, filter: filter(), limit: PAGE_SIZE, cursor },
        signal,
      }),
    isByTime: () => true,
    describe: (row) => ({
      id: row.traceId,
      spanCount: row.spanCount,
      isError: row.errorCount > 0,
      title: `${row.rootServiceName} ${row.rootSpanName}`,
    }),
  });
}
