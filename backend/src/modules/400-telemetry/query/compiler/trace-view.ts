import type { TfqlExpression } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { hexId } from '../readers/attributes.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { DATABASE_KEYS, HOST_KEYS, peerSql, QUEUE_KEYS } from './services/peer.js';
import { recordsWithin } from './time.js';

export interface TraceWithin {
  readonly tenantId: string;
  readonly traceId: string;
  readonly bounds: TimeRange;
  readonly limit: number;
}

/** Events that a bar shows. */
const MAX_EVENTS = 20;
const PEER_KEYS: ReadonlySet<string> = new Set([...DATABASE_KEYS.flat(), ...QUEUE_KEYS.flat(), ...HOST_KEYS]);
/** Client and producer. */
const CALLING_KINDS = '(3, 4)';

/**
 * The columns of a trace's picture, as arrays in one row, by start. Who was called is told by a dozen attributes: of a few
 * granules the whole map is read faster than a dozen of its keys, one by one.
 */
export function compileTraceOutline({ tenantId, traceId, bounds, limit }: TraceWithin): Statement {
  const params = new Parameters(tenantId);
  const sinceStart = (column: string) =>
    `toFloat64(toUnixTimestamp64Nano(${column}) - ${params.add('Int64', bounds.fromNs.toString())})`;
  const peer = peerSql(PEER_KEYS, params);
  return params.statement(`SELECT
  groupArray(id) AS spanIds, groupArray(parent) AS parentIds, groupArray(name) AS names, groupArray(service) AS services,
  groupArray(kind) AS kinds, groupArray(status) AS statuses,
  groupArray(start) AS starts, groupArray(duration) AS durations,
  groupArray(peer.1) AS peerKinds, groupArray(peer.2) AS peerSystems, groupArray(peer.3) AS peerNames,
  groupArray(eventTimes) AS events, groupArray(eventNames) AS eventsNames
FROM (
  ${peer.clause}SELECT
    ${hexId('span_id', 16)} AS id, ${hexId('parent_span_id', 16)} AS parent,
    name, toString(service_name) AS service, kind, status_code AS status,
    ${sinceStart('timestamp')} AS start, toFloat64(duration_ns) AS duration,
    if(kind IN ${CALLING_KINDS}, ${peer.expression}, tuple('external', '', '')) AS peer,
    arrayMap(t -> ${sinceStart('t')}, arraySlice(\`events.timestamp\`, 1, ${MAX_EVENTS})) AS eventTimes,
    arrayMap(n -> toString(n), arraySlice(\`events.name\`, 1, ${MAX_EVENTS})) AS eventNames
  FROM spans_v3
  WHERE ${ofTrace(traceId, bounds, params)}
  ORDER BY timestamp, span_id
  LIMIT ${params.add('UInt32', limit)}
)
SETTINGS optimize_functions_to_subcolumns = 0`);
}

/** Ids of the trace's spans that match, by start. */
export function compileTraceMatches(
  { tenantId, traceId, bounds, limit }: TraceWithin,
  filter: TfqlExpression,
): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT groupArray(id) AS spanIds
FROM (
  SELECT ${hexId('span_id', 16)} AS id
  FROM spans_v3
  WHERE ${ofTrace(traceId, bounds, params)}
    AND ${compileFilter(filter, 'spans', params)}
  ORDER BY timestamp, span_id
  LIMIT ${params.add('UInt32', limit)}
)`);
}

function ofTrace(traceId: string, bounds: TimeRange, params: Parameters): string {
  const id = params.add('String', traceId);
  return `${params.tenantFilter} AND ${recordsWithin(bounds, params)} AND trace_id = unhex(${id})`;
}
