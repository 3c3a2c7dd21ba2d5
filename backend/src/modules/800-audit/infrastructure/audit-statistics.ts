import type { AuditStatistics, AuditStatisticsQuery } from '@telemetryflow/contracts';
import type { ClickHouseService } from '../../../shared/clickhouse/index.js';
import { allOf, conditionOf, type Condition } from './audit-filter.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS = 30;
const TOP = 10;
const MOST_BUCKETS = 400;

type Counted = AuditStatistics['byCategory'];

/** Counts of a time range by kind, result, action and actor, and their course in hours or days. */
export async function auditStatistics(
  clickhouse: ClickHouseService,
  scope: Condition,
  query: AuditStatisticsQuery,
): Promise<AuditStatistics> {
  const range = rangeOf(query);
  const condition = allOf(scope, conditionOf({ from: iso(range.from), to: iso(range.to) }));
  const counted = async (expression: string, limit = 1000): Promise<Counted> => {
    const { rows } = await clickhouse.query<{ name: string; count: string }>(
      `SELECT ${expression} AS name, count() AS count FROM audit_logs FINAL WHERE ${condition.sql}
       GROUP BY name ORDER BY count DESC, name LIMIT ${limit}`,
      condition.params,
    );
    return rows.map(({ name, count }) => ({ name, count: Number(count) }));
  };
  const [byCategory, byResult, topActions, topActors, series] = await Promise.all([
    counted('toString(category)'),
    counted('toString(result)'),
    counted('toString(action)', TOP),
    counted(`if(actor_name = '', toString(actor_type), actor_name)`, TOP),
    seriesOf(clickhouse, condition, range),
  ]);
  const total = byResult.reduce((sum, { count }) => sum + count, 0);
  return { total, byCategory, byResult, topActions, topActors, series };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface BucketRow {
  readonly bucket: string;
  readonly success: string;
  readonly failure: string;
  readonly denied: string;
}

async function seriesOf(clickhouse: ClickHouseService, condition: Condition, range: Range) {
  const step = stepOf(range);
  const { rows } = await clickhouse.query<BucketRow>(
    `SELECT intDiv(toUnixTimestamp64Milli(audit_logs.at), {step:Int64}) AS bucket, countIf(result = 'success') AS success,
            countIf(result = 'failure') AS failure, countIf(result = 'denied') AS denied
     FROM audit_logs FINAL WHERE ${condition.sql} GROUP BY bucket`,
    { ...condition.params, step },
  );
  const found = new Map(rows.map((row) => [Number(row.bucket), row]));
  const first = Math.floor(range.from / step);
  const buckets = Array.from({ length: Math.floor(range.to / step) - first + 1 }, (_, i) => first + i);
  return buckets.map((bucket) => {
    const row = found.get(bucket);
    return {
      at: iso(bucket * step),
      success: Number(row?.success ?? 0),
      failure: Number(row?.failure ?? 0),
      denied: Number(row?.denied ?? 0),
    };
  });
}

/** Hours within two days, else as many whole days as it takes. */
function stepOf({ from, to }: Range): number {
  if (to - from <= 2 * DAY_MS) return HOUR_MS;
  return Math.max(1, Math.ceil((to - from) / DAY_MS / MOST_BUCKETS)) * DAY_MS;
}

function rangeOf({ from, to }: AuditStatisticsQuery): Range {
  const end = Math.min(to === undefined ? Date.now() : Date.parse(to), Date.UTC(2200, 0, 1));
  const begin = from === undefined ? end - DEFAULT_DAYS * DAY_MS : Date.parse(from);
  return { from: Math.min(Math.max(begin, 0), Math.max(end, 0)), to: Math.max(end, 0) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
