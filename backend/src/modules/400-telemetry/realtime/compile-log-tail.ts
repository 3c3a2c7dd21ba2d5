import type { TfqlExpression } from '@telemetryflow/contracts';
import { compileFilter } from '../query/compiler/filter.js';
import { LOG_COLUMNS } from '../query/compiler/logs.js';
import { Parameters, type Statement } from '../query/compiler/parameters.js';
import { recordsWithin } from '../query/compiler/time.js';

/** Records whose own time is further from now than this are not live, whenever they come in. */
const LIVE_NS = 15n * 60n * 1_000_000_000n;

export interface TailQuery {
  readonly tenantId: string;
  readonly filter: TfqlExpression;
  readonly nowMs: number;
  /** Unix second of the store: only what it took in from then on. */
  readonly fromSecond: number;
}

/** The store's clock, and how many records of the tail it took in by second. One row. */
export function compileTailCounts(query: TailQuery): Statement {
  const params = new Parameters(query.tenantId);
  return params.statement(`SELECT
  toUnixTimestamp(now()) AS second,
  sumMap([toUnixTimestamp(ingested_at)], [toUInt64(1)]) AS counts,
  counts.1 AS seconds, arrayMap(records -> toUInt32(records), counts.2) AS records
FROM logs_v3
WHERE ${tailConditions(query, params)}`);
}

/** Of the tail's records those with the newest time, without the ones that were sent. */
export function compileTailRecords(query: TailQuery, sentIds: readonly string[], limit: number): Statement {
  const params = new Parameters(query.tenantId);
  const conditions = [tailConditions(query, params)];
  if (sentIds.length > 0) conditions.push(`id NOT IN ${params.add('Array(UInt64)', sentIds.map(BigInt))}`);
  return params.statement(`SELECT
${LOG_COLUMNS},
  toUnixTimestamp(ingested_at) AS second
FROM logs_v3
WHERE ${conditions.join('\n  AND ')}
ORDER BY timestamp DESC, id DESC
LIMIT ${params.add('UInt32', limit)}`);
}

function tailConditions({ filter, nowMs, fromSecond }: TailQuery, params: Parameters): string {
  const nowNs = BigInt(nowMs) * 1_000_000n;
  const conditions = [
    params.tenantFilter,
    recordsWithin({ fromNs: nowNs - LIVE_NS, toNs: nowNs + LIVE_NS }, params),
    `ingested_at >= toDateTime(${params.add('UInt32', fromSecond)}, 'UTC')`,
  ];
  if (filter.kind !== 'all') conditions.push(compileFilter(filter, 'logs', params));
  return conditions.join('\n  AND ');
}
