import type { TfqlSignal } from '@telemetryflow/contracts';
import { Parameters, type Statement } from './parameters.js';

const MAX_KEYS = 200;
const MAX_VALUES = 100;

/** Whose attributes: those of a signal's records (of metrics: their series), or those of resources. */
export type AttributeSource = TfqlSignal | 'resources';

/** Longer values are in no rollup, and nobody completes them. */
const LONGEST_VALUE = 128;
/** So many rows are looked at where identities are kept once each, instead of a rollup. */
const SAMPLE_ROWS = 20_000;
/** A key may come with values of other types now and then: the commonest of at most so many counts. */
const TYPES = 10;

/** Attribute keys of each source that came in since a day, most frequent first, each with its commonest type letter. */
export function compileAttributeKeys(
  tenantId: string,
  sources: readonly AttributeSource[],
  sinceMs: number,
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  const keys = sources.map((source) => {
    const [from, key, type, seen] = isRolledUp(source)
      ? [
          `${rollup(source, sinceMs, params, "value = ''")} AND ${containing('key', search, params)}`,
          'key',
          `topKWeighted(1, ${TYPES})(type, seen)`,
          'sum(seen)',
        ]
      : [
          `${identities(source, 'attributes, attribute_types', sinceMs, params)}
ARRAY JOIN mapKeys(attributes) AS k, arrayEnumerate(mapKeys(attributes)) AS i
WHERE ${containing('k', search, params)}`,
          'toString(k)',
          `topK(1, ${TYPES})(substring(attribute_types, i, 1))`,
          'count()',
        ];
    return `SELECT '${source}' AS source, ${key} AS name, toString(${type}[1]) AS type, ${seen} AS frequency
FROM ${from}
GROUP BY name ORDER BY frequency DESC, name LIMIT ${params.add('UInt32', MAX_KEYS)}`;
  });
  return params.statement(united(keys));
}

/** Values of a key that were seen in each source since a day, most frequent first. */
export function compileAttributeValues(
  tenantId: string,
  sources: readonly AttributeSource[],
  key: string,
  sinceMs: number,
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  const name = params.shared(key);
  const values = sources.map((source) => {
    const [from, seen] = isRolledUp(source)
      ? [rollup(source, sinceMs, params, `key = ${name} AND value != ''`), 'sum(seen)']
      : [
          `${identities(source, `attributes[${name}] AS value`, sinceMs, params)}
WHERE length(value) BETWEEN 1 AND ${LONGEST_VALUE}`,
          'count()',
        ];
    return `SELECT '${source}' AS source, value
FROM ${from} AND ${containing('value', search, params)}
GROUP BY value ORDER BY ${seen} DESC, value LIMIT ${params.add('UInt32', MAX_VALUES)}`;
  });
  return params.statement(united(values));
}

/** Each part's rows stay in its order; the parts may come in any. */
function united(parts: readonly string[]): string {
  return parts.length === 1 ? parts.join('') : parts.map((part) => `(\n${part}\n)`).join(' UNION ALL ');
}

function isRolledUp(source: AttributeSource): source is 'spans' | 'logs' {
  return source === 'spans' || source === 'logs';
}

function sinceSql(sinceMs: number, params: Parameters): string {
  return `fromUnixTimestamp64Milli(${params.add('Int64', sinceMs)})`;
}

/** Where the rollup has keys with their types, and values (empty: the key itself), by how often they were seen. */
function rollup(source: 'spans' | 'logs', sinceMs: number, params: Parameters, condition: string): string {
  return `attribute_values_v3
WHERE ${params.tenantFilter} AND signal = '${source}' AND day >= toDate(${sinceSql(sinceMs, params)}, 'UTC') AND ${condition}`;
}

/** Series or resources, as many as are looked at. */
function identities(
  source: Exclude<AttributeSource, 'spans' | 'logs'>,
  columns: string,
  sinceMs: number,
  params: Parameters,
): string {
  return `(
  SELECT ${columns} FROM ${source === 'metrics' ? 'series_v3' : 'resources_v3'}
  WHERE ${params.tenantFilter} AND last_seen >= ${sinceSql(sinceMs, params)}
  LIMIT ${params.add('UInt32', SAMPLE_ROWS)}
)`;
}

function containing(column: string, search: string, params: Parameters): string {
  return search === '' ? '1' : `positionCaseInsensitive(${column}, ${params.add('String', search)}) > 0`;
}
