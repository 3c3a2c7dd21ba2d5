import type { TfqlSignal } from '@telemetryflow/contracts';
import type { TimeRange } from '../range.js';
import { Parameters, type Statement } from './parameters.js';
import { within } from './time.js';

const SAMPLE_ROWS = 20_000;
const MAX_KEYS = 200;
const TABLE: Readonly<Record<TfqlSignal, 'spans_v3' | 'logs_v3' | 'series_v3'>> = {
  spans: 'spans_v3',
  logs: 'logs_v3',
  metrics: 'series_v3',
};

/** Attribute keys of a sample of the signal's rows, most frequent first, each with its commonest type letter. */
export function compileAttributeKeys(
  tenantId: string,
  signal: TfqlSignal,
  range: TimeRange,
  search: string,
): Statement {
  const params = new Parameters(tenantId);
  const recent = signal === 'metrics' ? '1' : within('timestamp', range, params);
  return keysOf(TABLE[signal], recent, search, params);
}

/** The same of the tenant's resources. */
export function compileResourceKeys(tenantId: string, search: string): Statement {
  return keysOf('resources_v3', '1', search, new Parameters(tenantId));
}

function keysOf(table: string, condition: string, search: string, params: Parameters): Statement {
  const matching = search === '' ? '1' : `positionCaseInsensitive(key, ${params.add('String', search)}) > 0`;
  return params.statement(`SELECT key AS name, topK(1)(letter)[1] AS type, count() AS seen
FROM (
  SELECT mapKeys(attributes) AS keys, arrayMap(i -> substring(attribute_types, i, 1), arrayEnumerate(keys)) AS letters
  FROM ${table}
  WHERE ${params.tenantFilter} AND ${condition}
  LIMIT ${params.add('UInt32', SAMPLE_ROWS)}
)
ARRAY JOIN keys AS key, letters AS letter
WHERE ${matching}
GROUP BY key ORDER BY seen DESC, key LIMIT ${params.add('UInt32', MAX_KEYS)}`);
}
