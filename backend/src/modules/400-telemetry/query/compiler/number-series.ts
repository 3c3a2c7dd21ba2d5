import type { MetricAggregation } from '@telemetryflow/contracts';
import { DAY_MS, HOUR_MS } from '../step.js';
import { Parameters, type Statement } from './parameters.js';
import { chosenPoints, chosenSeries, LOOK_BACK_NS, type SeriesQuery } from './series.js';
import { bucketMs, instant, within } from './time.js';

export type Rollup = 'metrics_v3' | 'metrics_v3_hourly' | 'metrics_v3_daily';

const QUANTILES: Partial<Record<MetricAggregation, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/** The quantile of a percentile aggregation, else undefined. */
export function quantileOf(aggregation: MetricAggregation): number | undefined {
  return QUANTILES[aggregation];
}

/**
 * Values over time of gauges and sums: rows of labels, bucket start, value.
 *
 * - `avg` is of all points (so weighted by how many a series sent); `min`, `max` likewise; `count` counts points.
 * - `sum` adds the series up: each series' average in the bucket for gauges and up-down counters, its last value for a
 *   cumulative counter, the sum of its points for a delta one.
 * - `last` is the newest point's value.
 * - `increase` and `rate` (`rate` is left to the reader to divide) add what each series grew by.
 * - percentiles are of the points' values, interpolated.
 */
export function compileNumberSeries(query: SeriesQuery): Statement {
  const quantile = quantileOf(query.aggregation);
  if (quantile !== undefined) return compilePointQuantile(query, quantile);
  if (query.aggregation === 'increase' || query.aggregation === 'rate') return compileIncrease(query);
  return compileBuckets(query, rollupFor(query));
}

/** The coarsest table that can answer: whole hours or days, and no need for the points themselves. */
export function rollupFor({ aggregation, stepMs }: Pick<SeriesQuery, 'aggregation' | 'stepMs'>): Rollup {
  if (aggregation === 'last' || quantileOf(aggregation) !== undefined || stepMs % HOUR_MS !== 0) return 'metrics_v3';
  if (aggregation === 'increase' || aggregation === 'rate') return 'metrics_v3';
  return stepMs % DAY_MS === 0 ? 'metrics_v3_daily' : 'metrics_v3_hourly';
}

function compileBuckets(query: SeriesQuery, rollup: Rollup): Statement {
  const params = new Parameters(query.tenantId);
  const chosen = chosenSeries(query, params);
  const sql = `WITH ${chosen}
SELECT labels, time, toFloat64(${acrossSeries(query)}) AS value
FROM (
  SELECT series_id, ${rollup === 'metrics_v3' ? rawBuckets(query, params) : rolledBuckets(query, rollup, params)}
  GROUP BY series_id, time
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, time ORDER BY labels, time`;
  return params.statement(sql);
}

function rawBuckets(query: SeriesQuery, params: Parameters): string {
  return `${bucketMs('timestamp', query.stepMs, params)} AS time,
    sum(value) AS total, count() AS points, min(value) AS lowest, max(value) AS highest,
    argMax(value, timestamp) AS latest, max(timestamp) AS latest_at
  FROM metrics_v3
  WHERE ${chosenPoints(query, params)} AND ${within('timestamp', query.range, params)} AND value_kind != 'none'`;
}

/** Hours and days that the range touches count as a whole. */
function rolledBuckets(query: SeriesQuery, rollup: Rollup, params: Parameters): string {
  const daily = rollup === 'metrics_v3_daily';
  const column = daily ? 'day' : 'hour';
  const start = daily ? 'toDate' : 'toStartOfHour';
  const seconds = daily ? `toUnixTimestamp(toDateTime(day, 'UTC'))` : 'toUnixTimestamp(hour)';
  const step = params.add('Int64', query.stepMs);
  const { fromNs, toNs } = query.range;
  return `intDiv(toInt64(${seconds}) * 1000, ${step}) * ${step} AS time,
    sum(sum_value) AS total, sum(count) AS points, min(min_value) AS lowest, max(max_value) AS highest,
    argMaxMerge(last_value) AS latest, max(${column}) AS latest_at
  FROM ${rollup}
  WHERE ${chosenPoints(query, params)}
    AND ${column} >= ${start}(${instant(fromNs, params)}) AND ${column} <= ${start}(${instant(toNs - 1n, params)})`;
}

function acrossSeries({ aggregation, type }: SeriesQuery): string {
  switch (aggregation) {
    case 'min':
      return 'min(lowest)';
    case 'max':
      return 'max(highest)';
    case 'count':
      return 'sum(points)';
    case 'last':
      return 'argMax(latest, latest_at)';
    case 'sum':
      return type === 'counter'
        ? `sum(if(temporality = 'delta', total, latest))`
        : `sum(if(temporality = 'delta', total, total / points))`;
    default:
      return 'sum(total) / sum(points)';
  }
}

function compilePointQuantile(query: SeriesQuery, quantile: number): Statement {
  const params = new Parameters(query.tenantId);
  // A level is no parameter of a ClickHouse aggregate; it comes from the table above, never from input.
  return params.statement(`WITH ${chosenSeries(query, params)}
SELECT labels, time, quantileExactInclusive(${quantile})(value) AS value
FROM (
  SELECT series_id, ${bucketMs('timestamp', query.stepMs, params)} AS time, value
  FROM metrics_v3
  WHERE ${chosenPoints(query, params)} AND ${within('timestamp', query.range, params)} AND value_kind != 'none'
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, time ORDER BY labels, time`);
}

/**
 * Growth per series: the sum of delta points; the differences of cumulative ones, where a monotonic series that fell,
 * or that says it started after the previous point, began again at 0. The last point before the range is the base of the
 * first one in it; a series without one counts from 0 if it started within the range, else from its first point.
 */
function compileIncrease(query: SeriesQuery): Statement {
  const params = new Parameters(query.tenantId);
  const chosen = chosenSeries(query, params);
  const from = instant(query.range.fromNs, params);
  const reset = query.type === 'counter' ? '(value < previous OR start_timestamp >= previous_at)' : '0';
  const sinceStart = query.type === 'counter' ? `if(start_timestamp >= ${from}, value, 0)` : '0';
  return params.statement(`WITH ${chosen}
SELECT labels, time, sum(multiIf(
    temporality = 'delta', value,
    isNull(previous), ${sinceStart},
    ${reset}, value,
    value - assumeNotNull(previous))) AS value
FROM (
  SELECT series_id, timestamp, start_timestamp, value, ${bucketMs('timestamp', query.stepMs, params)} AS time,
    lagInFrame(toNullable(value)) OVER series AS previous,
    lagInFrame(timestamp) OVER series AS previous_at
  FROM metrics_v3
  WHERE ${chosenPoints(query, params)}
    AND ${within('timestamp', { ...query.range, fromNs: query.range.fromNs - LOOK_BACK_NS }, params)}
    AND value_kind != 'none'
  WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
) AS points
INNER JOIN chosen USING (series_id)
WHERE timestamp >= ${from}
GROUP BY labels, time ORDER BY labels, time`);
}
