import type { TfqlExpression } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { SPAN_KINDS, STATUS_CODES } from './field-match.js';
import { compileFilter } from './filter.js';
import { Parameters, type Statement } from './parameters.js';
import { recordsWithin, within } from './time.js';

/** The spans of a filter and range in two: those of the selection, and the baseline of all others. */
export interface SpanComparison {
  readonly tenantId: string;
  readonly range: TimeRange;
  readonly filter: TfqlExpression;
  readonly selection: { readonly range: TimeRange; readonly filter: TfqlExpression };
}

/** One in so many spans of each side is looked at. */
export interface SamplingRates {
  readonly selection: number;
  readonly baseline: number;
}

/** So many values are told of each attribute, and so many attributes, those that differ most. */
const MAX_VALUES = 10;
const MAX_ATTRIBUTES = 300;

/** How many spans either side has, or its sample. */
export function compileSideCounts(comparison: SpanComparison, rates?: SamplingRates): Statement {
  const params = new Parameters(comparison.tenantId);
  return params.statement(`SELECT countIf(chosen) AS selection, countIf(NOT chosen) AS baseline
FROM (
  ${sides('', comparison, params, rates)}
)`);
}

/**
 * Of each field and attribute of the spans: how many spans of either side carry it, how many values it has, and the values
 * whose shares differ most, as tuples of value, selection and baseline.
 */
export function compileAttributeComparison(
  comparison: SpanComparison,
  rates: SamplingRates,
  sampled: { readonly selection: number; readonly baseline: number },
): Statement {
  const params = new Parameters(comparison.tenantId);
  const columns = 'service_name, name, kind, status_code, status_message, attributes';
  return params.statement(`${compared('source, key', sampled, params)}
FROM (
  SELECT entry.1 AS source, entry.2 AS key, entry.3 AS value, countIf(chosen) AS inSelection, countIf(NOT chosen) AS inBaseline
  FROM (
    SELECT chosen, arrayJoin(arrayConcat(
      [('field', 'service.name', toString(service_name)), ('field', 'name', toString(name)),
       ('field', 'kind', ${params.add('Array(String)', SPAN_KINDS)}[kind + 1]),
       ('field', 'status', ${params.add('Array(String)', STATUS_CODES)}[status_code + 1])],
      if(status_message = '', [], [('field', 'status.message', status_message)]),
      arrayMap((k, v) -> ('attribute', toString(k), v), mapKeys(attributes), mapValues(attributes))
    )) AS entry
    FROM (
      ${sides(`, ${columns}`, comparison, params, rates)}
    )
  )
  GROUP BY source, key, value
)
GROUP BY source, key
${ranked(params)}`);
}

/** The same of the attributes of the spans' resources. */
export function compileResourceComparison(
  comparison: SpanComparison,
  rates: SamplingRates,
  sampled: { readonly selection: number; readonly baseline: number },
): Statement {
  const params = new Parameters(comparison.tenantId);
  return params.statement(`${compared(`'resource' AS source, key`, sampled, params)}
FROM (
  SELECT toString(k) AS key, v AS value, sum(spans.inSelection) AS inSelection, sum(spans.inBaseline) AS inBaseline
  FROM (
    SELECT resource_id, countIf(chosen) AS inSelection, countIf(NOT chosen) AS inBaseline
    FROM (
      ${sides(', resource_id', comparison, params, rates)}
    )
    GROUP BY resource_id
  ) AS spans
  INNER JOIN (
    SELECT resource_id, any(attributes) AS described FROM resources_v3 WHERE ${params.tenantFilter} GROUP BY resource_id
  ) AS resources USING (resource_id)
  ARRAY JOIN mapKeys(described) AS k, mapValues(described) AS v
  WHERE k != 'service.name'
  GROUP BY key, value
)
GROUP BY key
${ranked(params)}`);
}

function compared(
  keys: string,
  { selection, baseline }: { readonly selection: number; readonly baseline: number },
  params: Parameters,
): string {
  const share = (column: string, of: number) => `${column} / ${params.add('Float64', Math.max(1, of))}`;
  const difference = `abs(${share('inSelection', selection)} - ${share('inBaseline', baseline)})`;
  return `SELECT ${keys}, sum(inSelection) AS selection, sum(inBaseline) AS baseline, count() AS distinctValues,
  max(${difference}) AS difference,
  arraySlice(arrayReverseSort(v -> v.4, groupArray((value, inSelection, inBaseline, ${difference}))), 1, ${MAX_VALUES}) AS top,
  arrayMap(v -> v.1, top) AS values, arrayMap(v -> v.2, top) AS selections, arrayMap(v -> v.3, top) AS baselines`;
}

function ranked(params: Parameters): string {
  return `ORDER BY difference DESC, key LIMIT ${params.add('UInt32', MAX_ATTRIBUTES)}`;
}

/** The spans with `chosen`: whether the span is of the selection. A sample is by hash, the same for the same spans. */
function sides(columns: string, comparison: SpanComparison, params: Parameters, rates?: SamplingRates): string {
  const { range, filter, selection } = comparison;
  const chosen = [within('timestamp', selection.range, params), compileFilter(selection.filter, 'spans', params)];
  const conditions = [params.tenantFilter, recordsWithin(range, params)];
  if (filter.kind !== 'all') conditions.push(compileFilter(filter, 'spans', params));
  if (rates !== undefined && Math.max(rates.selection, rates.baseline) > 1) {
    const every = `if(chosen, ${params.add('UInt64', rates.selection)}, ${params.add('UInt64', rates.baseline)})`;
    conditions.push(`cityHash64(trace_id, span_id) % ${every} = 0`);
  }
  return `SELECT (${chosen.join(' AND ')}) AS chosen${columns}
      FROM spans_v3
      WHERE ${conditions.join('\n        AND ')}`;
}
