import type { TimeRange } from '../range.js';
import { Parameters, type Statement } from './parameters.js';
import { bucketMs, instant, recordsWithin } from './time.js';

/** Spans that answer somebody: of kind server or consumer. */
const REQUEST = 'kind IN (2, 5)';
/** Identities are written when they are received; a sender's clock may be ahead by this much. */
const CLOCK_SKEW_S = 3600;

/** Services by their spans. */
export function compileServiceSpans(tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT
  service_name AS name,
  toUnixTimestamp64Milli(max(timestamp)) AS lastMs,
  count() AS spans,
  countIf(status_code = 2) AS errors,
  countIf(${REQUEST}) AS requests,
  countIf(${REQUEST} AND status_code = 2) AS requestErrors,
  arrayMap(ns -> if(requests = 0, '', toString(toUInt64(round(ns)))),
    quantilesTDigestIf(0.5, 0.95, 0.99)(duration_ns, ${REQUEST})) AS quantiles
FROM spans_v3
WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}
GROUP BY name ORDER BY name LIMIT 1000`);
}

/** Services by their log records. At the edges of the range whole hours count, unless none of their records is in it. */
export function compileServiceLogs(tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  const [from, to] = [instant(range.fromNs, params), instant(range.toNs, params)];
  return params.statement(`SELECT service_name AS name, toUnixTimestamp64Milli(max(last_seen)) AS lastMs
FROM services_v3
WHERE ${params.tenantFilter} AND signal = 'logs' AND hour >= toStartOfHour(${from}) AND hour < ${to}
GROUP BY name HAVING max(last_seen) >= ${from} AND min(first_seen) < ${to}
ORDER BY name LIMIT 1000`);
}

/** Services by metric series that were received since the range began. */
export function compileServiceMetrics(tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT service_name AS name, toInt64(toUnixTimestamp(max(last_seen))) * 1000 AS lastMs
FROM series_v3
WHERE ${params.tenantFilter} AND ${receivedSince(range, params)}
GROUP BY name ORDER BY name LIMIT 1000`);
}

/** Requests, errors among them and their p95 by step. */
export function compileRequestsOverTime(tenantId: string, range: TimeRange, stepMs: number): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT
  ${bucketMs('timestamp', stepMs, params)} AS time,
  countIf(${REQUEST}) AS requests,
  countIf(${REQUEST} AND status_code = 2) AS errors,
  if(requests = 0, NULL, quantileTDigestIf(0.95)(duration_ns, ${REQUEST}) / 1e6) AS p95Ms
FROM spans_v3
WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}
GROUP BY time`);
}

export function compileSpanTotals(tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT count() AS spans, uniq(trace_id) AS traces, countIf(status_code = 2) AS errors
FROM spans_v3
WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}`);
}

/** Log records by step, and those of severity error and above. */
export function compileLogsOverTime(tenantId: string, range: TimeRange, stepMs: number): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT
  ${bucketMs('timestamp', stepMs, params)} AS time,
  count() AS records,
  countIf(severity_number >= 17) AS errors
FROM logs_v3
WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}
GROUP BY time`);
}

export function compileIdentityTotals(tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  const since = receivedSince(range, params);
  return params.statement(`SELECT
  (SELECT uniqExact(metric_name) FROM series_v3 WHERE ${params.tenantFilter} AND ${since}) AS metrics,
  (SELECT uniqExact(service_name) FROM resources_v3 WHERE ${params.tenantFilter} AND ${since}) AS services`);
}

/** When the newest of the rows that tell of the range arrived. */
export function compileLastArrival(table: 'spans_v3' | 'logs_v3', tenantId: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT count() AS records, toInt64(toUnixTimestamp(max(ingested_at))) * 1000 AS arrivedMs
FROM ${table}
WHERE ${params.tenantFilter} AND ${recordsWithin(range, params)}`);
}

/** When a metric was last received, and the services that sent anything. */
export function compileArrivals(tenantId: string): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT
  (SELECT toInt64(toUnixTimestamp(max(last_seen))) * 1000 FROM series_v3 WHERE ${params.tenantFilter}) AS metricsMs,
  (SELECT arraySort(groupUniqArray(100)(toString(service_name))) FROM resources_v3 WHERE ${params.tenantFilter}) AS services`);
}

function receivedSince(range: TimeRange, params: Parameters): string {
  const seconds = range.fromNs / 1_000_000_000n - BigInt(CLOCK_SKEW_S);
  return `last_seen >= fromUnixTimestamp(${params.add('Int64', (seconds > 0n ? seconds : 0n).toString())})`;
}
