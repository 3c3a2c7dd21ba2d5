import { Parameters, type Statement } from './parameters.js';

/** Whose attribute keys: those of a signal's records (of metrics: their series), or those of resources. */
export type KeySource = 'spans' | 'logs' | 'metrics' | 'resources';

const MAX_NAMES = 1000;
/** As far back as the rollup of keys reaches, and no further than anybody looks for a name. */
const KNOWN_DAYS = 30;

/** Which of these attribute keys came in at all. */
export function compileKnownKeys(tenantId: string, source: KeySource, keys: readonly string[]): Statement {
  const params = new Parameters(tenantId);
  const asked = params.add('Array(String)', keys);
  if (source === 'spans' || source === 'logs') {
    return params.statement(`SELECT DISTINCT key AS name FROM attribute_values_v3
WHERE ${params.tenantFilter} AND signal = '${source}' AND key IN ${asked} AND value = ''`);
  }
  return params.statement(`SELECT DISTINCT arrayJoin(arrayFilter(k -> has(${asked}, k), mapKeys(attributes)))::String AS name
FROM ${source === 'metrics' ? 'series_v3' : 'resources_v3'}
WHERE ${params.tenantFilter} AND last_seen >= now() - INTERVAL ${KNOWN_DAYS} DAY`);
}

/** Attribute keys that came in, most frequent first. */
export function compileKeyNames(tenantId: string, source: KeySource): Statement {
  const params = new Parameters(tenantId);
  const limit = params.add('UInt32', MAX_NAMES);
  if (source === 'spans' || source === 'logs') {
    return params.statement(`SELECT key AS name FROM attribute_values_v3
WHERE ${params.tenantFilter} AND signal = '${source}' AND value = ''
GROUP BY key ORDER BY sum(seen) DESC, name LIMIT ${limit}`);
  }
  return params.statement(`SELECT arrayJoin(mapKeys(attributes))::String AS name
FROM ${source === 'metrics' ? 'series_v3' : 'resources_v3'}
WHERE ${params.tenantFilter} AND last_seen >= now() - INTERVAL ${KNOWN_DAYS} DAY
GROUP BY name ORDER BY count() DESC, name LIMIT ${limit}`);
}

/** Names of metrics, those with the most series first. */
export function compileNamesOfMetrics(tenantId: string): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT metric_name::String AS name FROM series_v3
WHERE ${params.tenantFilter} AND last_seen >= now() - INTERVAL ${KNOWN_DAYS} DAY
GROUP BY name ORDER BY count() DESC, name LIMIT ${params.add('UInt32', MAX_NAMES)}`);
}
