import { ValidationError } from '../../../../../shared/platform/index.js';
import type { AnsweredGroup, PartRequest } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import {
  finishedSql,
  mergedSql,
  planAggregates,
  stateSql,
  type AggregatePlan,
  type PlannedAggregation,
} from './aggregates.js';
import type { FieldSql } from './field-sql.js';
import type { RecordSource } from './source.js';
import { stepPosition, stepSeconds } from './steps.js';

/** A row of a statement of groups. */
export interface GroupRow {
  readonly labels: string[];
  /** By state-backed aggregation. */
  readonly totals: (number | null)[];
  /** Position of the step, then the values in it; absent without steps. */
  readonly cells?: [step: number, ...values: (number | null)[]][];
  readonly totalGroups: string;
}

/** The one statement that answers a part's groups, and how its rows are read. */
export interface GroupsPlan {
  readonly statement: Statement;
  readonly aggregates: AggregatePlan;
  read(row: GroupRow): AnsweredGroup;
}

export type SourceOf = (params: Parameters) => RecordSource;

/**
 * Groups ranked over the whole range, with their steps, in one pass: states by group and step first, from which the
 * totals are merged.
 *
 * @throws ValidationError for an order or aggregation that cannot be; TfqlSyntaxError
 */
export function planGroups(request: PartRequest, sourceOf: SourceOf): GroupsPlan {
  const params = new Parameters(request.tenantId);
  const source = sourceOf(params);
  const keys = request.part.groupBy.map((name) => source.field(name));
  const aggregates = planAggregates(request, source, params);
  const sql =
    request.steps === null
      ? overRange(request, source, keys, aggregates, params)
      : overSteps(request, source, keys, aggregates, stepPosition(request.steps, source.time, params), params);
  return { statement: params.statement(sql), aggregates, read: (row) => readGroup(row, request, aggregates) };
}

/** The group of a part without records. */
export function emptyGroup(request: PartRequest, { aggregations }: AggregatePlan): AnsweredGroup {
  const values = aggregations.map((a) => a.none);
  if (request.steps === null) return { labels: [], values };
  const { starts } = request.steps;
  return { labels: [], values, series: aggregations.map((a) => starts.map(() => a.none)) };
}

function overRange(
  request: PartRequest,
  source: RecordSource,
  keys: readonly FieldSql[],
  { aggregations, states }: AggregatePlan,
  params: Parameters,
): string {
  const totals = aggregations.flatMap((a) => (a.state === undefined ? [] : [a.pick(`s${a.state}`)]));
  return `SELECT ${labels(keys)} AS labels, [${totals.join(', ')}] AS totals, count() OVER () AS totalGroups
FROM (
  SELECT ${[...keyColumns(keys), ...states.map((s, i) => `${finishedSql(s)} AS s${i}`), 'count() AS records'].join(', ')}
  ${indented(source.from())}${onlyGroups(request, keys, params)}${groupBy(keys)}
  HAVING records > 0
)
${ranked(request, keys, aggregations, params)}`;
}

function overSteps(
  request: PartRequest,
  source: RecordSource,
  keys: readonly FieldSql[],
  { aggregations, states }: AggregatePlan,
  step: string,
  params: Parameters,
): string {
  const totals = aggregations.flatMap((a) => (a.state === undefined ? [] : [a.pick(`t${a.state}`)]));
  const cell = aggregations.flatMap((a) => (a.state === undefined ? [] : [a.pick(`finalizeAggregation(s${a.state})`)]));
  const merged = states.map((s, i) => `${mergedSql(s, `s${i}`)} AS t${i}`);
  return `SELECT ${labels(keys)} AS labels, [${totals.join(', ')}] AS totals, cells, count() OVER () AS totalGroups
FROM (
  SELECT ${[...keys.map((_, i) => `k${i}`), ...merged, `groupArray((${['step', ...cell].join(', ')})) AS cells`].join(', ')}
  FROM (
    SELECT ${[...keyColumns(keys), `${step} AS step`, ...states.map((s, i) => `${stateSql(s)} AS s${i}`)].join(', ')}
    ${indented(indented(source.from()))}${onlyGroups(request, keys, params)}
    GROUP BY ${[...keys.map((_, i) => `k${i}`), 'step'].join(', ')}
  )${groupBy(keys)}
  HAVING notEmpty(cells)
)
${ranked(request, keys, aggregations, params)}`;
}

