import type { QueryOrder } from '../query.js';
import type { Literal, TfqlExpression } from './ast.js';
import { formatField, formatTfql } from './format.js';
import { FUNCTION_WORDS } from './grammar/words.js';
import { parseTfql } from './parser.js';
import { DEFAULT_LIMIT, QUERY_LABELS, type TfqlQueryInput } from './query-model.js';
import { quote } from './quoting.js';

const BARE_NAME = /^[\p{L}_][\p{L}\p{N}_.\-/]*$/u;
const BARE_METRIC = /^[\w.:\-/]+$/;
type PartInput = TfqlQueryInput['queries'][number];
type AggregationInput = NonNullable<PartInput['aggregations']>[number];
type Named = Pick<AggregationInput, 'function' | 'field' | 'level' | 'where'>;

/**
 * The canonical text of a query, one statement per line: `parseQuery(formatQuery(q))` equals `q` with its defaults filled
 * in and its filters and formulas in canonical form. Range and time zone are not part of it.
 *
 * @throws TfqlSyntaxError when a filter of it can't be read
 */
export function formatQuery(query: TfqlQueryInput): string {
  const { queries, formulas = [], step = 'auto', compare = '' } = query;
  const isLabelled = queries.length > 1 || formulas.length > 0;
  const stepped =
    step === 'auto'
      ? -1
      : Math.max(
          0,
          queries.findIndex(({ aggregations = [] }) => aggregations.length > 0),
        );
  const statements = queries.map((part, i) => {
    const label = part.label ?? 'A';
    const isPlain = !isLabelled && label === QUERY_LABELS[0];
    const stages = formatStages(part, i === stepped ? step : 'auto');
    if (i === 0 && compare !== '') stages.push(`compare ${compare}`);
    return [(isPlain ? '' : `${label} = `) + formatSource(part), ...stages].join(' | ');
  });
  return [...statements, ...formulas.map(formatFormula)].join('\n');
}

/** The name of an aggregation that has no alias: `p95(duration)`, `quantile(duration, 0.9)`, `count where status:error`. */
export function aggregationName({ function: name, field = '', level, where = '' }: Named): string {
  const takesField = field === '' ? [] : [formatKey(field)];
  const called = [...takesField, ...(level === undefined ? [] : [String(level)])].join(', ');
  return `${name}${called === '' ? '' : `(${called})`}${where === '' ? '' : ` where ${embedded(where, WHERE_ENDS)}`}`;
}

function formatFormula({ label, expression, alias = '' }: NonNullable<TfqlQueryInput['formulas']>[number]): string {
  return `${label} = ${expression}${formatAlias(alias)}`;
}

function formatAlias(alias: string): string {
  return alias === '' ? '' : ` as ${BARE_NAME.test(alias) ? alias : quote(alias)}`;
}

function formatSource({ signal, metric = '', filter = '' }: PartInput): string {
  const name = signal === 'metrics' ? ` ${BARE_METRIC.test(metric) ? metric : quote(metric)}` : '';
  const text = embedded(filter, SOURCE_ENDS);
  return `${signal}${name}${text === '' ? '' : ` ${text}`}`;
}

function formatStages(part: PartInput, step: string): string[] {
  const { aggregations = [], groupBy = [], order, limit = DEFAULT_LIMIT, fields = [], hidden = false } = part;
  const computed = aggregations.map((a) => aggregationName(a) + formatAlias(a.alias ?? '')).join(', ');
  const by = groupBy.length === 0 ? '' : `by ${groupBy.map(formatKey).join(', ')}`;
  const every = step === 'auto' ? '' : `every ${step}`;
  const stages = [[computed, by, every].filter((text) => text !== '').join(' ')];
  if (order) stages.push(`sort by ${sortText(order.by, aggregations)} ${order.direction ?? 'desc'}`);
  if (limit !== DEFAULT_LIMIT) stages.push(`${aggregations.length > 0 ? 'top' : 'limit'} ${limit}`);
  if (fields.length > 0) stages.push(`fields ${fields.map(formatKey).join(', ')}`);
  if (hidden) stages.push('hide');
  return stages.filter((text) => text !== '');
}

/** By name where that means nothing else, otherwise by position. */
function sortText(by: QueryOrder['by'], aggregations: readonly AggregationInput[]): string {
  if (typeof by === 'string') {
    const isAmbiguous = positionOf(by, aggregations) >= 0 || FUNCTION_WORDS.has(by);
    return isAmbiguous ? quote(by) : formatKey(by);
  }
  const aggregation = aggregations[by];
  if (aggregation === undefined) return String(by + 1);
  const name = aggregation.alias || aggregationName({ ...aggregation, where: '' });
  const isPlain = !aggregation.alias || BARE_NAME.test(name);
  return isPlain && positionOf(name, aggregations) === by ? name : String(by + 1);
}

/** The aggregation with this alias, else the first that is written so, its filter aside; -1 for none. */
export function positionOf(name: string, aggregations: readonly AggregationInput[]): number {
  const aliased = aggregations.findIndex(({ alias }) => alias === name);
  return aliased >= 0 ? aliased : aggregations.findIndex((a) => aggregationName({ ...a, where: '' }) === name);
}

/** A name among keys, quoted where it could be read as a number or a keyword. */
function formatKey(name: string): string {
  return /^[\d.-]/.test(name) ? quote(name) : formatField(name);
}

const SOURCE_ENDS = { stops: /[|;]/, words: new Set<string>(), start: /^[={]/ };
const WHERE_ENDS = { stops: /[|;,]/, words: new Set(['as', 'by', 'every']), start: /^$/ };

/** A filter within a statement: in parentheses, where nothing of it can be read as structure, if that is needed. */
function embedded(filter: string, ends: typeof SOURCE_ENDS): string {
  const expression = parseTfql(filter);
  const text = formatTfql(expression);
  const isExposed = literals(expression).some(
    ({ text: literal, quoted }) => !quoted && (ends.stops.test(literal) || ends.words.has(literal)),
  );
  return isExposed || ends.start.test(text) ? `(${text})` : text;
}

function literals(expression: TfqlExpression): Literal[] {
  if (expression.kind === 'and' || expression.kind === 'or') return expression.items.flatMap(literals);
  if (expression.kind === 'not') return literals(expression.item);
  return expression.kind === 'compare' || expression.kind === 'text' ? [expression.value] : [];
}
