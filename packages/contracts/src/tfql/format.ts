import type { Literal, TfqlExpression } from './ast.js';
import { quote } from './quoting.js';

const PLAIN_FIELD = /^[\p{L}\p{N}_@$][\p{L}\p{N}_@$.\-/]*$/u;
/** Bare literals that could be read as something else (an operator, a list, a negation) are quoted instead. */
const PLAIN_VALUE = /^[^\s()",:=<>!~\\-][^\s()",:=<>!~\\]*$/u;
const KEYWORDS = new Set(['AND', 'OR', 'NOT']);

/** The canonical text of a filter: `parseTfql(formatTfql(e))` equals `e`, positions aside. */
export function formatTfql(expression: TfqlExpression): string {
  switch (expression.kind) {
    case 'all':
      return '';
    case 'and':
      return expression.items.map(inner).join(' AND ');
    case 'or':
      return expression.items.map(inner).join(' OR ');
    case 'not':
      return `NOT ${inner(expression.item)}`;
    case 'exists':
      return `${formatField(expression.field)}:*`;
    case 'text':
      return formatLiteral(expression.value);
    case 'compare':
      return `${formatField(expression.field)}${expression.operator}${gap(expression.value)}${formatLiteral(expression.value)}`;
  }
}

/** The name as it has to be written, quoted where it holds other than name characters. */
export function formatField(field: string): string {
  if (PLAIN_FIELD.test(field) && field !== 'exists') return field;
  for (const prefix of ['attributes.', 'resource.']) {
    if (field.startsWith(prefix) && field.length > prefix.length) return prefix + quote(field.slice(prefix.length));
  }
  return quote(field);
}

/** Text as a TFQL literal that matches exactly it: quoted where a bare word would mean something else. */
export function formatValue(text: string): string {
  return PLAIN_VALUE.test(text) && !text.includes('*') && !KEYWORDS.has(text) ? text : quote(text);
}

function inner(expression: TfqlExpression): string {
  const text = formatTfql(expression);
  return expression.kind === 'and' || expression.kind === 'or' ? `(${text})` : text;
}

/** A bare value that starts like an operator is kept apart from the one before it. */
function gap(value: Literal): string {
  return !value.quoted && /^[=~<>!]/.test(value.text) ? ' ' : '';
}

function formatLiteral(value: Literal): string {
  return value.quoted ? quote(value.text) : value.text;
}
