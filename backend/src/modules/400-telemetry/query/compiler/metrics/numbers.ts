import type { Aggregation, TfqlExpression } from '@telemetryflow/contracts';
import type { Steps } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import { instant, within } from '../time.js';
import { coarsest, segments, type NumberTable, type Segment } from './segments.js';
import { chosenSeries, LOOK_BACK_NS, pointsToJoin, type Selection } from './selection.js';
import { stepIndex } from './steps.js';

/** What is asked of gauges and sums. */
export interface NumberQuestion {
  readonly selection: Selection;
  readonly steps: Steps | null;
  readonly aggregations: readonly Aggregation[];
  /** By aggregation. */
  readonly wheres: readonly TfqlExpression[];
  /** The order of groups: an aggregation's position or a group key's. */
  readonly order: { readonly aggregation: number } | { readonly key: number };
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
}

/** One group. `step` and `values` side by side; an aggregation of nothing is null. */
export interface NumberGroupRow {
  readonly labels: string[];
  readonly totals: (number | null)[];
  readonly steps: number[];
  readonly values: (number | null)[][];
  /** Median distance of its series' samples, in ms; null when no growth was asked for or none was seen. */
  readonly intervalMs: number | null;
  readonly groups: string;
}

const QUANTILES: Readonly<Record<string, number>> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 };
const GROWTH: ReadonlySet<string> = new Set(['increase', 'rate', 'delta']);

/** The quantile of a percentile aggregation, else undefined. */
export function quantileOf({ function: name, level }: Pick<Aggregation, 'function' | 'level'>): number | undefined {
  return name === 'quantile' ? (level ?? 0.5) : QUANTILES[name];
}

/** Where the answer comes from: the coarsest table of which something is read. */
export function numberTable(question: NumberQuestion): NumberTable {
  return coarsest(parts(question));
}

/**
 * Groups of gauges and sums with their values over the range and by step.
 *
 * - `avg` is of all points (so weighted by how many a series sent); `min`, `max`, `distinct` likewise; `count` counts them.
 * - `sum` adds the series up: each series' average for gauges and up-down counters, its last value for a cumulative
 *   counter, the sum of its points for a delta one.
 * - `last` is the newest point's value.
 * - `increase` and `rate` (left to the reader to divide) add what each series grew by, `delta` what it changed by.
 * - percentiles are of the points' values, interpolated.
 */
export function compileNumberGroups(question: NumberQuestion): Statement {
  const { selection, steps, aggregations, wheres, limit } = question;
  const params = new Parameters(selection.tenantId);
  const needs = neededColumns(question);
  const asked = wheres.map((where) => where.kind !== 'all');
  const chosen = chosenSeries(
    selection,
    params,
    wheres.filter((_, i) => asked[i]),
  );
  const condition = (i: number) => (asked[i] === true ? `w${asked.slice(0, i).filter(Boolean).length}` : '1');
  const values = aggregations.map((aggregation, i) => across(aggregation, selection.type, condition(i), i));
  const points = parts(question).map((segment) => partials(segment, question, needs, params));
  // Slot −1 is the whole range. Where a series' own total decides, it is made of points; elsewhere of its steps.
  const ofSeries = aggregations.some(({ function: name }) => name === 'sum' || name === 'rate');
  const slots = (column: string) => (steps === null ? '-1' : `arrayJoin([-1, ${column}])`);
  const [inSeries, inGroup] = ofSeries || steps === null ? [slots('step'), 'at'] : ['step', slots('at')];
  const interval = needs.has('growth') ? 'quantileExactIf(0.5)(gap / gaps, gaps > 0)' : 'NULL';
  return params.statement(`WITH ${chosen}
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    ${needs.has('growth') ? 'anyIf(interval, slot = -1)' : 'NULL'} AS intervalMs
  FROM (
    SELECT labels, ${inGroup} AS slot, [${values.map((value) => `toNullable(toFloat64(${value}))`).join(', ')}] AS row, ${interval} AS interval
    FROM (
      SELECT series_id, ${inSeries} AS at, ${seriesStates(needs, aggregations).join(', ')}
      FROM (${points.join('\n        UNION ALL')}
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY ${orderBy(question)}
LIMIT ${params.add('UInt32', limit)}`);
}

