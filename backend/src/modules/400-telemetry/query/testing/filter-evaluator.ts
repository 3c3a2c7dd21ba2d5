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
import { encode, type LogInput, type TypedAttributes } from './rows.js';

/** A log record with what its ids refer to. */
export interface EvaluatedLog extends LogInput {
  readonly resource: TypedAttributes;
  readonly scopeName: string;
}

/** What a filter means for a log record, slowly and obviously: the yardstick of the compiler. */
export function evaluate(expression: TfqlExpression, row: EvaluatedLog): boolean {
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
      return contains(encode(row.body ?? '')[0], expression.value);
    case 'exists':
      return exists(expression.field, row);
    case 'compare':
      if (expression.operator === '!=') return !compare({ ...expression, operator: '=' }, row);
      if (expression.operator === '!~') return !compare({ ...expression, operator: '~' }, row);
      return compare(expression, row);
  }
}

function exists(field: string, row: EvaluatedLog): boolean {
  const target = resolveTfqlField(field, 'logs');
  switch (target.kind) {
    case 'attribute':
      return target.key in (row.attributes ?? {});
    case 'resource':
      return target.key in row.resource;
    case 'any':
      return target.key in (row.attributes ?? {}) || target.key in row.resource;
    case 'field':
      return target.name === 'severity'
        ? (row.severity ?? 9) !== 0 || (row.severityText ?? '') !== ''
        : column(target.name, row) !== '';
  }
}

function compare({ field, operator, value }: Comparison, row: EvaluatedLog): boolean {
  const target = resolveTfqlField(field, 'logs');
  const own = row.attributes ?? {};
  switch (target.kind) {
    case 'attribute':
      return attribute(own, target.key, operator, value);
    case 'resource':
      return attribute(row.resource, target.key, operator, value);
    case 'any':
      return attribute(target.key in own ? own : row.resource, target.key, operator, value);
    case 'field':
      if (target.name === 'severity') return severity(row, operator, value);
      if (target.name === 'body' && operator === ':') return contains(column('body', row), value);
      return text(column(target.name, row), operator, value);
  }
}

function column(name: string, row: EvaluatedLog): string {
  switch (name) {
    case 'service.name':
      return row.service ?? 'shop';
    case 'body':
      return encode(row.body ?? '')[0];
    case 'event.name':
      return row.eventName ?? '';
    case 'scope.name':
      return row.scopeName;
    default:
      throw new Error(`the evaluator does not know ${name}`);
  }
}

function attribute(map: TypedAttributes, key: string, operator: CompareOperator, value: Literal): boolean {
  const found = map[key];
  if (found === undefined) return false;
  const [stored, letter] = encode(found);
  const number = value.quoted ? undefined : numeric(value.text);
  if (number === undefined || operator === '~') return text(stored, operator, value);
  const storedNumber = stored === '' ? Number.NaN : Number(stored);
  switch (operator) {
    case '>':
      return storedNumber > number;
    case '>=':
      return storedNumber >= number;
    case '<':
      return storedNumber < number;
    case '<=':
      return storedNumber <= number;
    default:
      if (text(stored, operator, value)) return true;
      // Beyond 2^53 doubles no longer tell integers apart: only the digits count.
      return Math.abs(number) <= Number.MAX_SAFE_INTEGER && 'id'.includes(letter) && storedNumber === number;
  }
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

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** The severity numbers a name or a number stands for. */
function severityNumbers(word: string): [lowest: number, highest: number] | undefined {
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
