import { ValidationError } from '../../../../../shared/platform/index.js';
import type { AnsweredGroup, PartRequest, Steps } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import {
  finishedSql,
  mergedArraySql,
  mergedSql,
  planAggregates,
  statesByStepSql,
  stateSql,
  type AggregatePlan,
} from './aggregates.js';
import type { FieldSql } from './field-sql.js';
import { readGroup, type GroupRow } from './group-rows.js';
import type { RecordSource } from './source.js';
import { stepPosition } from './steps.js';

/** The one statement that answers a part's groups, and how its rows are read. */
export interface GroupsPlan {
  readonly statement: Statement;
  readonly aggregates: AggregatePlan;
  read(row: GroupRow): AnsweredGroup;
}

export type SourceOf = (params: Parameters) => RecordSource;

/** What the statement of groups is put together from. */
interface Pieces {
  readonly request: PartRequest;
  readonly source: RecordSource;
  readonly keys: readonly FieldSql[];
  readonly aggregates: AggregatePlan;
  readonly params: Parameters;
}

/** So many states of steps may be made beforehand; of a percentile's a hundred bytes each. */
const MAX_READY_STATES = 1_000_000;

/**
 * Groups ranked over the whole range, with their steps, in one pass over the records.
 *
 * @param exact percentiles of all values, or estimates
 * @throws ValidationError for an order or aggregation that cannot be; TfqlSyntaxError
 */
export function planGroups(request: PartRequest, sourceOf: SourceOf, exact: boolean): GroupsPlan {
  const params = new Parameters(request.tenantId);
  const source = sourceOf(params);
  const keys = request.part.groupBy.map((name) => source.field(name));
  const aggregates = planAggregates(request, source, exact);
  const statement = params.statement(groupsSql({ request, source, keys, aggregates, params }));
  return { statement, aggregates, read: (row) => readGroup(row, request, aggregates) };
}

function groupsSql(pieces: Pieces): string {
  const { steps } = pieces.request;
  if (steps === null) return overRange(pieces);
  return usualGroups(pieces.keys) * steps.starts.length > MAX_READY_STATES
    ? bySparseSteps(pieces, steps)
    : byReadySteps(pieces, steps);
}

function usualGroups(keys: readonly FieldSql[]): number {
  return keys.reduce((product, key) => product * (key.usualValues ?? Infinity), 1);
}

function overRange({ request, source, keys, aggregates, params }: Pieces): string {
  const { aggregations, states } = aggregates;
  const totals = aggregations.flatMap((a) => (a.state === undefined ? [] : [a.pick(`s${a.state}`)]));
  return `SELECT ${labels(keys)} AS labels, ${numbers(totals)} AS totals, count() OVER () AS totalGroups
FROM (
  SELECT ${listed([...keyColumns(keys), ...states.map((s, i) => `${finishedSql(s)} AS s${i}`), 'count() AS found'])}
  ${indented(source.from())}${onlyGroups(request, keys, params)}${groupBy(keys)}
  HAVING found > 0
)
${ranked(request, keys, aggregates, params)}`;
}

/** A state for every step of every group: the fastest, as long as the groups are few. */
function byReadySteps({ request, source, keys, aggregates, params }: Pieces, steps: Steps): string {
  const { aggregations, states } = aggregates;
  const step = stepPosition(steps, source.time, request.range, params);
  const backed = aggregations.flatMap((a) => {
    const state = a.state === undefined ? undefined : states[a.state];
    return state === undefined ? [] : [{ a, state, column: `s${a.state}` }];
  });
  const totals = backed.map(({ a, state, column }) => a.pick(mergedArraySql(state, column)));
  const lines = backed.map(({ a, column }) => `arrayMap(s -> ${a.pick('finalizeAggregation(s)')}, ${column})`);
  const columns = states.map((s, i) => `${statesByStepSql(s, step, steps.starts.length)} AS s${i}`);
  return `SELECT ${labels(keys)} AS labels, ${numbers(totals)} AS totals, [${lines.join(', ')}] AS lines, count() OVER () AS totalGroups
FROM (
  SELECT ${listed([...keyColumns(keys), ...columns, 'count() AS found'])}
  ${indented(source.from())}${onlyGroups(request, keys, params)}${groupBy(keys)}
  HAVING found > 0
)
${ranked(request, keys, aggregates, params)}`;
}