function parts({ selection, steps, aggregations }: NumberQuestion): Segment[] {
  const { range } = selection;
  const isRolledUp = aggregations.every(({ function: name }) => ['count', 'sum', 'avg', 'min', 'max'].includes(name));
  return isRolledUp ? segments(range, steps?.starts ?? null) : [{ table: 'metrics_v3', range }];
}

type Column = 'total' | 'points' | 'lowest' | 'highest' | 'latest' | 'growth' | 'value';

/** What has to be known of a series, so that nothing else is read. */
function neededColumns({ aggregations, selection }: NumberQuestion): ReadonlySet<Column> {
  const needs = new Set<Column>();
  for (const aggregation of aggregations) {
    for (const column of columnsOf(aggregation, selection.type)) needs.add(column);
  }
  return needs;
}

function columnsOf(aggregation: Aggregation, type: string): readonly Column[] {
  if (quantileOf(aggregation) !== undefined) return ['value'];
  if (GROWTH.has(aggregation.function)) return ['total', 'growth'];
  switch (aggregation.function) {
    case 'sum':
      return type === 'counter' ? ['total', 'latest'] : ['total', 'points'];
    case 'avg':
      return ['total', 'points'];
    case 'min':
      return ['lowest'];
    case 'max':
      return ['highest'];
    case 'last':
      return ['latest'];
    case 'distinct':
      return ['value'];
    default:
      return ['points'];
  }
}

/** Rows of one table that are summed up by series and step: single points, or what the rollup says of an hour or a day. */
function partials(
  { table, range }: Segment,
  { selection, steps }: NumberQuestion,
  needs: ReadonlySet<Column>,
  params: Parameters,
): string {
  const stepOf = (time: string) => (steps === null ? '' : `, ${stepIndex(time, steps, params)} AS step`);
  if (table === 'metrics_v3') {
    const columns = columnList(POINT_COLUMNS, needs);
    if (needs.has('growth')) return grownPoints({ selection, stepOf, columns }, params);
    return `
        SELECT series_id${stepOf('timestamp')}${columns}
        FROM metrics_v3
        WHERE ${pointsToJoin(selection, params)} AND ${within('timestamp', range, params)} AND value_kind != 'none'`;
  }
  const [column, convert] = table === 'metrics_v3_daily' ? ['day', 'toDate'] : ['hour', 'toDateTime'];
  const time = `toDateTime64(${column}, 9, 'UTC')`;
  return `
        SELECT series_id${stepOf(time)}${columnList(rolledColumns(time), needs)}
        FROM ${table}
        WHERE ${pointsToJoin(selection, params)}
          AND ${column} >= ${convert}(${instant(range.fromNs, params)}) AND ${column} < ${convert}(${instant(range.toNs, params)})
        GROUP BY series_id, ${column}`;
}

const POINT_COLUMNS: Readonly<Record<Column, string>> = {
  total: 'value AS part_total',
  points: 'toUInt64(1) AS part_points',
  lowest: 'value AS part_lowest',
  highest: 'value AS part_highest',
  latest: 'value AS part_latest, timestamp AS part_latest_at',
  value: 'value AS part_value',
  growth: 'part_grown, part_changed, part_gap, part_gaps',
};

function rolledColumns(time: string): Readonly<Partial<Record<Column, string>>> {
  return {
    total: 'sum(sum_value) AS part_total',
    points: 'sum(count) AS part_points',
    lowest: 'min(min_value) AS part_lowest',
    highest: 'max(max_value) AS part_highest',
    latest: `argMaxMerge(last_value) AS part_latest, ${time} AS part_latest_at`,
  };
}

function columnList(columns: Readonly<Partial<Record<Column, string>>>, needs: ReadonlySet<Column>): string {
  return [...needs].map((need) => `, ${columns[need] ?? ''}`).join('');
}

/**
 * Points with their growth: the differences of cumulative ones, where a monotonic series that fell, or that says it
 * started after the previous point, began again at 0. The last point before the range is the base of the first one in
 * it; a series without one counts from 0 if it started within the range, else from its first point.
 */
