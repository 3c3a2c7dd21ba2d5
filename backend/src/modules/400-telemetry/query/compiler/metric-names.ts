import type { MetricNamesQuery } from '@telemetryflow/contracts';
import { Parameters, type Statement } from './parameters.js';

const MAX_NAMES = 5_000;

/** One row per metric name with what its newest series says; replaced series rows count once. */
export function compileMetricNames(tenantId: string, { search, service }: MetricNamesQuery): Statement {
  const params = new Parameters(tenantId);
  const conditions = [params.tenantFilter];
  if (search !== '') conditions.push(`positionCaseInsensitive(metric_name, ${params.add('String', search)}) > 0`);
  if (service !== undefined) conditions.push(`service_name = ${params.add('String', service)}`);
  return params.statement(`SELECT
  metric_name AS name,
  toString(argMax(metric_type, last_seen)) AS type,
  argMax(unit, last_seen) AS unit,
  argMax(description, last_seen) AS description,
  toString(argMax(temporality, last_seen)) AS temporality,
  uniqExact(series_id) AS seriesCount,
  arraySort(groupUniqArray(100)(toString(service_name))) AS services,
  arraySort(groupUniqArrayArray(100)(mapKeys(attributes))) AS attributeKeys,
  toInt64(toUnixTimestamp(max(last_seen))) * 1000 AS lastMs
FROM series_v3
WHERE ${conditions.join(' AND ')}
GROUP BY name ORDER BY name LIMIT ${params.add('UInt32', MAX_NAMES)}`);
}
