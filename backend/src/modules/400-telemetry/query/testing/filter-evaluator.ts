import {
  durationNsOf,
  hasWildcard,
  numberOf,
  resolveTfqlField,
  sizeBytesOf,
  type Comparison,
  type CompareOperator,
  type Literal,
  type TfqlExpression,
} from '@telemetryflow/contracts';
import { SPAN_KINDS, STATUS_CODES } from '../compiler/field-match.js';
import { encode, type LogInput, type SpanInput, type TypedAttributes } from './rows.js';

/** A log record with what its ids refer to. */
export interface EvaluatedLog extends LogInput {
  readonly resource: TypedAttributes;
  readonly scopeName: string;
}

/** A span with what its ids refer to. */
export interface EvaluatedSpan extends SpanInput {
  readonly resource: TypedAttributes;
  readonly scopeName: string;
}
export type EvaluatedRecord = EvaluatedLog | EvaluatedSpan;

export function isSpan(row: EvaluatedRecord): row is EvaluatedSpan {
  return 'startNs' in row;
}

/** What a filter means for a record, slowly and obviously: the yardstick of the compiler. */
export function evaluate(expression: TfqlExpression, row: EvaluatedRecord): boolean {
  switch (expression.kind) {
    case 'all':
      return true;
    case 'and':
      return expression.items.every((item) => evaluate(item, row));
    case 'or':
      return expression.items.some((item) => evaluate(item, row));
    case 'not':
      return !evaluate(expression.item, row);
    case 'text':
      return searched(row).some((text) => contains(text, expression.value));
    case 'exists':
      return exists(expression.field, row);
    case 'compare':
      if (expression.operator === '!=') return !compare({ ...expression, operator: '=' }, row);
      if (expression.operator === '!~') return !compare({ ...expression, operator: '~' }, row);
      return compare(expression, row);
  }
}

function exists(field: string, row: EvaluatedRecord): boolean {
  const target = resolveTfqlField(field, isSpan(row) ? 'spans' : 'logs');
  switch (target.kind) {
    case 'attribute':
      return target.key in (row.attributes ?? {});
    case 'resource':
      return target.key in row.resource;
    case 'any':
      return target.key in (row.attributes ?? {}) || target.key in row.resource;
    case 'field':
      return hasField(target.name, row);
  }
}

function compare({ field, operator, value }: Comparison, row: EvaluatedRecord): boolean {
  const target = resolveTfqlField(field, isSpan(row) ? 'spans' : 'logs');
  const own = row.attributes ?? {};
  switch (target.kind) {
    case 'attribute':
      return attribute(own, target.key, operator, value);
    case 'resource':
      return attribute(row.resource, target.key, operator, value);
    case 'any':
      return attribute(target.key in own ? own : row.resource, target.key, operator, value);
    case 'field':
      if (target.name === 'severity' && !isSpan(row)) return severity(row, operator, value);
      if (target.name === 'kind' && isSpan(row)) return named(SPAN_KINDS, row.kind ?? 1, operator, value);
      if (target.name === 'status' && isSpan(row)) return named(STATUS_CODES, row.status ?? 0, operator, value);
      if (target.name === 'duration' && isSpan(row))
        return duration(Number(row.durationNs ?? 1_000_000n), operator, value);
      if (target.name === 'body' && operator === ':') return contains(column('body', row), value);
      return text(column(target.name, row), operator, value);
  }
}

function hasField(name: string, row: EvaluatedRecord): boolean {
  if (isSpan(row)) {
    if (name === 'kind') return (row.kind ?? 1) !== 0;
    if (name === 'status') return (row.status ?? 0) !== 0;
    return name === 'duration' || column(name, row) !== '';
  }
  if (name === 'severity') return (row.severity ?? 9) !== 0 || (row.severityText ?? '') !== '';
  return column(name, row) !== '';
}

/** Where free text is looked for. */
function searched(row: EvaluatedRecord): string[] {
  if (!isSpan(row)) return [encode(row.body ?? '')[0]];
  const values = Object.values(row.attributes ?? {}).map((value) => encode(value)[0]);
  return [row.name ?? 'op', row.service ?? 'shop', row.statusMessage ?? '', ...values];
}

