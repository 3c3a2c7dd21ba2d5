import { resolveTfqlField, type TfqlExpression, type TfqlFieldName, type TfqlSignal } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
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
 * Whoever types does not wait: what was found by then is answered, in the order of what was seen of it. A key with more
 * values than anybody chooses from stops counting new ones.
 */
const AT_ONCE = `SETTINGS max_execution_time = 0.08, timeout_overflow_mode = 'break',
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
  return params.statement(`SELECT name, toString(argMax(type, seen)) AS type
FROM (
  SELECT toString(k) AS name, substring(attribute_types, i, 1) AS type, count() AS seen
  FROM ${TABLES[matching.signal]}
  ARRAY JOIN mapKeys(attributes) AS k, arrayEnumerate(mapKeys(attributes)) AS i
  WHERE ${conditions(matching, params)} AND ${containing('k', search, params)}
  GROUP BY name, type
)
GROUP BY name ORDER BY sum(seen) DESC, name LIMIT ${params.add('UInt32', MAX_NAMES)}
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
      return [valuesOf(matching, keyed(target.key), search)];
    case 'resource':
      return [referredValues(matching, 'resource', keyed(target.key), search)];
    case 'any':
      return [
        valuesOf(matching, keyed(target.key), search),
        referredValues(matching, 'resource', keyed(target.key), search),
      ];
  }
}

type Value = (params: Parameters) => string;
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
