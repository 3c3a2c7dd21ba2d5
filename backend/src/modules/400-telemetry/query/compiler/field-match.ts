import {
  durationNsOf,
  hasWildcard,
  numberOf,
  TfqlSyntaxError,
  type SourceRange,
  type TfqlFieldName,
} from '@telemetryflow/contracts';
import type { Condition } from './attribute-match.js';
import type { Parameters } from './parameters.js';
import { severityRange, spellingsWhere } from './severity.js';
import { anyOf, containsText, matchText } from './text-match.js';

type Comparison = Exclude<Condition, 'exists'>;

/** The first whole number that a UInt64 can't hold: no span lasts as long. */
const NEVER_NS = 2 ** 64;

export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const STATUS_CODES = ['unset', 'ok', 'error'] as const;

const TEXT_COLUMNS: Partial<Record<TfqlFieldName, string>> = {
  'service.name': 'service_name',
  name: 'name',
  'status.message': 'status_message',
  'event.name': 'event_name',
  metric: 'metric_name',
  unit: 'unit',
};

/** Column and length in hexadecimal digits. */
const ID_COLUMNS: Partial<Record<TfqlFieldName, readonly [column: string, digits: number]>> = {
  trace_id: ['trace_id', 32],
  span_id: ['span_id', 16],
  parent_span_id: ['parent_span_id', 16],
};

/** A condition on a field that every record of the signal has, as SQL that is never null. */
export function matchField(field: TfqlFieldName, condition: Condition, at: SourceRange, params: Parameters): string {
  const column = TEXT_COLUMNS[field];
  if (column !== undefined) {
    return condition === 'exists' ? `${column} != ''` : matchText(column, condition.operator, condition.value, params);
  }
  const id = ID_COLUMNS[field];
  if (id !== undefined) return matchId(...id, condition, params);
  switch (field) {
    case 'kind':
      return matchEnum('kind', SPAN_KINDS, condition, params);
    case 'status':
      return matchEnum('status_code', STATUS_CODES, condition, params);
    case 'duration':
      return condition === 'exists' ? '1' : matchDuration(condition, at, params);
    case 'severity':
      return matchSeverity(condition, params);
    case 'body':
      return matchBody(condition, params);
    default:
      return matchScope(field === 'scope.version' ? 'version' : 'name', condition, params);
  }
}

function matchScope(column: 'name' | 'version', condition: Condition, params: Parameters): string {
  const inner =
    condition === 'exists' ? `${column} != ''` : matchText(column, condition.operator, condition.value, params);
  return `scope_id IN (SELECT scope_id FROM scopes_v3 WHERE ${params.tenantFilter} AND ${inner})`;
}

function matchId(column: string, digits: number, condition: Condition, params: Parameters): string {
  const none = `unhex('${'0'.repeat(digits)}')`;
  if (condition === 'exists') return `${column} != ${none}`;
  const { operator, value } = condition;
  const exact = operator === '=' || (operator === ':' && !hasWildcard(value));
  const text = value.text.toLowerCase();
  if (!exact)
    return `(${column} != ${none} AND ${matchText(`lower(hex(${column}))`, operator, { ...value, text }, params)})`;
  const valid = text.length === digits && /^[0-9a-f]+$/.test(text);
  return valid ? `${column} = unhex(${params.add('String', text)})` : '0';
}

/**
 * Comparisons are decided here on the few names there are, so that the store compares small numbers only. Patterns are
 * left to the store, whose engine never backtracks: here a hostile one would hold up everybody.
 */
function matchEnum(column: string, names: readonly string[], condition: Condition, params: Parameters): string {
  if (condition === 'exists') return `${column} != 0`;
  const { operator, value } = condition;
  if (operator === '~' || (operator === ':' && hasWildcard(value))) {
    const name = `${params.add('Array(String)', names)}[${column} + 1]`;
    return matchText(name, operator, operator === '~' ? value : { ...value, text: value.text.toLowerCase() }, params);
  }
  const codes = names.flatMap((name, code) => (enumHolds(name, code, condition) ? [code] : []));
  return codes.length === 0 ? '0' : `has(${params.add('Array(UInt8)', codes)}, ${column})`;
}

function enumHolds(name: string, code: number, { operator, value }: Comparison): boolean {
  const word = value.text.toLowerCase();
  const number = numberOf(word);
  switch (operator) {
    case '>':
      return number !== undefined && code > number;
    case '>=':
      return number !== undefined && code >= number;
    case '<':
      return number !== undefined && code < number;
    case '<=':
      return number !== undefined && code <= number;
    default:
      return number === undefined ? name === word : code === number;
  }
}

function matchDuration({ operator, value }: Comparison, at: SourceRange, params: Parameters): string {
  const milliseconds = numberOf(value.text);
  const ns = durationNsOf(value.text) ?? (milliseconds === undefined ? undefined : Math.round(milliseconds * 1e6));
  if (ns === undefined || operator === '~') {
    throw new TfqlSyntaxError(
      'expected a duration',
      at.from,
      at.to - at.from,
      'write a number with a unit, such as duration:>500ms',
    );
  }
  if (ns < 0) return operator === '>' || operator === '>=' ? '1' : '0';
  if (ns >= NEVER_NS) return operator === '<' || operator === '<=' ? '1' : '0';
  const column = `duration_ns ${operator === ':' ? '=' : operator} `;
  return column + params.add('UInt64', BigInt(ns).toString());
}

/** By number; records without a number are judged by their text. */
function matchSeverity(condition: Condition, params: Parameters): string {
  if (condition === 'exists') return `(severity_number != 0 OR severity_text != '')`;
  const { operator, value } = condition;
  const range = operator === '~' || hasWildcard(value) ? undefined : severityRange(value.text);
  if (range === undefined) {
    return matchText('lower(severity_text)', operator, { ...value, text: value.text.toLowerCase() }, params);
  }
  const [lowest, highest, texts] = severityBounds(operator, range);
  if (highest < lowest) return '0';
  const byNumber = `severity_number BETWEEN ${params.add('UInt8', lowest)} AND ${params.add('UInt8', highest)}`;
  if (texts.length === 0) return `(${byNumber})`;
  const byText = `severity_number = 0 AND has(${params.add('Array(String)', texts)}, lower(severity_text))`;
  return anyOf([byNumber, byText].map((c) => `(${c})`));
}

function severityBounds(
  operator: Comparison['operator'],
  range: NonNullable<ReturnType<typeof severityRange>>,
): [lowest: number, highest: number, texts: readonly string[]] {
  switch (operator) {
    case '>':
      return [range.highest + 1, 255, spellingsWhere((first) => first > range.highest)];
    case '>=':
      return [range.lowest, 255, spellingsWhere((first) => first >= range.lowest)];
    case '<':
      return [1, range.lowest - 1, spellingsWhere((first) => first + 3 < range.lowest)];
    case '<=':
      return [1, range.highest, spellingsWhere((first) => first + 3 <= range.highest)];
    default:
      return [range.lowest, range.highest, range.texts];
  }
}

function matchBody(condition: Condition, params: Parameters): string {
  if (condition === 'exists') return `body != ''`;
  return condition.operator === ':'
    ? containsText(['body'], condition.value, params)
    : matchText('body', condition.operator, condition.value, params);
}
