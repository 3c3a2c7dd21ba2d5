import { attributeColumns, hexId } from '../readers/attributes.js';
import { Parameters, type Statement } from './parameters.js';
import { nanosText } from './time.js';
import { GRANULES_SIDE_BY_SIDE, traceBounds } from './trace-bounds.js';

const nanosArray = (column: string) => `arrayMap(t -> ${nanosText('t')}, ${column})`;
const idArray = (column: string, digits: 16 | 32) => `arrayMap(i -> ${hexId('i', digits)}, ${column})`;
const keysArray = (column: string) => `arrayMap(m -> mapKeys(m), ${column})`;
const valuesArray = (column: string) => `arrayMap(m -> mapValues(m), ${column})`;

/** The spans of one trace, by start; only those of one id if it is given. */
export function compileTraceSpans(tenantId: string, traceId: string, limit: number, spanId?: string): Statement {
  const params = new Parameters(tenantId);
  const one = spanId === undefined ? '' : `\n  AND span_id = unhex(${params.add('String', spanId)})`;
  const trace = traceBounds(traceId, params);
  return params.statement(`WITH ${trace.clause}
SELECT
  ${hexId('span_id', 16)} AS spanId,
  ${hexId('parent_span_id', 16)} AS parentSpanId,
  trace_state AS traceState, flags, name, kind, service_name AS serviceName,
  ${nanosText('timestamp')} AS startNs,
  toString(duration_ns) AS durationNs,
  status_code AS statusCode, status_message AS statusMessage,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId,
  ${attributeColumns('a')},
  dropped_attributes_count AS droppedAttributesCount,
  dropped_events_count AS droppedEventsCount,
  dropped_links_count AS droppedLinksCount,
  ${nanosArray('`events.timestamp`')} AS eventTimes, \`events.name\` AS eventNames,
  ${keysArray('`events.attributes`')} AS eventKeys, ${valuesArray('`events.attributes`')} AS eventValues,
  \`events.attribute_types\` AS eventTypes, \`events.dropped_attributes_count\` AS eventDropped,
  ${idArray('`links.trace_id`', 32)} AS linkTraceIds, ${idArray('`links.span_id`', 16)} AS linkSpanIds,
  \`links.trace_state\` AS linkStates, \`links.flags\` AS linkFlags,
  ${keysArray('`links.attributes`')} AS linkKeys, ${valuesArray('`links.attributes`')} AS linkValues,
  \`links.attribute_types\` AS linkTypes, \`links.dropped_attributes_count\` AS linkDropped
FROM spans_v3
WHERE ${trace.condition}${one}
ORDER BY timestamp, span_id
LIMIT ${params.add('UInt32', limit)}
SETTINGS ${GRANULES_SIDE_BY_SIDE}`);
}
