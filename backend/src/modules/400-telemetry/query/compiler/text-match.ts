import {
  hasWildcard,
  numberOf,
  durationNsOf,
  sizeBytesOf,
  type CompareOperator,
  type Literal,
} from '@telemetryflow/contracts';
import type { Parameters } from './parameters.js';

/** Operators that are not the negation of another. */
export type PositiveOperator = Exclude<CompareOperator, '!=' | '!~'>;

const ASCII_TOKEN = /^[A-Za-z0-9]+$/;
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** A condition on a text expression that is never null. */
export function matchText(sql: string, operator: PositiveOperator, value: Literal, params: Parameters): string {
  switch (operator) {
    case ':':
      return hasWildcard(value)
        ? `${sql} LIKE ${params.add('String', likePattern(value.text))}`
        : `${sql} = ${params.add('String', value.text)}`;
    case '~':
      return `match(${sql}, ${params.add('String', value.text)})`;
    default:
      return `${sql} ${operator} ${params.add('String', value.text)}`;
  }
}

/**
 * Free text, case-insensitive, found anywhere in one of the expressions. A bare word is a whole token, so that a token
 * index on `lower(expression)` can answer; `*` and quotes search for parts of words.
 */
export function containsText(expressions: readonly string[], value: Literal, params: Parameters): string {
  if (!value.quoted && ASCII_TOKEN.test(value.text)) {
    const token = params.add('String', value.text.toLowerCase());
    return anyOf(expressions.map((sql) => `hasToken(lower(${sql}), ${token})`));
  }
  const lower = ASCII.test(value.text) ? 'lower' : 'lowerUTF8';
  const text = value.text.toLowerCase();
  const pattern = params.add('String', `%${value.quoted ? escapeLike(text) : likePattern(text)}%`);
  return anyOf(expressions.map((sql) => `${lower}(${sql}) LIKE ${pattern}`));
}

/** The literal as a number: plain, a size in bytes, or a duration in seconds (how OpenTelemetry measures it). */
export function numericLiteral(value: Literal): number | undefined {
  if (value.quoted) return undefined;
  const durationNs = durationNsOf(value.text);
  return numberOf(value.text) ?? sizeBytesOf(value.text) ?? (durationNs === undefined ? undefined : durationNs / 1e9);
}

export function anyOf(conditions: readonly string[]): string {
  return conditions.length === 1 && conditions[0] !== undefined ? conditions[0] : `(${conditions.join(' OR ')})`;
}

function likePattern(text: string): string {
  return text.split('*').map(escapeLike).join('%');
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
