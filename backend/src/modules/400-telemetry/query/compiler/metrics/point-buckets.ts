import { Parameters, type Statement } from '../parameters.js';
import { within } from '../time.js';
import type { DistributionQuestion } from './distributions.js';
import { chosenPoints, chosenSeries, type Selection } from './selection.js';
import { stepIndex } from './steps.js';

/** About so many buckets between the lowest and the highest value. */
const BUCKETS = 30;

export interface BucketRow {
  readonly labels: string[];
  readonly step: number;
  /** By bucket. */
  readonly counts: (string | number)[];
}

/** The lowest and the highest value of gauges' and sums' points; null without points. */
export function compileExtent(selection: Selection): Statement {
  const params = new Parameters(selection.tenantId);
  return params.statement(`WITH ${chosenSeries(selection, params)}
SELECT minOrNullIf(value, isFinite(value)) AS lowest, maxOrNullIf(value, isFinite(value)) AS highest
FROM metrics_v3
WHERE ${chosenPoints(selection, params)} AND ${within('timestamp', selection.range, params)} AND value_kind != 'none'`);
}

/** Bounds that people read easily (1, 2 or 5 times a power of ten apart) around all values. */
export function evenBounds(lowest: number, highest: number): number[] {
  const wanted = (highest - lowest) / BUCKETS || Math.abs(highest) / BUCKETS || 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const width = ([1, 2, 5, 10].find((n) => n * power >= wanted) ?? 10) * power;
  const first = Math.floor(lowest / width);
  const last = Math.max(first + 1, Math.ceil(highest / width));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * width);
}

/** How many points of each group and step lie in each of the evenly spaced buckets; a bucket holds its upper bound. */
export function compilePointBuckets({ selection, steps }: DistributionQuestion, bounds: readonly number[]): Statement {
  const params = new Parameters(selection.tenantId);
  const edges = params.add('Array(Float64)', bounds.slice(1, -1));
  const step = steps === null ? '0' : stepIndex('timestamp', steps, params);
  const buckets = params.add('UInt32', bounds.length - 1);
  return params.statement(`WITH ${chosenSeries(selection, params)}
SELECT labels, step, sumForEach(counted) AS counts
FROM (
  SELECT series_id, step,
    arrayMap(bucket -> countEqual(found, bucket), range(${buckets})) AS counted
  FROM (
    SELECT series_id, ${step} AS step, groupArray(toUInt32(arrayCount(edge -> edge < value, ${edges}))) AS found
    FROM metrics_v3
    WHERE ${chosenPoints(selection, params)} AND ${within('timestamp', selection.range, params)}
      AND value_kind != 'none' AND isFinite(value)
    GROUP BY series_id, step
  )
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, step ORDER BY labels, step`);
}
