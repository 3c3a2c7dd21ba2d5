import type { TimeRange } from '../../range.js';
import { Parameters, type Statement } from '../parameters.js';
import { bucketMs, nanosText, recordsWithin } from '../time.js';

/** What differs between two occurrences of one error, in the order in which it is replaced. */
const VARIABLE_PARTS: readonly (readonly [pattern: string, replacement: string])[] = [
  ['[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', '<id>'],
  ['0x[0-9a-fA-F]+', '<id>'],
  ['\\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\\b', '<id>'],
  ['[0-9]+(?:[.:][0-9]+)*', '#'],
];
/** Lines of a stack as Node, the JVM, .NET and Python write them. */
const FRAME = '(?m)^\\s+(?:at |File ").*$';
const MAX_MESSAGE = 300;
const MAX_FRAMES = 3;
const MAX_SAMPLE = 20_000;

/**
 * Failed spans of a service by fingerprint, the most frequent first. What tells errors apart: the exception's type, its
 * message (or the span's status) without numbers and ids, and its top frames without the places in the lines.
 */
export function compileServiceErrors(
  tenantId: string,
  service: string,
  range: TimeRange,
  stepMs: number,
  limit: number,
): Statement {
  const params = new Parameters(tenantId);
  const normalised = (text: string) =>
    VARIABLE_PARTS.reduce(
      (sql, [pattern, replacement]) =>
        `replaceRegexpAll(${sql}, ${params.add('String', pattern)}, ${params.add('String', replacement)})`,
      text,
    );
  const key = (name: string) => params.add('String', name);
  return params.statement(`SELECT
  lower(hex(sipHash64(type, pattern, frames))) AS fingerprint,
  type, pattern AS message,
  count() AS occurrences,
  toUnixTimestamp64Milli(min(timestamp)) AS firstMs,
  toUnixTimestamp64Milli(max(timestamp)) AS lastMs,
  topK(5)(toString(name)) AS operations,
  sumMap([step], [toUInt64(1)]) AS steps,
  argMax(tuple(lower(hex(trace_id)), lower(hex(span_id)), said, stack), timestamp) AS sample
FROM (
  SELECT timestamp, trace_id, span_id, name,
    ${bucketMs('timestamp', stepMs, params)} AS step,
    indexOf(\`events.name\`, 'exception') AS at,
    \`events.attributes\`[at] AS exception,
    if(exception[${key('exception.type')}] != '', exception[${key('exception.type')}], attributes[${key('error.type')}]) AS type,
    if(exception[${key('exception.message')}] != '', exception[${key('exception.message')}], status_message) AS said,
    substringUTF8(exception[${key('exception.stacktrace')}], 1, ${MAX_SAMPLE}) AS stack,
    ${normalised(`substringUTF8(said, 1, ${MAX_MESSAGE})`)} AS pattern,
    arrayMap(frame -> replaceRegexpAll(frame, '[0-9]+', ''), arraySlice(extractAll(stack, ${key(FRAME)}), 1, ${MAX_FRAMES})) AS frames
  FROM spans_v3
  WHERE ${params.tenantFilter} AND service_name = ${params.add('String', service)}
    AND ${recordsWithin(range, params)} AND status_code = 2
)
GROUP BY type, pattern, frames
ORDER BY occurrences DESC, lastMs DESC, fingerprint LIMIT ${params.add('UInt32', limit)}`);
}

/**
 * The versions of a service with their requests in `range`, seen in `window`, which reaches back further.
 */
export function compileServiceVersions(
  tenantId: string,
  service: string,
  range: TimeRange,
  window: TimeRange,
): Statement {
  const params = new Parameters(tenantId);
  const name = params.add('String', service);
  const inRange = `kind IN (2, 5) AND ${recordsWithin(range, params)}`;
  return params.statement(`SELECT
  resource.version AS version,
  ${nanosText('min(timestamp)')} AS firstNs,
  toUnixTimestamp64Milli(max(timestamp)) AS lastMs,
  uniqExact(resource.instance) AS instances,
  countIf(${inRange}) AS requests,
  countIf(${inRange} AND status_code = 2) AS errors,
  if(requests = 0, NULL, toString(toUInt64(round(quantileTDigestIf(0.95)(duration_ns, ${inRange}))))) AS p95Ns
FROM (
  SELECT timestamp, kind, status_code, duration_ns, resource_id FROM spans_v3
  WHERE ${params.tenantFilter} AND service_name = ${name} AND ${recordsWithin(window, params)}
) AS span
LEFT JOIN (
  SELECT resource_id,
    any(attributes[${params.add('String', 'service.version')}]) AS version,
    any(concat(attributes[${params.add('String', 'service.instance.id')}], ' ',
      attributes[${params.add('String', 'host.name')}], ' ', attributes[${params.add('String', 'process.pid')}])) AS instance
  FROM resources_v3
  WHERE ${params.tenantFilter} AND service_name = ${name}
  GROUP BY resource_id
) AS resource ON span.resource_id = resource.resource_id
GROUP BY version
ORDER BY min(timestamp) DESC, version LIMIT 50`);
}
