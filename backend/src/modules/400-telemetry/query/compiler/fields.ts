import type { TfqlSignal } from '@telemetryflow/contracts';
import { Parameters, type Statement } from './parameters.js';

const MAX_KEYS = 200;
const MAX_VALUES = 100;

/** Whose attributes: those of a signal's records (of metrics: their series), or those of resources. */
export type AttributeSource = TfqlSignal | 'resources';

/** Attribute keys that came in since a day, most frequent first, each with its commonest type letter. */
export function compileAttributeKeys(
  tenantId: string,
  source: AttributeSource,
  sinceMs: number,
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  const rows = rollupRows(source, sinceMs, params);
  return params.statement(`SELECT key AS name, toString(argMax(type, rows)) AS type, sum(rows) AS seen
FROM (
  SELECT key, type, sum(seen) AS rows
  FROM attribute_values_v3
  WHERE ${rows} AND value = '' AND ${containing('key', search, params)}
  GROUP BY key, type
)
GROUP BY key ORDER BY seen DESC, name LIMIT ${params.add('UInt32', MAX_KEYS)}`);
}

/** Values of a key that were sampled since a day, most frequent first. */
export function compileAttributeValues(
  tenantId: string,
  source: AttributeSource,
  key: string,
  sinceMs: number,
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  const rows = rollupRows(source, sinceMs, params);
  return params.statement(`SELECT value
FROM attribute_values_v3
WHERE ${rows} AND key = ${params.add('String', key)} AND value != '' AND ${containing('value', search, params)}
GROUP BY value ORDER BY sum(seen) DESC, value LIMIT ${params.add('UInt32', MAX_VALUES)}`);
}

function rollupRows(source: AttributeSource, sinceMs: number, params: Parameters): string {
  const since = `toDate(fromUnixTimestamp64Milli(${params.add('Int64', sinceMs)}), 'UTC')`;
  return `${params.tenantFilter} AND signal = ${params.add('String', source)} AND day >= ${since}`;
}

function containing(column: string, search: string, params: Parameters): string {
  return search === '' ? '1' : `positionCaseInsensitive(${column}, ${params.add('String', search)}) > 0`;
}
