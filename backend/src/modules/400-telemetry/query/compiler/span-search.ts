import type { TfqlExpression } from '@telemetryflow/contracts';
import type { Cursor } from '../cursor.js';
import type { TimeRange } from '../range.js';
import { attributeColumns, hexId } from '../readers/attributes.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { instant, nanosText, recordsWithin } from './time.js';

export interface SpanSearch {
  readonly tenantId: string;
  readonly window: TimeRange;
  readonly filter: TfqlExpression;
  readonly sort: 'newest' | 'slowest';
  /** Its `ns` is what is sorted by: the start, or the duration. Its `id` is the trace's and the span's, 48 digits. */
  readonly after?: Cursor;
  readonly limit: number;
  /** Whether the rows carry their attributes. */
  readonly withAttributes: boolean;
}

/** Spans of the window that match the filter, newest or slowest first. */
export function compileSpanSearch(search: SpanSearch): Statement {
  const { tenantId, window, filter, sort, after, limit, withAttributes } = search;
  const params = new Parameters(tenantId);
  const key = sort === 'newest' ? 'timestamp' : 'duration_ns';
  const conditions = [params.tenantFilter, recordsWithin(window, params)];
  if (filter.kind !== 'all') conditions.push(compileFilter(filter, 'spans', params));
  if (after !== undefined) {
    const place = sort === 'newest' ? instant(after.ns, params) : params.add('UInt64', after.ns.toString());
    const [trace, span] = [after.id.slice(0, 32), after.id.slice(32)].map((id) => params.add('String', id));
    conditions.push(`(${key}, trace_id, span_id) < (${place}, unhex(${trace}), unhex(${span}))`);
  }
  return params.statement(`SELECT
  lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, ${hexId('parent_span_id', 16)} AS parentSpanId,
  name, kind, service_name AS serviceName,
  ${nanosText('timestamp')} AS startNs, toString(duration_ns) AS durationNs,
  status_code AS statusCode, status_message AS statusMessage,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId${withAttributes ? `,\n  ${attributeColumns('a')}` : ''}
FROM spans_v3
WHERE ${conditions.join('\n  AND ')}
ORDER BY ${key} DESC, trace_id DESC, span_id DESC
LIMIT ${params.add('UInt32', limit)}`);
}
