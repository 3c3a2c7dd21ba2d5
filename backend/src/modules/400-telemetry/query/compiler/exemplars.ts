import type { TfqlExpression } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { attributeColumns, hexId } from '../readers/attributes.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { nanosText, within } from './time.js';

export interface ExemplarSearch {
  readonly tenantId: string;
  readonly metricName: string;
  /** Of the series. */
  readonly filter: TfqlExpression;
  readonly range: TimeRange;
  readonly limit: number;
  /** The newest, or the highest of every fiftieth of the range. */
  readonly spread?: 'newest' | 'range';
}

const SLICES = 50;

/** Exemplars of a metric with what their series means, newest first. */
export function compileExemplars(search: ExemplarSearch): Statement {
  const { tenantId, metricName, filter, range, limit } = search;
  const params = new Parameters(tenantId);
  const metric = `${params.tenantFilter} AND metric_name = ${params.add('String', metricName)}`;
  return params.statement(`WITH series AS (
  SELECT series_id, service_name AS serviceName, ${attributeColumns('s')}
  FROM series_v3
  WHERE ${metric} AND ${compileFilter(filter, 'metrics', params)}
  ORDER BY last_seen DESC LIMIT 1 BY series_id
)
SELECT
  ${nanosText('timestamp')} AS timeNs,
  if(value_kind = 'none', NULL, value) AS number,
  ${hexId('trace_id', 32)} AS traceId, ${hexId('span_id', 16)} AS spanId,
  serviceName, sKeys, sValues, sTypes,
  ${attributeColumns('a')}
FROM exemplars_v3
INNER JOIN series USING (series_id)
WHERE ${metric} AND ${within('timestamp', range, params)}
${search.spread === 'range' ? highestOfSlices(search, params) : ''}ORDER BY timestamp DESC, trace_id, span_id
LIMIT ${params.add('UInt32', limit)}`);
}

/** Leaves so many of each slice that all together are about as many as are asked for. */
function highestOfSlices({ range, limit }: ExemplarSearch, params: Parameters): string {
  const slice = `intDiv(toUnixTimestamp64Nano(timestamp) - ${params.add('Int64', range.fromNs.toString())}, ${params.add(
    'Int64',
    ((range.toNs - range.fromNs) / BigInt(SLICES) + 1n).toString(),
  )})`;
  const each = params.add('UInt32', Math.ceil(limit / SLICES));
  return `QUALIFY row_number() OVER (PARTITION BY ${slice} ORDER BY value DESC, timestamp, trace_id, span_id) <= ${each}
`;
}
