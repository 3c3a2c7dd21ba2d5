import type { TimeRange } from '../../range.js';
import { Parameters, type Statement } from '../parameters.js';
import { instant, recordsWithin } from '../time.js';
import { DATABASE_KEYS, HOST_KEYS, peerSql, QUEUE_KEYS } from './peer.js';

export interface CallsQuery {
  readonly tenantId: string;
  readonly range: TimeRange;
  /** Look at one of so many traces; 1 for all of them. */
  readonly oneIn: number;
  /** At most so many pairs of nodes, those with the most calls. */
  readonly limit: number;
}

/** Attributes by which spans can name a peer. */
export const PEER_KEYS: readonly string[] = [...DATABASE_KEYS.flat(), ...QUEUE_KEYS.flat(), ...HOST_KEYS];

/** Sides of a call, by SpanKind. */
const CALLED = 'kind IN (2, 5)';
const CALLING = 'kind IN (3, 4)';
const HAS_PARENT = "parent_span_id != unhex('0000000000000000')";
/** A call that began in the range may be answered after it; and clocks differ. */
const EARLY_NS = 5_000_000_000n;
const LATE_NS = 60_000_000_000n;

/*
 * Spans meet their children by a 64-bit hash of both ids: a third of the memory of the ids themselves. Two of a million
 * spans share one by chance once in 40 million maps.
 */
const OWN_KEY = 'cityHash64(trace_id, span_id)';
const PARENT_KEY = 'cityHash64(trace_id, parent_span_id)';

/** Calls between services: spans with their server or consumer children in another service. */
export function compileServiceCalls({ tenantId, range, oneIn, limit }: CallsQuery): Statement {
  const params = new Parameters(tenantId);
  const sample = sampleOf(oneIn, params);
  return params.statement(`SELECT
  caller.service_name AS source,
  called.service_name AS target,
  count() AS calls,
  countIf(caller.status_code = 2 OR called.status_code = 2) AS errors,
  toString(toUInt64(round(quantileTDigest(0.95)(if(caller.kind = 3, caller.duration_ns, called.duration_ns))))) AS p95Ns
FROM (
  SELECT ${OWN_KEY} AS id, service_name, kind, status_code, duration_ns
  FROM spans_v3 WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}${sample}
) AS caller
INNER JOIN (
  SELECT ${PARENT_KEY} AS id, service_name, status_code, duration_ns
  FROM spans_v3 WHERE ${params.tenantFilter} AND ${recordsWithin(around(range), params)}
    AND ${CALLED} AND ${HAS_PARENT}${sample}
) AS called ON caller.id = called.id
WHERE caller.service_name != called.service_name
GROUP BY source, target ORDER BY calls DESC, source, target LIMIT ${params.add('UInt32', limit)}`);
}

/**
 * Calls that no other service's span answers, by the peer that they name, and messages that consumers took from queues.
 * A host that is named as a service is that service. Where the name is empty, no peer was told; consumers that took from
 * no queue are among the rows, too.
 *
 * @param keys of PEER_KEYS, those that any span may carry: each costs as much to read as all columns of the ids
 */
export function compilePeerCalls({ tenantId, range, oneIn, limit }: CallsQuery, keys: ReadonlySet<string>): Statement {
  const params = new Parameters(tenantId);
  const sample = sampleOf(oneIn, params);
  // PREWHERE: the attributes of answered calls are not read. And no HAVING, which the engine would check there too, for
  // which it would read them all.
  const spans = `FROM spans_v3 PREWHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}${sample}`;
  const wide = `FROM spans_v3 WHERE ${params.tenantFilter} AND ${recordsWithin(around(range), params)}${sample}`;
  const consumers = QUEUE_KEYS.flat().some((key) => keys.has(key))
    ? ` OR kind = 5 AND ${PARENT_KEY} NOT IN (SELECT ${OWN_KEY} ${wide} AND kind = 4)`
    : '';
  const peer = peerSql(keys, params);
  const clause = peer.bindings.length === 0 ? '' : `WITH ${peer.bindings.join(', ')}\n`;
  return params.statement(`${clause}SELECT
  service_name AS service,
  kind = 5 AS isTaking,
  ${peer.expression} AS peer,
  if(peer.1 = 'external' AND peer.3 IN (${serviceNames(range, params)}), 'service', peer.1) AS peerKind,
  peer.2 AS system,
  peer.3 AS name,
  count() AS calls,
  countIf(status_code = 2) AS errors,
  toString(toUInt64(round(quantileTDigest(0.95)(duration_ns)))) AS p95Ns
${spans}
  AND (${CALLING} AND ${OWN_KEY} NOT IN (SELECT ${PARENT_KEY} ${wide} AND ${CALLED} AND ${HAS_PARENT})${consumers})
GROUP BY service, isTaking, peer
ORDER BY calls DESC, service, name LIMIT ${params.add('UInt32', limit)}`);
}

/**
 * About how many spans the range holds (whole hours at its edges), and which of the keys any span that came in since a day
 * before the range carries.
 */
export function compileCallsKnown(tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  const [from, to] = [instant(range.fromNs, params), instant(range.toNs, params)];
  return params.statement(`SELECT (
  SELECT sum(records) FROM services_v3
  WHERE ${params.tenantFilter} AND signal = 'spans' AND hour >= toStartOfHour(${from}) AND hour < ${to}
) AS spans, (
  SELECT groupUniqArray(key) FROM attribute_values_v3
  WHERE ${params.tenantFilter} AND signal = 'spans' AND key IN ${params.add('Array(String)', PEER_KEYS)} AND value = ''
    AND day >= toDate(${from}) - 1
) AS keys`);
}

function serviceNames(range: TimeRange, params: Parameters): string {
  const [from, to] = [instant(range.fromNs, params), instant(range.toNs, params)];
  return `SELECT toString(service_name) FROM services_v3
    WHERE ${params.tenantFilter} AND signal = 'spans' AND hour >= toStartOfHour(${from}) AND hour < ${to}`;
}

function around({ fromNs, toNs }: TimeRange): TimeRange {
  return { fromNs: fromNs - EARLY_NS, toNs: toNs + LATE_NS };
}

/** Whole traces, always the same ones. */
function sampleOf(oneIn: number, params: Parameters): string {
  return oneIn === 1 ? '' : ` AND cityHash64(trace_id) % ${params.add('UInt32', oneIn)} = 0`;
}
