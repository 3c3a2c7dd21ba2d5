import type { TimeRange } from '../../range.js';
import { Parameters, type Statement } from '../parameters.js';

/** What resources say of the place where a service runs, the nearest first. */
export const PLACE_KEYS = ['container.id', 'k8s.pod.name', 'k8s.node.name', 'host.name'] as const;
export type PlaceKey = (typeof PLACE_KEYS)[number];

/** Of the service itself: its process and its runtime. */
const OWN = '^(process|nodejs|v8js|jvm|go|dotnet|cpython|ruby|php)[._]';
/** Of the place, whoever sends it. */
const OF_PLACE = '^(container|k8s|system)[._]';
/** Rows of identities are written as they are received; a sender's clock may be ahead by this much. */
const CLOCK_SKEW_S = 3600n;
const MAX_VALUES = 20;

/** The values of each of PLACE_KEYS among the service's resources since the range began, as arrays in that order. */
export function compileServicePlaces(tenantId: string, service: string, range: TimeRange): Statement {
  const params = new Parameters(tenantId);
  const values = PLACE_KEYS.map((key) => {
    const value = `attributes[${params.add('String', key)}]`;
    return `arraySort(groupUniqArrayIf(${MAX_VALUES})(${value}, ${value} != ''))`;
  });
  return params.statement(`SELECT [${values.join(', ')}] AS places
FROM resources_v3
WHERE ${params.tenantFilter} AND service_name = ${params.add('String', service)} AND ${receivedSince(range, params)}`);
}

/** Metrics of the service's process and runtime, and of the places where it runs. `placeKey` is empty for the former. */
export function compileInfrastructureMetrics(
  tenantId: string,
  service: string,
  range: TimeRange,
  places: readonly (readonly string[])[],
): Statement {
  const params = new Parameters(tenantId);
  const since = receivedSince(range, params);
  const own = `service_name = ${params.add('String', service)} AND match(metric_name, ${params.add('String', OWN)})`;
  const resources = PLACE_KEYS.flatMap((key, i) => {
    const values = places[i] ?? [];
    if (values.length === 0) return [];
    const name = params.add('String', key);
    return [
      `SELECT resource_id, ${name} AS place, ${i} AS distance FROM resources_v3
      WHERE ${params.tenantFilter} AND has(${params.add('Array(String)', values)}, attributes[${name}])`,
    ];
  });
  const ofPlace =
    resources.length === 0
      ? ''
      : `
UNION ALL
SELECT metric_name, toString(any(metric_type)), any(unit), any(description), argMin(place, distance)
FROM series_v3 INNER JOIN (
    ${resources.join('\n    UNION ALL ')}
  ) AS resource USING (resource_id)
WHERE ${params.tenantFilter} AND ${since} AND match(metric_name, ${params.add('String', OF_PLACE)})
GROUP BY metric_name`;
  return params.statement(`SELECT name, type, unit, description, placeKey FROM (
SELECT metric_name AS name, toString(any(metric_type)) AS type, any(unit) AS unit, any(description) AS description, '' AS placeKey
FROM series_v3
WHERE ${params.tenantFilter} AND ${since} AND ${own}
GROUP BY metric_name${ofPlace}
)
ORDER BY name, placeKey LIMIT 200`);
}

function receivedSince(range: TimeRange, params: Parameters): string {
  const seconds = range.fromNs / 1_000_000_000n - CLOCK_SKEW_S;
  return `last_seen >= fromUnixTimestamp(${params.add('Int64', (seconds > 0n ? seconds : 0n).toString())})`;
}
