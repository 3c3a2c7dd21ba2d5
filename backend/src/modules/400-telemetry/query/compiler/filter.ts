import {
  resolveTfqlField,
  type Comparison,
  type Existence,
  type FreeText,
  type TfqlExpression,
  type TfqlSignal,
} from '@telemetryflow/contracts';
import { matchAnywhere, matchAttribute, matchResource, type Condition } from './attribute-match.js';
import { matchField } from './field-match.js';
import type { Parameters } from './parameters.js';
import { promotedColumn } from './promoted.js';
import { anyOf, containsText } from './text-match.js';

/**
 * A filter as a condition over `spans_v3`, `logs_v3` or (metrics) `series_v3`. Never null, so that NOT is its exact
 * complement: `a != b` and `NOT a:b` hold for records without `a`.
 *
 * @throws TfqlSyntaxError for a literal that its field can't have, such as `duration:>fast`
 */
export function compileFilter(expression: TfqlExpression, signal: TfqlSignal, params: Parameters): string {
  switch (expression.kind) {
    case 'all':
      return '1';
    case 'and':
      return `(${expression.items.map((item) => compileFilter(item, signal, params)).join(' AND ')})`;
    case 'or':
      return anyOf(expression.items.map((item) => compileFilter(item, signal, params)));
    case 'not':
      return `NOT (${compileFilter(expression.item, signal, params)})`;
    case 'text':
      return compileText(expression, signal, params);
    default:
      return compileCondition(expression, signal, params);
  }
}

function compileCondition(expression: Comparison | Existence, signal: TfqlSignal, params: Parameters): string {
  if (expression.kind === 'exists') return onTarget(expression, 'exists', signal, params);
  const { operator, value } = expression;
  if (operator === '!=') return `NOT (${onTarget(expression, { operator: '=', value }, signal, params)})`;
  if (operator === '!~') return `NOT (${onTarget(expression, { operator: '~', value }, signal, params)})`;
  return onTarget(expression, { operator, value }, signal, params);
}

function onTarget(
  { field, at }: Comparison | Existence,
  condition: Condition,
  signal: TfqlSignal,
  params: Parameters,
): string {
  const target = resolveTfqlField(field, signal);
  switch (target.kind) {
    case 'field':
      return matchField(target.name, condition, at, params);
    case 'attribute':
      return matchAttribute(target.key, condition, params, promotedColumn(target.key, signal));
    case 'resource':
      return matchResource(target.key, condition, params);
    case 'any':
      return matchAnywhere(target.key, condition, params, promotedColumn(target.key, signal));
  }
}

function compileText({ value }: FreeText, signal: TfqlSignal, params: Parameters): string {
  switch (signal) {
    case 'logs':
      return containsText(['body'], value, params);
    case 'metrics':
      return containsText(['metric_name', 'description'], value, params);
    case 'spans': {
      const columns = containsText(['name', 'service_name', 'status_message'], value, params);
      return `(${columns} OR arrayExists(v -> ${containsText(['v'], value, params)}, mapValues(attributes)))`;
    }
  }
}