function keyColumns(keys: readonly FieldSql[]): string[] {
  return keys.map(({ key }, i) => `${key} AS k${i}`);
}

function labels(keys: readonly FieldSql[]): string {
  return `CAST([${keys.map((k, i) => k.label(`k${i}`)).join(', ')}], 'Array(String)')`;
}

function groupBy(keys: readonly FieldSql[]): string {
  return keys.length === 0 ? '' : `\n  GROUP BY ${keys.map((_, i) => `k${i}`).join(', ')}`;
}

function indented(sql: string): string {
  return sql.replaceAll('\n', '\n  ');
}

/** The asked groups, whatever their rank. */
function onlyGroups({ onlyGroups, part }: PartRequest, keys: readonly FieldSql[], params: Parameters): string {
  if (onlyGroups === undefined || part.groupBy.length === 0) return '';
  const found = keys.map((k) => k.label(k.key));
  const columns = keys.map((_, i) =>
    params.add(
      'Array(String)',
      onlyGroups.map((group) => group[i] ?? ''),
    ),
  );
  const [only] = found;
  if (found.length === 1 && only !== undefined) return `\n  AND ${only} IN ${columns[0] ?? '[]'}`;
  return `\n  AND (${found.join(', ')}) IN (SELECT arrayJoin(arrayZip(${columns.join(', ')})))`;
}

/** Ties are broken by the labels, so that the answer is the same every time. */
function ranked(
  request: PartRequest,
  keys: readonly FieldSql[],
  aggregations: readonly PlannedAggregation[],
  params: Parameters,
): string {
  const direction = request.part.order?.direction === 'asc' ? 'ASC' : 'DESC';
  const by = rank(request, aggregations);
  const order = [
    ...(by === undefined ? [] : [`${by} ${direction} NULLS LAST`]),
    ...(keys.length === 0 ? [] : ['labels']),
  ];
  const limit = request.onlyGroups?.length ?? request.part.limit;
  return `${order.length === 0 ? '' : `ORDER BY ${order.join(', ')}\n`}LIMIT ${params.add('UInt32', Math.max(limit, 1))}`;
}

function rank({ part }: PartRequest, aggregations: readonly PlannedAggregation[]): string | undefined {
  const by = part.order?.by ?? 0;
  if (typeof by === 'string') {
    const key = part.groupBy.indexOf(by);
    if (key === -1) throw orderProblem(`${by} is not among the group keys`);
    return `labels[${key + 1}]`;
  }
  const asked = aggregations[by];
  if (asked === undefined) throw orderProblem(`there is no aggregation ${by}`);
  if (asked.state === undefined) return undefined;
  const position = aggregations.slice(0, by).filter((a) => a.state !== undefined).length + 1;
  return `totals[${position}]`;
}

function orderProblem(message: string): ValidationError {
  return new ValidationError([{ path: 'order.by', code: 'invalid_value', message }]);
}

function readGroup(row: GroupRow, request: PartRequest, { aggregations }: AggregatePlan): AnsweredGroup {
  const { steps, range } = request;
  const seconds = Number(range.toNs - range.fromNs) / 1e9;
  const backed = aggregations.filter((a) => a.state !== undefined);
  const total = (a: PlannedAggregation) =>
    perSecond(a, a.state === undefined ? null : (row.totals[backed.indexOf(a)] ?? null), seconds);
  const values = aggregations.map(total);
  if (steps === null) return { labels: row.labels, values };
  const lengths = stepSeconds(steps, range, steps.stepMs);
  const series = aggregations.map((a) => steps.starts.map(() => a.none as number | null));
  for (const [step, ...cell] of row.cells ?? []) {
    aggregations.forEach((a, i) => {
      const line = series[i];
      if (line !== undefined && a.state !== undefined) {
        line[step] = perSecond(a, cell[backed.indexOf(a)] ?? null, lengths[step] ?? 1);
      }
    });
  }
  return { labels: row.labels, values, series };
}

function perSecond(aggregation: PlannedAggregation, value: number | null, seconds: number): number | null {
  return aggregation.perSecond && value !== null ? value / seconds : value;
}