function grownPoints(
  {
    selection,
    stepOf,
    columns,
  }: { readonly selection: Selection; readonly stepOf: (time: string) => string; readonly columns: string },
  params: Parameters,
): string {
  const { range, type } = selection;
  const from = instant(range.fromNs, params);
  const [reset, sinceStart] =
    type === 'counter'
      ? ['(value < previous OR start_timestamp >= previous_at)', `if(start_timestamp >= ${from}, value, 0)`]
      : ['0', '0'];
  return `
        SELECT series_id${stepOf('timestamp')},
          multiIf(isNull(previous), ${sinceStart}, ${reset}, value, value - assumeNotNull(previous)) AS part_grown,
          if(isNull(previous), 0, value - assumeNotNull(previous)) AS part_changed,
          if(isNull(previous), 0, toUnixTimestamp64Nano(timestamp) - toUnixTimestamp64Nano(previous_at)) / 1000000 AS part_gap,
          isNotNull(previous) AS part_gaps${columns}
        FROM (
          SELECT series_id, timestamp, start_timestamp, value,
            lagInFrame(toNullable(value)) OVER series AS previous,
            lagInFrame(timestamp) OVER series AS previous_at
          FROM metrics_v3
          WHERE ${pointsToJoin(selection, params)}
            AND ${within('timestamp', { ...range, fromNs: range.fromNs - LOOK_BACK_NS }, params)}
            AND value_kind != 'none'
          WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
        WHERE timestamp >= ${from}`;
}

const SERIES_STATES: Readonly<Record<Exclude<Column, 'value'>, string>> = {
  total: 'sum(part_total) AS total',
  points: 'sum(part_points) AS points',
  lowest: 'min(part_lowest) AS lowest',
  highest: 'max(part_highest) AS highest',
  latest: 'argMax(part_latest, part_latest_at) AS latest, max(part_latest_at) AS latest_at',
  growth: 'sum(part_grown) AS grown, sum(part_changed) AS changed, sum(part_gap) AS gap, sum(part_gaps) AS gaps',
};

/** Sums of the partial rows of one series, in one step or over the range. */
function seriesStates(needs: ReadonlySet<Column>, aggregations: readonly Aggregation[]): string[] {
  const sums = [...needs].flatMap((column) => (column === 'value' ? [] : [SERIES_STATES[column]]));
  const values = aggregations.flatMap((aggregation, i) => {
    const quantile = quantileOf(aggregation);
    // A level is no parameter of a ClickHouse aggregate; it is a number, checked by the contract.
    if (quantile !== undefined) return [`quantileExactInclusiveState(${quantile})(part_value) AS value${i}`];
    return aggregation.function === 'distinct' ? [`uniqExactState(part_value) AS value${i}`] : [];
  });
  return [...sums, ...values];
}

/** The value of the series that match the condition; null of none. */
function across(aggregation: Aggregation, type: string, condition: string, i: number): string {
  const quantile = quantileOf(aggregation);
  if (quantile !== undefined) return `quantileExactInclusiveMergeIf(${quantile})(value${i}, ${condition})`;
  switch (aggregation.function) {
    case 'min':
      return `minOrNullIf(lowest, ${condition})`;
    case 'max':
      return `maxOrNullIf(highest, ${condition})`;
    case 'last':
      return `argMaxOrNullIf(latest, (latest_at, latest), ${condition})`;
    case 'distinct':
      return `nullIf(uniqExactMergeIf(value${i}, ${condition}), 0)`;
    case 'sum': {
      const cumulative = type === 'counter' ? 'latest' : 'total / points';
      return `sumOrNullIf(if(temporality = 'delta', total, ${cumulative}), ${condition})`;
    }
    case 'increase':
    case 'rate':
      return `sumOrNullIf(if(temporality = 'delta', total, grown), ${condition})`;
    case 'delta':
      return `sumOrNullIf(if(temporality = 'delta', total, changed), ${condition})`;
    case 'avg':
      return `sumOrNullIf(total, ${condition}) / sumOrNullIf(points, ${condition})`;
    default:
      return `sumOrNullIf(points, ${condition})`;
  }
}

function orderBy({ order, direction }: NumberQuestion): string {
  const way = direction === 'asc' ? 'ASC' : 'DESC';
  if ('key' in order) return `labels[${order.key + 1}] ${way}, labels`;
  return `totals[${order.aggregation + 1}] ${way} NULLS LAST, labels`;
}
