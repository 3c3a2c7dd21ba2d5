import { resolveTfqlField, type TfqlFieldName } from '@telemetryflow/contracts';
import { hexId } from '../../readers/attributes.js';
import { SPAN_KINDS, STATUS_CODES } from '../field-match.js';
import { hasAttribute } from '../attribute-match.js';
import type { Parameters } from '../parameters.js';
import { promotedColumn } from '../promoted.js';
import { SEVERITY_CLASSES, severityClass } from '../severity.js';

/** What a name stands for in the rows of a table, as SQL. */
export interface FieldSql {
  /** What rows are grouped by: as small as the store keeps it. */
  readonly key: string;
  /** The label of a key as text; empty for a row without the field. */
  label(key: string): string;
  /** The value as Float64, NaN where there is none; undefined when the field never is a number. */
  readonly number?: string;
  /** The type letter of the row's value, empty where the row lacks it; undefined for what is always there, as text. */
  readonly letter?: string;
  /** How many values there usually are, at most; undefined when nobody knows. */
  readonly usualValues?: number;
  /** UCUM; empty when unknown. */
  readonly unit: string;
  readonly joins: readonly Join[];
}

/** What has to be looked up for a row: an attribute of its resource, or its instrumentation scope. */
export type Join = { readonly table: 'resources_v3'; readonly key: string } | { readonly table: 'scopes_v3' };

/** The column under which the joined resource's attribute is found; `keys` are those that are joined, in order. */
export function joinedColumn(key: string, keys: readonly string[]): string {
  return `resource_${keys.indexOf(key)}`;
}

const asText = (key: string) => `toString(${key})`;
const TEXT_COLUMNS: Partial<Record<TfqlFieldName, { readonly column: string; readonly usualValues?: number }>> = {
  'service.name': { column: 'service_name', usualValues: 50 },
  name: { column: 'name', usualValues: 500 },
  'status.message': { column: 'status_message' },
  'event.name': { column: 'event_name', usualValues: 50 },
  body: { column: 'body' },
};
const USUAL_VALUES_OF_PROMOTED = 200;
const ID_COLUMNS: Partial<Record<TfqlFieldName, readonly [column: string, digits: 16 | 32]>> = {
  trace_id: ['trace_id', 32],
  span_id: ['span_id', 16],
  parent_span_id: ['parent_span_id', 16],
};

/**
 * A field of spans or log records.
 *
 * @param inherited the keys that some resource carries, so that a row without the attribute may have it from there
 */
export function recordField(
  name: string,
  signal: 'spans' | 'logs',
  inherited: readonly string[],
  params: Parameters,
): FieldSql {
  const target = resolveTfqlField(name, signal);
  if (target.kind === 'field') return ownField(target.name);
  if (name === 'timestamp') return timestampField('timestamp');
  if (target.kind === 'resource') return inheritedField(target.key, inherited);
  const key = params.shared(target.key);
  const promoted = promotedColumn(target.key, signal);
  const own = promoted ?? `attributes[${key}]`;
  const letter = typeLetter(key);
  if (target.kind === 'attribute' || !inherited.includes(target.key)) {
    const field = { ...textField(own, []), letter };
    return promoted === undefined ? field : { ...field, usualValues: USUAL_VALUES_OF_PROMOTED };
  }
  const joined = joinedColumn(target.key, inherited);
  const carried = hasAttribute(key, own);
  return {
    ...textField(`if(${carried}, ${own}, ${joined})`, [{ table: 'resources_v3', key: target.key }]),
    letter: `if(${carried}, ${letter}, ${joined}_type)`,
  };
}

/** An instant as ISO 8601 with nanoseconds. */
export function timestampField(column: string): FieldSql {
  const label = (key: string) => `concat(replaceOne(toString(${key}), ' ', 'T'), 'Z')`;
  return { key: column, label, unit: '', joins: [] };
}

function inheritedField(key: string, inherited: readonly string[]): FieldSql {
  if (!inherited.includes(key)) return { ...textField(`''`, []), letter: `''` };
  const joined = joinedColumn(key, inherited);
  return { ...textField(joined, [{ table: 'resources_v3', key }]), letter: `${joined}_type` };
}

/** The type letter of a row's attribute. It takes reading the whole map: for the rows of a page. */
export function typeLetter(key: string): string {
  return `substring(attribute_types, indexOf(mapKeys(attributes), ${key}), 1)`;
}

function textField(sql: string, joins: readonly Join[]): FieldSql {
  return { key: sql, label: asText, number: `toFloat64OrDefault(${sql}, nan)`, unit: '', joins };
}

function ownField(name: TfqlFieldName): FieldSql {
  const own = TEXT_COLUMNS[name];
  if (own !== undefined) {
    const { column, ...known } = own;
    return { key: column, label: asText, unit: '', joins: [], ...known };
  }
  const id = ID_COLUMNS[name];
  if (id !== undefined) return { key: id[0], label: (key) => hexId(key, id[1]), unit: '', joins: [] };
  switch (name) {
    case 'kind':
      return enumField('kind', SPAN_KINDS);
    case 'status':
      return enumField('status_code', STATUS_CODES);
    case 'severity':
      return enumField(severityClass(), SEVERITY_CLASSES);
    case 'duration':
      return { key: 'duration_ns', label: asText, number: 'toFloat64(duration_ns)', unit: 'ns', joins: [] };
    case 'scope.version':
      return { key: 'scope_version', label: asText, unit: '', joins: [{ table: 'scopes_v3' }] };
    default:
      return { key: 'scope_name', label: asText, unit: '', joins: [{ table: 'scopes_v3' }] };
  }
}

/** A small number with names; a number without a name is the first. */
export function enumField(column: string, names: readonly string[]): FieldSql {
  const list = names.map((name) => `'${name}'`).join(', ');
  return {
    key: column,
    label: (key) => `[${list}][if(${key} < ${names.length}, ${key}, 0) + 1]`,
    usualValues: names.length,
    unit: '',
    joins: [],
  };
}
