import type { TfqlExpression } from '@telemetryflow/contracts';
import { hexId } from '../readers/attributes.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { DATABASE_KEYS, HOST_KEYS, peerSql, QUEUE_KEYS } from './services/peer.js';
import { GRANULES_SIDE_BY_SIDE, traceBounds } from './trace-bounds.js';

/** A trace, of which so many spans are read. */
export interface TraceRead {
  readonly tenantId: string;
  readonly traceId: string;
  readonly limit: number;
}

/** Events that a bar shows. */
const MAX_EVENTS = 20;
const PEER_KEYS: ReadonlySet<string> = new Set([...DATABASE_KEYS.flat(), ...QUEUE_KEYS.flat(), ...HOST_KEYS]);
/** Client and producer. */
const CALLING_KINDS = '(3, 4)';

/** The columns of a trace's picture, as arrays in one row, by start. */
export function compileTraceOutline({ tenantId, traceId, limit }: TraceRead): Statement {
  const params = new Parameters(tenantId);
  const trace = traceBounds(traceId, params);
  const sinceStart = (column: string) =>
    `toFloat64(toUnixTimestamp64Nano(${column}) - toUnixTimestamp64Nano(${trace.start}))`;
  return params.statement(`WITH ${trace.clause}
SELECT
  ${trace.startNs} AS startNs, toUInt32(${trace.spanCount}) AS spanCount,
  groupArray(id) AS spanIds, groupArray(parent) AS parentIds, groupArray(name) AS names, groupArray(service) AS services,
  groupArray(kind) AS kinds, groupArray(status) AS statuses,
  groupArray(start) AS starts, groupArray(duration) AS durations,
  groupArray(eventTimes) AS events, groupArray(eventNames) AS eventsNames
FROM (
  SELECT
    ${hexId('span_id', 16)} AS id, ${hexId('parent_span_id', 16)} AS parent,
    name, toString(service_name) AS service, kind, status_code AS status,
    ${sinceStart('timestamp')} AS start, toFloat64(duration_ns) AS duration,
    arrayMap(t -> ${sinceStart('t')}, arraySlice(\`events.timestamp\`, 1, ${MAX_EVENTS})) AS eventTimes,
    arrayMap(n -> toString(n), arraySlice(\`events.name\`, 1, ${MAX_EVENTS})) AS eventNames
  FROM spans_v3
  WHERE ${trace.condition}
  ORDER BY timestamp, span_id
  LIMIT ${params.add('UInt32', limit)}
)`);
}

/**
 * Whom the trace's clients and producers call, by start. A dozen attributes tell it: of a few granules the whole map is read
 * faster than a dozen of its keys, one by one.
 */
export function compileTracePeers({ tenantId, traceId, limit }: TraceRead): Statement {
  const params = new Parameters(tenantId);
  const trace = traceBounds(traceId, params);
  const peer = peerSql(PEER_KEYS, params);
  return params.statement(`SELECT id AS spanId, peer.1 AS kind, peer.2 AS system, peer.3 AS name
FROM (
  WITH ${[trace.clause, ...peer.bindings].join(', ')}
  SELECT ${hexId('span_id', 16)} AS id, timestamp, ${peer.expression} AS peer
  FROM spans_v3
  WHERE ${trace.condition} AND kind IN ${CALLING_KINDS}
)
WHERE peer.3 != ''
ORDER BY timestamp, spanId
LIMIT ${params.add('UInt32', limit)}
SETTINGS optimize_functions_to_subcolumns = 0, ${GRANULES_SIDE_BY_SIDE}`);
}

/** Ids of the trace's spans that match, by start. */
export function compileTraceMatches({ tenantId, traceId, limit }: TraceRead, filter: TfqlExpression): Statement {
  const params = new Parameters(tenantId);
  const trace = traceBounds(traceId, params);
  return params.statement(`WITH ${trace.clause}
SELECT toUInt32(${trace.spanCount}) AS spanCount, groupArray(id) AS spanIds
FROM (
  SELECT ${hexId('span_id', 16)} AS id
  FROM spans_v3
  WHERE ${trace.condition}
    AND ${compileFilter(filter, 'spans', params)}
  ORDER BY timestamp, span_id
  LIMIT ${params.add('UInt32', limit)}
)`);
}