/** A state for every step in which a group has a record: groups may be many, most of them in few steps. */
function bySparseSteps({ request, source, keys, aggregates, params }: Pieces, steps: Steps): string {
  const { aggregations, states } = aggregates;
  const step = stepPosition(steps, source.time, request.range, params);
  const backed = aggregations.filter((a) => a.state !== undefined);
  const totals = backed.map((a) => a.pick(`t${a.state}`));
  const cell = backed.map((a) => a.pick(`finalizeAggregation(s${a.state})`));
  const names = keys.map((_, i) => `k${i}`);
  const merged = states.map((s, i) => `${mergedSql(s, `s${i}`)} AS t${i}`);
  return `SELECT ${labels(keys)} AS labels, ${numbers(totals)} AS totals, cells, count() OVER () AS totalGroups
FROM (
  SELECT ${listed([...names, ...merged, `groupArray(tuple(${listed(['step', ...cell])})) AS cells`])}
  FROM (
    SELECT ${listed([...keyColumns(keys), `${step} AS step`, ...states.map((s, i) => `${stateSql(s)} AS s${i}`)])}
    ${indented(indented(source.from()))}${onlyGroups(request, keys, params)}
    GROUP BY ${listed([...names, 'step'])}
  )${groupBy(keys)}
)
${ranked(request, keys, aggregates, params)}`;
}

function keyColumns(keys: readonly FieldSql[]): string[] {
  return keys.map(({ key }, i) => `${key} AS k${i}`);
}

function labels(keys: readonly FieldSql[]): string {
  return `CAST([${listed(keys.map((k, i) => k.label(`k${i}`)))}], 'Array(String)')`;
}

function numbers(values: readonly string[]): string {
  return `CAST([${listed(values)}], 'Array(Nullable(Float64))')`;
}

function groupBy(keys: readonly FieldSql[]): string {
  return keys.length === 0 ? '' : `\n  GROUP BY ${listed(keys.map((_, i) => `k${i}`))}`;
}

function listed(items: readonly string[]): string {
  return items.join(', ');
}

function indented(sql: string): string {
  return sql.replaceAll('\n', '\n  ');
}

/** The asked groups, whatever their rank. */
export function onlyGroups({ onlyGroups, part }: PartRequest, keys: readonly FieldSql[], params: Parameters): string {
  if (onlyGroups === undefined || part.groupBy.length === 0) return '';
  const found = keys.map((k) => k.label(k.key));
  const columns = keys.map((_, i) =>
    params.add(
      'Array(String)',
      onlyGroups.map((group) => group[i] ?? ''),
    ),
  );
  const [only] = found;
  if (found.length === 1 && only !== undefined) return `\n  AND ${only} IN ${listed(columns)}`;
  return `\n  AND (${listed(found)}) IN (SELECT arrayJoin(arrayZip(${listed(columns)})))`;
}

/** Ties are broken by the labels, so that the answer is the same every time. */
function ranked(request: PartRequest, keys: readonly FieldSql[], plan: AggregatePlan, params: Parameters): string {
  const direction = request.part.order?.direction === 'asc' ? 'ASC' : 'DESC';
  const by = rank(request, plan);
  const order = [
    ...(by === undefined ? [] : [`${by} ${direction} NULLS LAST`]),
    ...(keys.length === 0 ? [] : ['labels']),
  ];
  const limit = Math.max(request.onlyGroups?.length ?? request.part.limit, 1);
  return `${order.length === 0 ? '' : `ORDER BY ${listed(order)}\n`}LIMIT ${params.add('UInt32', limit)}`;
}

function rank({ part }: PartRequest, { aggregations }: AggregatePlan): string | undefined {
  const by = part.order?.by ?? 0;
  if (typeof by === 'string') {
    const key = part.groupBy.indexOf(by);
    if (key === -1) throw orderProblem(`${by} is not among the group keys`);
    return `labels[${key + 1}]`;
  }
  const asked = aggregations[by];
  if (asked === undefined) throw orderProblem(`there is no aggregation ${by}`);
  if (asked.state === undefined) return undefined;
  return `totals[${aggregations.slice(0, by).filter((a) => a.state !== undefined).length + 1}]`;
}

function orderProblem(message: string): ValidationError {
  return new ValidationError([{ path: 'order.by', code: 'invalid_value', message }]);
}
