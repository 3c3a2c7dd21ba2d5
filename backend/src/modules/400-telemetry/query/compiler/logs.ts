import type { TfqlExpression } from '@telemetryflow/contracts';
import type { Cursor } from '../cursor.js';
import type { TimeRange } from '../range.js';
import { attributeColumns, hexId } from '../readers/attributes.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { severityClass } from './severity.js';
import { bucketMs, instant, nanosText, recordsWithin } from './time.js';

export interface LogSearch {
  readonly tenantId: string;
  readonly window: TimeRange;
  readonly filter: TfqlExpression;
  /** Only the records of this trace. */
  readonly traceId?: string;
  /** Only this record, only those of this service, of this resource. */
  readonly id?: string;
  readonly serviceName?: string;
  readonly resourceId?: string;
  readonly order: 'desc' | 'asc';
  readonly after?: Cursor;
  readonly limit: number;
}

/** A record as `LogReader` reads it. */
export const LOG_COLUMNS = `  toString(id) AS recordId,
  ${nanosText('timestamp')} AS timeNs,
  ${nanosText('observed_timestamp')} AS observedNs,
  severity_number AS severityNumber, severity_text AS severityText,
  body, body_type AS bodyType, event_name AS eventName,
  ${hexId('trace_id', 32)} AS traceId,
  ${hexId('span_id', 16)} AS spanId,
  flags, service_name AS serviceName,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId,
  ${attributeColumns('a')},
  dropped_attributes_count AS droppedAttributesCount`;

/** Log records of the window in the order of (timestamp, id). */
export function compileLogSearch(search: LogSearch): Statement {
  const { tenantId, window, filter, traceId, id, serviceName, resourceId, order, after, limit } = search;
  const params = new Parameters(tenantId);
  const conditions = [params.tenantFilter, recordsWithin(window, params)];
  if (traceId !== undefined) conditions.push(`trace_id = unhex(${params.add('String', traceId)})`);
  if (id !== undefined) conditions.push(`id = ${params.add('UInt64', id)}`);
  if (serviceName !== undefined) conditions.push(`service_name = ${params.add('String', serviceName)}`);
  if (resourceId !== undefined) conditions.push(`resource_id = ${params.add('UInt64', resourceId)}`);
  if (filter.kind !== 'all') conditions.push(compileFilter(filter, 'logs', params));
  if (after !== undefined) {
    const place = `(${instant(after.ns, params)}, ${params.add('UInt64', after.id)})`;
    conditions.push(`(timestamp, id) ${order === 'desc' ? '<' : '>'} ${place}`);
  }
  const direction = order === 'desc' ? 'DESC' : 'ASC';
  return params.statement(`SELECT
${LOG_COLUMNS}
FROM logs_v3
WHERE ${conditions.join('\n  AND ')}
ORDER BY timestamp ${direction}, id ${direction}
LIMIT ${params.add('UInt32', limit)}`);
}

/** Where in time the correlated records of a trace lie. */
export function compileTraceLogBounds(tenantId: string, traceId: string): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT
  count() AS records,
  ${nanosText('min(timestamp)')} AS firstNs,
  ${nanosText('max(timestamp)')} AS lastNs
FROM logs_v3_by_trace
WHERE ${params.tenantFilter} AND trace_id = unhex(${params.add('String', traceId)})`);
}

/** Counts by step and `severityClass`. */
export function compileLogHistogram(
  tenantId: string,
  range: TimeRange,
  filter: TfqlExpression,
  stepMs: number,
): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT
  ${bucketMs('timestamp', stepMs, params)} AS time,
  ${severityClass()} AS class,
  count() AS records
FROM logs_v3
WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}
  AND ${compileFilter(filter, 'logs', params)}
GROUP BY time, class`);
}

export interface LogSample {
  readonly tenantId: string;
  readonly range: TimeRange;
  readonly filter: TfqlExpression;
  /** Out of {@link SAMPLE_SCALE} records so many are read; the same ones whenever it is asked. */
  readonly share: number;
  /** At most so many rows, and so many characters of each text. */
  readonly limit: number;
  readonly characters: number;
}

export const SAMPLE_SCALE = 1_000_000;

/**
 * Texts of a sample of records, with what a pattern tells of them. No name in the answer is that of a column: the filter
 * is about whole bodies, not about what is read of them.
 */
export function compileLogSample({ tenantId, range, filter, share, limit, characters }: LogSample): Statement {
  const params = new Parameters(tenantId);
  const conditions = [params.tenantFilter, recordsWithin(range, params)];
  if (share < SAMPLE_SCALE) conditions.push(`cityHash64(id) % ${SAMPLE_SCALE} < ${params.add('UInt32', share)}`);
  if (filter.kind !== 'all') conditions.push(compileFilter(filter, 'logs', params));
  return params.statement(`SELECT
  toString(id) AS recordId,
  ${nanosText('timestamp')} AS timeNs,
  severity_number AS severityNumber, ${severityClass()} AS class,
  service_name AS serviceName,
  substringUTF8(body, 1, ${params.add('UInt32', characters)}) AS beginning, body_type AS bodyType, event_name AS eventName
FROM logs_v3
WHERE ${conditions.join('\n  AND ')}
LIMIT ${params.add('UInt32', limit)}`);
}
