import type { Steps } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import { instant, within } from '../time.js';
import { chosenPoints, chosenSeries, LOOK_BACK_NS, type Selection } from './selection.js';
import { stepIndex } from './steps.js';

/** Which distributions are read, and in which steps; without steps the range is the one step 0. */
export interface DistributionQuestion {
  readonly selection: Selection;
  readonly steps: Steps | null;
}

/**
 * Histograms, exponential histograms and summaries over time: per labels, step and bounds the observations that were added.
 *
 * A cumulative point adds itself less the one before it, unless the series began again (its count fell, it says it
 * started after the previous point, or its bounds changed). Instead of subtracting row by row, the points and their
 * predecessors are summed apart (`…Now`, `…Before`); the reader subtracts. Which points count is decided as for
 * counters: see `compileNumberGroups`.
 */
export function compileHistogramSeries(question: DistributionQuestion): Statement {
  const params = new Parameters(question.selection.tenantId);
  return params.statement(`WITH ${chosenSeries(question.selection, params)}
SELECT labels, step, explicit_bounds AS bounds, ${totals()},
  sumForEachIf(bucket_counts, counted) AS bucketsNow,
  sumForEachIf(previous_buckets, continued) AS bucketsBefore
FROM (
  SELECT *, ${judgement(question, 'explicit_bounds = previous_bounds', params)}
  FROM (
    SELECT ${pointColumns(question, params)}, explicit_bounds, bucket_counts,
      lagInFrame(explicit_bounds) OVER series AS previous_bounds,
      lagInFrame(bucket_counts) OVER series AS previous_buckets
    ${pointsWithPredecessor(question, params)}
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, step, bounds ORDER BY labels, step, bounds`);
}

/**
 * As {@link compileHistogramSeries}; buckets are maps of index to count at the coarsest scale among the points (a bucket
 * of a finer scale lies in exactly one of a coarser scale).
 */
export function compileExponentialSeries(question: DistributionQuestion): Statement {
  const params = new Parameters(question.selection.tenantId);
  return params.statement(`WITH ${chosenSeries(question.selection, params)},
(SELECT min(scale) FROM histograms_v3
  WHERE ${chosenPoints(question.selection, params)} AND ${lookedAt(question, params)}) AS coarsest
SELECT labels, step, coarsest AS scale, ${totals()},
  sumIf(zero_count, counted) AS zeroNow, sumIf(previous_zero, continued) AS zeroBefore,
  max(zero_threshold) AS zeroThreshold,
  sumMapIf(positive_keys, positive_bucket_counts, counted) AS positiveNow,
  sumMapIf(previous_positive_keys, previous_positive, continued) AS positiveBefore,
  sumMapIf(negative_keys, negative_bucket_counts, counted) AS negativeNow,
  sumMapIf(previous_negative_keys, previous_negative, continued) AS negativeBefore
FROM (
  SELECT *, ${judgement(question, '1', params)}
  FROM (
    SELECT ${pointColumns(question, params)}, zero_count, zero_threshold,
      positive_bucket_counts, negative_bucket_counts,
      ${indexes('positive')} AS positive_keys, ${indexes('negative')} AS negative_keys,
      lagInFrame(zero_count) OVER series AS previous_zero,
      lagInFrame(positive_bucket_counts) OVER series AS previous_positive,
      lagInFrame(negative_bucket_counts) OVER series AS previous_negative,
      lagInFrame(positive_keys) OVER series AS previous_positive_keys,
      lagInFrame(negative_keys) OVER series AS previous_negative_keys
    ${pointsWithPredecessor(question, params)}
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, step ORDER BY labels, step`);
}

/** Observations and their sum of any distribution, summaries included; no buckets. */
export function compileTotalsSeries(question: DistributionQuestion): Statement {
  const params = new Parameters(question.selection.tenantId);
  return params.statement(`WITH ${chosenSeries(question.selection, params)}
SELECT labels, step, ${totals()}
FROM (
  SELECT *, ${judgement(question, '1', params)}
  FROM (
    SELECT ${pointColumns(question, params)}
    ${pointsWithPredecessor(question, params)}
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, step ORDER BY labels, step`);
}

/** A summary's own quantile: the last of each series in the bucket, averaged over the series. */
export function compileSummaryQuantile(question: DistributionQuestion, quantile: number): Statement {
  const params = new Parameters(question.selection.tenantId);
  const level = params.add('Float64', quantile);
  return params.statement(`WITH ${chosenSeries(question.selection, params)}
SELECT labels, step, avg(latest) AS value
FROM (
  SELECT series_id, ${stepOf(question, params)} AS step,
    argMax(quantile_values[indexOf(quantiles, ${level})], timestamp) AS latest
  FROM histograms_v3
  WHERE ${chosenPoints(question.selection, params)} AND ${within('timestamp', question.selection.range, params)} AND has(quantiles, ${level})
  GROUP BY series_id, step
) AS points
INNER JOIN chosen USING (series_id)
WHERE NOT isNaN(latest)
GROUP BY labels, step ORDER BY labels, step`);
}

function stepOf({ steps }: DistributionQuestion, params: Parameters): string {
  return steps === null ? '0' : stepIndex('timestamp', steps, params);
}

function totals(): string {
  return `sum(count) AS countNow, sumIf(previous_count, continued) AS countBefore,
  sum(sum) AS sumNow, sumIf(previous_sum, continued) AS sumBefore,
  min(min) AS lowest, max(max) AS highest`;
}

function pointColumns(question: DistributionQuestion, params: Parameters): string {
  return `series_id, ${stepOf(question, params)} AS step, timestamp, start_timestamp,
      count, sum, min, max,
      row_number() OVER (PARTITION BY series_id ORDER BY timestamp) > 1 AS follows,
      lagInFrame(timestamp) OVER series AS previous_at,
      lagInFrame(count) OVER series AS previous_count,
      lagInFrame(sum) OVER series AS previous_sum`;
}

function pointsWithPredecessor(question: DistributionQuestion, params: Parameters): string {
  // Flag 1: no recorded value.
  return `FROM histograms_v3
    WHERE ${chosenPoints(question.selection, params)} AND ${lookedAt(question, params)} AND bitAnd(flags, 1) = 0
    WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`;
}

function lookedAt({ selection: { range } }: DistributionQuestion, params: Parameters): string {
  return within('timestamp', { ...range, fromNs: range.fromNs - LOOK_BACK_NS }, params);
}

/** `continued`: the previous point is contained in this one. `counted`: the point adds to its bucket. */
function judgement(question: DistributionQuestion, sameShape: string, params: Parameters): string {
  const from = instant(question.selection.range.fromNs, params);
  return `temporality != 'delta' AND follows AND count >= previous_count AND start_timestamp < previous_at
      AND ${sameShape} AS continued,
    timestamp >= ${from} AND (temporality = 'delta' OR follows OR start_timestamp >= ${from}) AS counted`;
}

/** Bucket indexes of one side, brought to the coarsest scale by flooring division. */
function indexes(side: 'positive' | 'negative'): string {
  return `arrayMap(i -> toInt32(floor((${side}_offset + i - 1) / exp2(scale - coarsest))), arrayEnumerate(${side}_bucket_counts))`;
}
