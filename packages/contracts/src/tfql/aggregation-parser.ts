import type { SyntaxNode } from '@lezer/common';
import type { Aggregation, AggregationFunction, QueryOrder, QueryPart, QuerySignal } from '../query.js';
import { aggregationName, positionOf } from './format-query.js';
import { formatTfql } from './format.js';
import { expressionOf, nameOf } from './parser.js';
import { TfqlSyntaxError } from './syntax-error.js';

/**
 * Reads `p95(duration) where status:error as slow`.
 *
 * @throws TfqlSyntaxError where the function wants a field or a level, or takes none
 */
export function aggregationOf(node: SyntaxNode, signal: QuerySignal, source: string): Aggregation {
  const called = call(node, source);
  refuseWrongCall(called, node, signal);
  const where = node.getChild('Where')?.lastChild;
  const alias = node.getChild('As')?.lastChild;
  return {
    ...called,
    where: where ? formatTfql(expressionOf(where, source)) : '',
    alias: alias ? nameOf(alias, source) : '',
  };
}

type Call = Pick<Aggregation, 'function' | 'field' | 'level'>;

function call(node: SyntaxNode, source: string): Call {
  const name = node.getChild('Function') ?? node;
  const key = node.getChild('Arguments')?.getChild('Key');
  const level = node.getChild('Arguments')?.getChild('Number');
  return {
    function: source.slice(name.from, name.to) as AggregationFunction,
    field: key ? nameOf(key, source) : '',
    ...(level ? { level: Number(source.slice(level.from, level.to)) } : {}),
  };
}

function refuseWrongCall({ function: name, field, level }: Call, node: SyntaxNode, signal: QuerySignal): void {
  const isQuantile = name === 'quantile';
  const refuse = (problem: string, suggestion: string) =>
    new TfqlSyntaxError(problem, node.from, Math.max(1, (node.firstChild ?? node).to - node.from), suggestion);
  if (isQuantile && !(level !== undefined && level > 0 && level < 1)) {
    throw refuse('quantile needs a level between 0 and 1', `write quantile(${field || 'duration'}, 0.9)`);
  }
  if (!isQuantile && level !== undefined) throw refuse(`${name} takes no number`, 'use quantile(duration, 0.9)');
  if (signal === 'metrics') {
    if (field !== '') throw refuse(`${name} takes no field here`, "it is of the metric's value; remove the field");
    return;
  }
  if (name === 'increase' || name === 'delta') throw refuse(`${name} is of metrics only`, 'use count or rate');
  const wantsField = name !== 'count' && name !== 'rate';
  if (wantsField && field === '') throw refuse(`${name} needs a field`, `write ${name}(duration)`);
  if (!wantsField && field !== '') throw refuse(`${name} takes no field`, `write ${name} where ${field}:*`);
}

/**
 * Reads what groups are ordered by: a position from 1, an aggregation, its alias, or a group key.
 *
 * @throws TfqlSyntaxError when the query has no such thing
 */
export function sortOf(stage: SyntaxNode, part: QueryPart, source: string): QueryOrder {
  const node = stage.getChild('SortKey')?.firstChild ?? stage;
  const direction = stage.getChild('Direction');
  const isAscending = direction !== null && source.slice(direction.from, direction.to) === 'asc';
  const by = sortedBy(node, part, source);
  if (by === undefined) {
    const names = [...part.aggregations.map((a) => a.alias || aggregationName(a)), ...part.groupBy];
    const suggestion = names.length > 0 ? `use ${names.join(' or ')}` : 'add an aggregation before it';
    const text = source.slice(node.from, node.to);
    throw new TfqlSyntaxError(`there is no ${text} to sort by`, node.from, Math.max(1, text.length), suggestion);
  }
  return { by, direction: isAscending ? 'asc' : 'desc' };
}

function sortedBy(node: SyntaxNode, { aggregations, groupBy }: QueryPart, source: string): number | string | undefined {
  const text = source.slice(node.from, node.to);
  if (node.name === 'Number') {
    const position = Number(text) - 1;
    return aggregations[position] === undefined ? undefined : position;
  }
  if (node.name === 'Aggregated') {
    const aliased = positionOf(text, aggregations);
    return aliased >= 0 ? aliased : named(aggregationName(call(node, source)), aggregations, groupBy);
  }
  const key = nameOf(node, source);
  return text.startsWith('"') && groupBy.includes(key) ? key : named(key, aggregations, groupBy);
}

function named(name: string, aggregations: readonly Aggregation[], groupBy: readonly string[]) {
  const position = positionOf(name, aggregations);
  if (position >= 0) return position;
  return groupBy.includes(name) ? name : undefined;
}
