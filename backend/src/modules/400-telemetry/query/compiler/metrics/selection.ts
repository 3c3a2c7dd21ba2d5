import { resolveTfqlField, type TfqlExpression } from '@telemetryflow/contracts';
import type { TimeRange } from '../../range.js';
import { compileFilter } from '../filter.js';
import { Parameters, type Statement } from '../parameters.js';
import { within } from '../time.js';

/** Which series of a metric are read, how they are grouped, and when. */
export interface Selection {
  readonly tenantId: string;
  readonly metricName: string;
  /** One of the metric's types; series of its other types are not read. */
  readonly type: string;
  readonly filter: TfqlExpression;
  /** The metric has series of no other type: of points that are joined with `chosen` none has to be left out before. */
  readonly hasOneType?: boolean;
  /** Attribute keys, `service.name`, `resource.*`, `unit`, `metric`, `scope.name`, `scope.version`. */
  readonly groupBy: readonly string[];
  readonly range: TimeRange;
  /** Only groups with these labels; absent: all. */
  readonly onlyGroups?: readonly (readonly string[])[];
}

/** Types whose points are in `histograms_v3`. */
export const DISTRIBUTION_TYPES: ReadonlySet<string> = new Set(['histogram', 'exponential_histogram', 'summary']);

/** How far before the range the point is looked for that the first one of the range is compared with. */
export const LOOK_BACK_NS = 600_000_000_000n;

/** Types the metric's series have, newest first, with the unit and the number of series of each. */
export function compileMetricTypes(tenantId: string, metricName: string): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT toString(metric_type) AS type, argMax(unit, last_seen) AS unit, uniqExact(series_id) AS series
FROM series_v3
WHERE ${params.tenantFilter} AND metric_name = ${params.add('String', metricName)}
GROUP BY metric_type ORDER BY max(last_seen) DESC, metric_type`);
}

/**
 * The common table expression `chosen`: every series that is read, with its labels and, by position, whether it matches
 * each of `wheres` (`w0`, `w1`, …).
 */
export function chosenSeries(selection: Selection, params: Parameters, wheres: readonly TfqlExpression[] = []): string {
  const { metricName, type, filter, groupBy, onlyGroups } = selection;
  const labels = groupBy.map((key) => label(key, params));
  const joins = [...new Set(labels.flatMap((l) => l.join ?? []))].map((name) => JOINS[name](params));
  const matches = wheres.map((where, i) => `, ${compileFilter(where, 'metrics', params)} AS w${i}`);
  const only =
    onlyGroups === undefined ? '' : `\n  WHERE has(${params.add('Array(Array(String))', onlyGroups)}, labels)`;
  return `chosen AS (
  SELECT series_id, temporality, CAST([${labels.map((l) => l.sql).join(', ')}], 'Array(String)') AS labels${wheres.map((_, i) => `, w${i}`).join('')}
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes${matches.join('')}
    FROM series_v3
    WHERE ${params.tenantFilter} AND metric_name = ${params.add('String', metricName)}
      AND metric_type = ${params.add('String', type)} AND ${compileFilter(filter, 'metrics', params)}
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series${joins.join('')}${only}
)`;
}

/**
 * Points that are joined with the chosen series: where these are all series of the metric, to look them up twice would be
 * a fifth of the work.
 */
export function pointsToJoin(selection: Selection, params: Parameters): string {
  const { metricName, filter, hasOneType, onlyGroups } = selection;
  if (hasOneType !== true || filter.kind !== 'all' || onlyGroups !== undefined) return chosenPoints(selection, params);
  return `${params.tenantFilter} AND metric_name = ${params.add('String', metricName)}`;
}

/** Points of the chosen series; the metric's name comes first in the tables' order. */
export function chosenPoints({ metricName }: Selection, params: Parameters): string {
  return `${params.tenantFilter} AND metric_name = ${params.add('String', metricName)} AND series_id IN (SELECT series_id FROM chosen)`;
}

/** How many groups there are, whether or not they have points in the range. */
export function compileGroupCount(selection: Selection): Statement {
  const params = new Parameters(selection.tenantId);
  return params.statement(`WITH ${chosenSeries(selection, params)}
SELECT uniqExact(labels) AS groups FROM chosen`);
}

/**
 * How far apart the samples of a series usually are, in ms: the median over the series of their average distance in the
 * range. No row when no series has two samples there.
 */
export function compileSampleInterval(selection: Selection): Statement {
  const params = new Parameters(selection.tenantId);
  const table = DISTRIBUTION_TYPES.has(selection.type) ? 'histograms_v3' : 'metrics_v3';
  return params.statement(`WITH ${chosenSeries(selection, params)}
SELECT quantileExact(0.5)((newest - oldest) / (samples - 1) / 1000000) AS intervalMs
FROM (
  SELECT count() AS samples, toUnixTimestamp64Nano(min(timestamp)) AS oldest, toUnixTimestamp64Nano(max(timestamp)) AS newest
  FROM ${table}
  WHERE ${chosenPoints(selection, params)} AND ${within('timestamp', selection.range, params)}
  GROUP BY series_id HAVING samples > 1
)
HAVING count() > 0`);
}

type Join = 'resource' | 'scope';
interface Label {
  readonly sql: string;
  readonly join?: Join;
}

const JOINS: Readonly<Record<Join, (params: Parameters) => string>> = {
  resource: (params) => `
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE ${params.tenantFilter}
  ) AS resources USING (resource_id)`,
  scope: (params) => `
  ANY LEFT JOIN (
    SELECT scope_id, name AS scope_name, version AS scope_version FROM scopes_v3 WHERE ${params.tenantFilter}
  ) AS scopes USING (scope_id)`,
};

const FIELD_LABELS: Readonly<Record<string, Label>> = {
  'service.name': { sql: 'toString(service_name)' },
  unit: { sql: 'toString(unit)' },
  metric: { sql: 'toString(metric_name)' },
  'scope.name': { sql: 'scope_name', join: 'scope' },
  'scope.version': { sql: 'scope_version', join: 'scope' },
};

/** The text of a group key for a row of `series`; empty when the series lacks it. */
function label(key: string, params: Parameters): Label {
  const target = resolveTfqlField(key, 'metrics');
  if (target.kind === 'field') return FIELD_LABELS[target.name] ?? label(`attributes.${key}`, params);
  const name = params.add('String', target.key);
  if (target.kind === 'attribute') return { sql: `attributes[${name}]` };
  if (target.kind === 'resource') return { sql: `resource_attributes[${name}]`, join: 'resource' };
  return {
    sql: `if(mapContains(attributes, ${name}), attributes[${name}], resource_attributes[${name}])`,
    join: 'resource',
  };
}
