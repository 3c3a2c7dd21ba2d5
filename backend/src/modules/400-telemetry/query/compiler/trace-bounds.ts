import type { Parameters } from './parameters.js';
import { nanosText } from './time.js';

export interface TraceBounds {
  /** For the statement's WITH. */
  readonly clause: string;
  /** Of `spans_v3`: a span of the trace. */
  readonly condition: string;
  /** Expressions: when the trace began as DateTime64(9), and as text in Unix nanoseconds; how many spans it has. */
  readonly start: string;
  readonly startNs: string;
  readonly spanCount: string;
}

/**
 * For statements that read much of each span. A trace is in a few granules, one for each of its services, which the engine
 * would leave to a single thread.
 */
export const GRANULES_SIDE_BY_SIDE =
  'merge_tree_min_rows_for_concurrent_read = 1, merge_tree_min_bytes_for_concurrent_read = 1';

/**
 * Where in time a trace lies. The engine answers it before it reads spans, so that the statement prunes by hours as if they
 * were written in it; a statement of its own would cost as much again. A trace that does not exist begins in 1970 and has no
 * spans.
 */
export function traceBounds(traceId: string, params: Parameters): TraceBounds {
  const isTrace = `trace_id = unhex(${params.shared(traceId)})`;
  return {
    clause: `(
  SELECT (min(start_time), max(end_time), sum(span_count)) FROM traces_v3
  WHERE ${params.tenantFilter} AND ${isTrace}
) AS trace`,
    condition: `${params.tenantFilter} AND toStartOfHour(timestamp) >= toStartOfHour(trace.1)
  AND toStartOfHour(timestamp) <= toStartOfHour(trace.2) AND timestamp >= trace.1 AND timestamp <= trace.2
  AND ${isTrace}`,
    start: 'trace.1',
    startNs: nanosText('trace.1'),
    spanCount: 'trace.3',
  };
}