/** The text of a field that is text. */
export function column(name: string, row: EvaluatedRecord): string {
  switch (name) {
    case 'service.name':
      return row.service ?? 'shop';
    case 'scope.name':
      return row.scopeName;
    case 'name':
      return isSpan(row) ? (row.name ?? 'op') : '';
    case 'status.message':
      return isSpan(row) ? (row.statusMessage ?? '') : '';
    case 'trace_id':
      return row.trace ?? '';
    case 'body':
      return isSpan(row) ? '' : encode(row.body ?? '')[0];
    case 'event.name':
      return isSpan(row) ? '' : (row.eventName ?? '');
    default:
      throw new Error(`the evaluator does not know ${name}`);
  }
}

/** By the name, or by the number it stands for. */
function named(names: readonly string[], code: number, operator: CompareOperator, value: Literal): boolean {
  const name = names[code] ?? '';
  if (operator === '~') return text(name, operator, value);
  const word = value.text.toLowerCase();
  if (operator === ':' && hasWildcard(value)) return glob(word).test(name);
  const asked = numberOf(word);
  if (asked === undefined) return (operator === ':' || operator === '=') && name === word;
  return compared(code, operator, asked);
}

/** A bare number is milliseconds. */
function duration(ns: number, operator: CompareOperator, value: Literal): boolean {
  return compared(ns, operator, durationNsOf(value.text) ?? Number(value.text) * 1e6);
}

function compared(stored: number, operator: CompareOperator, asked: number): boolean {
  switch (operator) {
    case '>':
      return stored > asked;
    case '>=':
      return stored >= asked;
    case '<':
      return stored < asked;
    case '<=':
      return stored <= asked;
    default:
      return stored === asked;
  }
}

function attribute(map: TypedAttributes, key: string, operator: CompareOperator, value: Literal): boolean {
  const found = map[key];
  if (found === undefined) return false;
  const [stored, letter] = encode(found);
  const number = value.quoted ? undefined : numeric(value.text);
  if (number === undefined || operator === '~') return text(stored, operator, value);
  const storedNumber = stored === '' ? Number.NaN : Number(stored);
  if (operator !== ':' && operator !== '=') return compared(storedNumber, operator, number);
  if (text(stored, operator, value)) return true;
  // Beyond 2^53 doubles no longer tell integers apart: only the digits count.
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER && 'id'.includes(letter) && storedNumber === number;
}

function numeric(literal: string): number | undefined {
  const ns = durationNsOf(literal);
  return numberOf(literal) ?? sizeBytesOf(literal) ?? (ns === undefined ? undefined : ns / 1e9);
}

function text(stored: string, operator: CompareOperator, value: Literal): boolean {
  const order = Buffer.compare(Buffer.from(stored), Buffer.from(value.text));
  switch (operator) {
    case ':':
      return hasWildcard(value) ? glob(value.text).test(stored) : stored === value.text;
    case '~':
      return new RegExp(value.text, 's').test(stored);
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    default:
      return order === 0;
  }
}

function contains(stored: string, value: Literal): boolean {
  const [haystack, needle] = [stored.toLowerCase(), value.text.toLowerCase()];
  if (value.quoted) return haystack.includes(needle);
  if (/^[a-z0-9]+$/.test(needle)) return haystack.split(/[^a-z0-9\u0080-\uffff]+/).includes(needle);
  return glob(`*${needle}*`).test(haystack);
}

function glob(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** The severity numbers a name or a number stands for. */
export function severityNumbers(word: string): [lowest: number, highest: number] | undefined {
  if (/^\d{1,2}$/.test(word)) return [Number(word), Number(word)];
  const level = LEVELS.indexOf(word.toLowerCase());
  return level === -1 ? undefined : [4 * level + 1, 4 * level + 4];
}

/** With the plain names and numbers; records without a number are judged by the name in their text. */
function severity(row: EvaluatedLog, operator: CompareOperator, value: Literal): boolean {
  const asked = operator === '~' ? undefined : severityNumbers(value.text);
  const label = row.severityText ?? '';
  if (asked === undefined) return text(label.toLowerCase(), operator, { ...value, text: value.text.toLowerCase() });
  const number = row.severity ?? 9;
  const own = severityNumbers(number > 0 ? String(number) : label);
  if (own === undefined) return false;
  switch (operator) {
    case '>':
      return own[0] > asked[1];
    case '>=':
      return own[0] >= asked[0];
    case '<':
      return own[1] < asked[0];
    case '<=':
      return own[1] <= asked[1];
    default:
      return own[0] >= asked[0] && own[1] <= asked[1];
  }
}
