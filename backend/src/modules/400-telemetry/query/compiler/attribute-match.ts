import type { Literal } from '@telemetryflow/contracts';
import type { Parameters } from './parameters.js';
import { matchText, numericLiteral, type PositiveOperator } from './text-match.js';

/** Largest integer up to which doubles tell integers apart. */
const EXACT = Number.MAX_SAFE_INTEGER;

/** An operator and its operand, or the question whether there is a value at all. */
export type Condition = { readonly operator: PositiveOperator; readonly value: Literal } | 'exists';

/**
 * A condition on one key of the row's `attributes` map, false when the row lacks it. Numbers compare by value with
 * numeric attributes and numeric text, equality also by text with everything else.
 *
 * `attributes[key]` reads the one bucket of the map that holds the key; `mapContains` and the type letters read all of
 * them. So the first is not used, and the letters only where the value cannot tell.
 */
export function matchAttribute(key: string, condition: Condition, params: Parameters): string {
  const name = params.add('String', key);
  if (condition === 'exists') return hasAttribute(name);
  const match = matchValue(name, condition, params);
  return mayMatchNothing(condition) ? `(${hasAttribute(name)} AND ${match})` : match;
}

/**
 * Whether the row's map has the key that the placeholder names. Of a missing key the value is empty; keys whose value is
 * empty although they are there are in a column of their own.
 */
export function hasAttribute(name: string): string {
  return `(attributes[${name}] != '' OR has(empty_attributes, ${name}))`;
}

/** Whether the condition could hold for the empty text, which stands for a missing key too. */
function mayMatchNothing({ operator, value }: Exclude<Condition, 'exists'>): boolean {
  switch (operator) {
    case '~':
      return true;
    case ':':
      return /^\**$/.test(value.text);
    case '=':
      return value.text === '';
    default:
      // Empty text is no number.
      return numericLiteral(value) === undefined && (operator.startsWith('<') || value.text === '');
  }
}

/** A condition on a key of the resource that the row refers to by `resource_id`. */
export function matchResource(key: string, condition: Condition, params: Parameters): string {
  const inner = matchAttribute(key, condition, params);
  return `resource_id IN (SELECT resource_id FROM resources_v3 WHERE ${params.tenantFilter} AND ${inner})`;
}

/** The row's own attribute if it carries the key, its resource's otherwise. */
export function matchAnywhere(key: string, condition: Condition, params: Parameters): string {
  const own = matchAttribute(key, condition, params);
  const inherited = matchResource(key, condition, params);
  if (condition === 'exists') return `(${own} OR ${inherited})`;
  return `(${own} OR (NOT ${hasAttribute(params.add('String', key))} AND ${inherited}))`;
}

function matchValue(name: string, condition: Exclude<Condition, 'exists'>, params: Parameters): string {
  const { operator, value } = condition;
  const text = `attributes[${name}]`;
  const number = numericLiteral(value);
  if (number === undefined || operator === '~') return matchText(text, operator, value, params);
  // NaN answers false to every comparison, so text that is no number never matches and nothing is null.
  if (operator !== ':' && operator !== '=')
    return `toFloat64OrDefault(${text}, nan) ${operator} ${params.add('Float64', number)}`;
  const byText = matchText(text, operator, value, params);
  // Ints and doubles are written into the map as JavaScript spells them.
  const spelling = String(number);
  if (spelling === value.text || Math.abs(number) > EXACT) return byText;
  const type = `substring(attribute_types, indexOf(mapKeys(attributes), ${name}), 1)`;
  return `(${byText} OR (${text} = ${params.add('String', spelling)} AND ${type} IN ('i', 'd')))`;
}
