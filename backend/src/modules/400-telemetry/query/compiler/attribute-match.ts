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
 */
export function matchAttribute(key: string, condition: Condition, params: Parameters): string {
  const name = params.add('String', key);
  const present = `mapContains(attributes, ${name})`;
  if (condition === 'exists') return present;
  return `(${present} AND ${matchValue(name, condition, params)})`;
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
  return `(${own} OR (NOT mapContains(attributes, ${params.add('String', key)}) AND ${inherited}))`;
}

function matchValue(name: string, condition: Exclude<Condition, 'exists'>, params: Parameters): string {
  const { operator, value } = condition;
  const text = `attributes[${name}]`;
  const number = numericLiteral(value);
  if (number === undefined || operator === '~') return matchText(text, operator, value, params);
  // NaN answers false to every comparison, so text that is no number never matches and nothing is null.
  const asNumber = `toFloat64OrDefault(${text}, nan)`;
  if (operator !== ':' && operator !== '=') return `${asNumber} ${operator} ${params.add('Float64', number)}`;
  const byText = matchText(text, operator, value, params);
  if (Math.abs(number) > EXACT) return byText;
  const type = `substring(attribute_types, indexOf(mapKeys(attributes), ${name}), 1)`;
  return `(${byText} OR (${type} IN ('i', 'd') AND ${asNumber} = ${params.add('Float64', number)}))`;
}
