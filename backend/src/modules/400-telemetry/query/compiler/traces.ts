import type { TfqlExpression } from '@telemetryflow/contracts';
import type { Cursor } from '../cursor.js';
import type { TimeRange } from '../range.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { instant, nanosText, recordsWithin, within } from './time.js';

export interface TraceSearch {
  readonly tenantId: string;
  readonly window: TimeRange;
  readonly filter: TfqlExpression;
  readonly after?: Cursor;
  readonly limit: number;
}

/** How long after its window a trace may still have the span that the filter finds. */
const TRACE_TAIL_NS = 3_600_000_000_000n;

/**
 * Summaries of the traces that start in the window and have a span that matches the filter, newest first. The numbers
 * are those of the whole trace: a trace over midnight has a row per day, which is why the day before is read too.
 */
export function compileTraceSearch({ tenantId, window, filter, after, limit }: TraceSearch): Statement {
  const params = new Parameters(tenantId);
  const candidates =
    filter.kind === 'all'
      ? `SELECT trace_id FROM traces_v3
    WHERE ${params.tenantFilter} AND ${sinceDay(window, params)} AND ${within('start_time', window, params)}`
      : `SELECT trace_id FROM spans_v3
    WHERE ${params.tenantFilter} AND ${recordsWithin({ ...window, toNs: window.toNs + TRACE_TAIL_NS }, params)}
      AND ${compileFilter(filter, 'spans', params)}`;
  const cursor =
    after === undefined
      ? ''
      : `\n  AND (started, trace_id) < (${instant(after.ns, params)}, unhex(${params.add('String', after.id)}))`;
  return params.statement(`SELECT
  lower(hex(trace_id)) AS traceId,
  min(start_time) AS started,
  ${nanosText('started')} AS startNs,
  toString(toUnixTimestamp64Nano(max(end_time)) - toUnixTimestamp64Nano(started)) AS durationNs,
  sum(span_count) AS spanCount,
  sum(error_count) AS errorCount,
  max(root) AS top,
  top.is_root AS hasRoot,
  top.service_name AS rootServiceName,
  top.name AS rootSpanName,
  arraySort(groupUniqArrayArray(services)) AS allServices
FROM traces_v3
WHERE ${params.tenantFilter} AND ${sinceDay(window, params)} AND trace_id IN (
    ${candidates}
  )
GROUP BY trace_id
HAVING ${within('started', window, params)}${cursor}
ORDER BY started DESC, trace_id DESC
LIMIT ${params.add('UInt32', limit)}`);
}

/** How many spans a trace has. */
export function compileTraceSize(tenantId: string, traceId: string): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT sum(span_count) AS spanCount
FROM traces_v3
WHERE ${params.tenantFilter} AND trace_id = unhex(${params.add('String', traceId)})`);
}

function sinceDay(window: TimeRange, params: Parameters): string {
  return `day >= toDate(${instant(window.fromNs, params)}) - 1`;
}
