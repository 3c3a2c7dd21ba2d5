import type { TfqlSignal } from '@telemetryflow/contracts';
import { Parameters, type Statement } from './parameters.js';

const MAX_KEYS = 200;
const MAX_VALUES = 100;

/** Whose attributes: those of a signal's records (of metrics: their series), or those of resources. */
export type AttributeSource = TfqlSignal | 'resources';

/** So many rows are looked at where identities are kept once each, instead of a rollup. */
const SAMPLE_ROWS = 20_000;

/** Attribute keys of each source that came in since a day, most frequent first, each with its commonest type letter. */
export function compileAttributeKeys(
  tenantId: string,
  sources: readonly AttributeSource[],
  sinceMs: number,
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  const keys = sources.map(
    (source) => `SELECT '${source}' AS source, key AS name, toString(argMax(type, rows)) AS type, sum(rows) AS seen
FROM (
  SELECT key, type, sum(seen) AS rows
  FROM ${attributeRows(source, sinceMs, params)}
  WHERE value = '' AND ${containing('key', search, params)}
  GROUP BY key, type
)
GROUP BY key ORDER BY seen DESC, name LIMIT ${params.add('UInt32', MAX_KEYS)}`,
  );
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
  const values = sources.map(
    (source) => `SELECT '${source}' AS source, value
FROM ${attributeRows(source, sinceMs, params)}
WHERE key = ${params.shared(key)} AND value != '' AND ${containing('value', search, params)}
GROUP BY value ORDER BY sum(seen) DESC, value LIMIT ${params.add('UInt32', MAX_VALUES)}`,
  );
  return params.statement(united(values));
}

/** Each part's rows stay in its order; the parts may come in any. */
function united(parts: readonly string[]): string {
  return parts.length === 1 ? parts.join('') : parts.map((part) => `SELECT * FROM (\n${part}\n)`).join('\nUNION ALL\n');
}

/** Rows of key, value (empty: the key itself), type and how often it was seen. */
function attributeRows(source: AttributeSource, sinceMs: number, params: Parameters): string {
  const since = `fromUnixTimestamp64Milli(${params.add('Int64', sinceMs)})`;
  if (source === 'spans' || source === 'logs') {
    return `(
    SELECT key, value, type, seen FROM attribute_values_v3
    WHERE ${params.tenantFilter} AND signal = '${source}' AND day >= toDate(${since}, 'UTC')
  )`;
  }
  return `(
    SELECT toString(k) AS key, arrayJoin(if(length(v) BETWEEN 1 AND 128, ['', v], [''])) AS value,
      substring(attribute_types, i, 1) AS type, toUInt64(1) AS seen
    FROM (
      SELECT attributes, attribute_types FROM ${source === 'metrics' ? 'series_v3' : 'resources_v3'}
      WHERE ${params.tenantFilter} AND last_seen >= ${since}
      LIMIT ${params.add('UInt32', SAMPLE_ROWS)}
    )
    ARRAY JOIN mapKeys(attributes) AS k, mapValues(attributes) AS v, arrayEnumerate(mapKeys(attributes)) AS i
  )`;
}

function containing(column: string, search: string, params: Parameters): string {
  return search === '' ? '1' : `positionCaseInsensitive(${column}, ${params.add('String', search)}) > 0`;
}
