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
 *
 * @param column a column that holds the key's text too, where the table has one
 */
export function matchAttribute(key: string, condition: Condition, params: Parameters, column?: string): string {
  const name = params.shared(key);
  if (condition === 'exists') return hasAttribute(name, column);
  const match = matchValue(name, condition, params, column);
  return mayMatchNothing(condition) ? `(${hasAttribute(name, column)} AND ${match})` : match;
}

/**
 * Whether the row's map has the key that the placeholder names. Of a missing key the value is empty; keys whose value is
 * empty although they are there are in a column of their own.
 */
export function hasAttribute(name: string, column = `attributes[${name}]`): string {
  return `(${column} != '' OR has(empty_attributes, ${name}))`;
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

/**
 * The row's own attribute if it carries the key, its resource's otherwise. The first question is answered while the
 * statement is analysed: where no resource satisfies the condition, which is the usual case, only the row's own attribute
 * is read, and the indices on it can be used.
 */
export function matchAnywhere(key: string, condition: Condition, params: Parameters, column?: string): string {
  const own = matchAttribute(key, condition, params, column);
  const carriers = `FROM resources_v3 WHERE ${params.tenantFilter} AND ${matchAttribute(key, condition, params)}`;
  const inherited = `resource_id IN (SELECT resource_id ${carriers})`;
  const lacking = condition === 'exists' ? '' : `NOT ${hasAttribute(params.shared(key), column)} AND `;
  return `if((SELECT count() ${carriers}) = 0, ${own}, (${own} OR (${lacking}${inherited})))`;
}

function matchValue(
  name: string,
  condition: Exclude<Condition, 'exists'>,
  params: Parameters,
  text = `attributes[${name}]`,
): string {
  const { operator, value } = condition;
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
