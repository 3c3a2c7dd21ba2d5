import { resolveTfqlField, type MetricAggregation, type TfqlExpression } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { within } from './time.js';

/** Which series of a metric are read, and how they are grouped. */
export interface SeriesSelection {
  readonly tenantId: string;
  readonly metricName: string;
  readonly filter: TfqlExpression;
  /** Attribute keys, `service.name`, `resource.*`. */
  readonly groupBy: readonly string[];
}

/** A selection of one metric type, over time. */
export interface SeriesQuery extends SeriesSelection {
  readonly type: string;
  readonly range: TimeRange;
  readonly stepMs: number;
  readonly aggregation: MetricAggregation;
  readonly maxGroups: number;
}

/** Types whose points are in `histograms_v3`. */
export const DISTRIBUTION_TYPES: ReadonlySet<string> = new Set(['histogram', 'exponential_histogram', 'summary']);

/** How far before the range the point is looked for that the first one of the range is compared with. */
export const LOOK_BACK_NS = 600_000_000_000n;

/** Types the metric's series have, newest first, with the number of groups in each. */
export function compileSeriesSummary(selection: SeriesSelection): Statement {
  const params = new Parameters(selection.tenantId);
  return params.statement(`WITH ${selectedSeries(selection, params)}
SELECT toString(metric_type) AS type, argMax(unit, last_seen) AS unit, uniqExact(labels) AS groups
FROM selected
GROUP BY metric_type ORDER BY max(last_seen) DESC`);
}

/**
 * The common table expressions `selected` (series with their labels) and `chosen` (those of the largest groups, as many
 * as are answered).
 */
export function chosenSeries(query: SeriesQuery, params: Parameters): string {
  return `${selectedSeries(query, params)},
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = ${params.add('String', query.type)} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = ${params.add('String', query.type)}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT ${params.add('UInt32', query.maxGroups)})
)`;
}

/**
 * How far apart the samples of a series usually are, in ms: the median over the chosen series of their average distance
 * in the range. No row when no series has two samples there.
 */
export function compileSampleInterval(query: SeriesQuery): Statement {
  const params = new Parameters(query.tenantId);
  const table = DISTRIBUTION_TYPES.has(query.type) ? 'histograms_v3' : 'metrics_v3';
  return params.statement(`WITH ${chosenSeries(query, params)}
SELECT quantileExact(0.5)((newest - oldest) / (samples - 1) / 1000000) AS intervalMs
FROM (
  SELECT count() AS samples, toUnixTimestamp64Nano(min(timestamp)) AS oldest, toUnixTimestamp64Nano(max(timestamp)) AS newest
  FROM ${table}
  WHERE ${chosenPoints(query, params)} AND ${within('timestamp', query.range, params)}
  GROUP BY series_id HAVING samples > 1
)
HAVING count() > 0`);
}

/** Points of the chosen series; the metric's name comes first in the tables' order. */
export function chosenPoints(query: SeriesQuery, params: Parameters): string {
  return `${params.tenantFilter} AND metric_name = ${params.add('String', query.metricName)} AND series_id IN (SELECT series_id FROM chosen)`;
}

function selectedSeries({ metricName, filter, groupBy }: SeriesSelection, params: Parameters): string {
  const labels = groupBy.map((key) => label(key, params));
  const resources = labels.some((l) => l.needsResource)
    ? `
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE ${params.tenantFilter}
  ) AS resources USING (resource_id)`
    : '';
  return `selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([${labels.map((l) => l.sql).join(', ')}], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE ${params.tenantFilter} AND metric_name = ${params.add('String', metricName)}
      AND ${compileFilter(filter, 'metrics', params)}
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series${resources}
)`;
}

/** The text of a group key for a row of `series` (joined to `resources` if needed); empty when the series lacks it. */
function label(key: string, params: Parameters): { sql: string; needsResource: boolean } {
  const target = resolveTfqlField(key, 'metrics');
  if (target.kind === 'field') {
    if (target.name === 'service.name') return { sql: 'toString(service_name)', needsResource: false };
    if (target.name === 'unit') return { sql: 'toString(unit)', needsResource: false };
    return label(`attributes.${key}`, params);
  }
  const name = params.add('String', target.key);
  if (target.kind === 'attribute') return { sql: `attributes[${name}]`, needsResource: false };
  if (target.kind === 'resource') return { sql: `resource_attributes[${name}]`, needsResource: true };
  const sql = `if(mapContains(attributes, ${name}), attributes[${name}], resource_attributes[${name}])`;
  return { sql, needsResource: true };
}
