import { resolveTfqlField, type TfqlExpression, type TfqlFieldName, type TfqlSignal } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { promotedColumn } from './promoted.js';
import { instant, recordsWithin } from './time.js';

/** The records that completion looks at: those that the rest of the filter finds. */
export interface Matching {
  readonly tenantId: string;
  readonly signal: TfqlSignal;
  readonly range: TimeRange;
  readonly filter: TfqlExpression;
}

const MAX_NAMES = 100;
/**
 * Whoever types does not wait: so many records are looked at, and what they have is answered, in the order of how often it
 * was seen. A key with more values than anybody chooses from stops counting new ones.
 */
const AT_ONCE = `SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any'`;

const TABLES = { spans: 'spans_v3', logs: 'logs_v3', metrics: 'series_v3' } as const;
const COLUMNS: Partial<Record<TfqlFieldName, string>> = {
  'service.name': 'service_name',
  name: 'name',
  'status.message': 'status_message',
  'event.name': 'event_name',
  metric: 'metric_name',
  unit: 'unit',
};
const SCOPE_COLUMNS: Partial<Record<TfqlFieldName, string>> = { 'scope.name': 'name', 'scope.version': 'version' };

/** Attribute keys of the matching records, most frequent first, each with its commonest type letter. */
export function compileMatchingKeys(matching: Matching, search: string): Statement {
  const params = new Parameters(matching.tenantId);
  return params.statement(`SELECT attribute_key AS name, toString(argMax(letter, seen)) AS type
FROM (
  SELECT toString(k) AS attribute_key, substring(attribute_types, i, 1) AS letter, count() AS seen
  FROM ${TABLES[matching.signal]}
  ARRAY JOIN mapKeys(attributes) AS k, arrayEnumerate(mapKeys(attributes)) AS i
  WHERE ${conditions(matching, params)} AND ${containing('k', search, params)}
  GROUP BY attribute_key, letter
)
GROUP BY attribute_key ORDER BY sum(seen) DESC, name LIMIT ${params.add('UInt32', MAX_NAMES)}
${AT_ONCE}`);
}

/**
 * Values of a field that the matching records have, most frequent first: one statement for each place that the field may
 * be found in. None for fields that nobody completes, such as ids and durations.
 */
export function compileMatchingValues(matching: Matching, field: string, search: string): Statement[] {
  const target = resolveTfqlField(field, matching.signal);
  switch (target.kind) {
    case 'field': {
      const column = COLUMNS[target.name];
      const scope = SCOPE_COLUMNS[target.name];
      if (column !== undefined) return [valuesOf(matching, () => column, search)];
      return scope === undefined ? [] : [referredValues(matching, 'scope', () => scope, search)];
    }
    case 'attribute':
      return [valuesOf(matching, ownValue(target.key, matching.signal), search)];
    case 'resource':
      return [referredValues(matching, 'resource', keyed(target.key), search)];
    case 'any':
      return [
        valuesOf(matching, ownValue(target.key, matching.signal), search),
        referredValues(matching, 'resource', keyed(target.key), search),
      ];
  }
}

/** Services that sent the signal in the range, those with the most records first. */
export function compileServiceNames(
  { tenantId, signal, range }: Matching & { readonly signal: 'spans' | 'logs' },
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT toString(service_name) AS value
FROM services_v3
WHERE ${params.tenantFilter} AND signal = '${signal}' AND hour >= toStartOfHour(${instant(range.fromNs, params)})
  AND hour < ${instant(range.toNs, params)} AND ${containing('service_name', search, params)}
GROUP BY service_name ORDER BY sum(records) DESC, value LIMIT ${params.add('UInt32', MAX_NAMES)}`);
}

type Value = (params: Parameters) => string;
/** From a column of its own, where the store has one. */
function ownValue(key: string, signal: TfqlSignal): Value {
  const column = promotedColumn(key, signal);
  return column === undefined ? keyed(key) : () => column;
}
const keyed =
  (key: string): Value =>
  (params) =>
    `attributes[${params.shared(key)}]`;

function valuesOf(matching: Matching, valueOf: Value, search: string): Statement {
  const params = new Parameters(matching.tenantId);
  const value = valueOf(params);
  return params.statement(`SELECT toString(${value}) AS value
FROM ${TABLES[matching.signal]}
WHERE ${conditions(matching, params)} AND ${value} != '' AND ${containing(value, search, params)}
GROUP BY ${value} ORDER BY count() DESC, value LIMIT ${params.add('UInt32', MAX_NAMES)}
${AT_ONCE}`);
}

/** Of what the records refer to: their resources or their scopes. */
function referredValues(matching: Matching, what: 'resource' | 'scope', valueOf: Value, search: string): Statement {
  const params = new Parameters(matching.tenantId);
  const value = valueOf(params);
  return params.statement(`SELECT referred AS value
FROM (
  SELECT ${what}_id, count() AS seen FROM ${TABLES[matching.signal]}
  WHERE ${conditions(matching, params)}
  GROUP BY ${what}_id
) AS records
INNER JOIN (
  SELECT DISTINCT ${what}_id, toString(${value}) AS referred FROM ${what}s_v3
  WHERE ${params.tenantFilter} AND ${value} != '' AND ${containing(value, search, params)}
) AS owners USING (${what}_id)
GROUP BY value ORDER BY sum(seen) DESC, value LIMIT ${params.add('UInt32', MAX_NAMES)}
${AT_ONCE}`);
}

function conditions({ signal, range, filter }: Matching, params: Parameters): string {
  const within = signal === 'metrics' ? `last_seen >= ${instant(range.fromNs, params)}` : recordsWithin(range, params);
  const matched = filter.kind === 'all' ? '' : ` AND ${compileFilter(filter, signal, params)}`;
  return `${params.tenantFilter} AND ${within}${matched}`;
}

function containing(value: string, search: string, params: Parameters): string {
  return search === '' ? '1' : `positionCaseInsensitive(${value}, ${params.add('String', search)}) > 0`;
}
