import { CANARY_METRIC, CANARY_TENANT_ID, type CanaryTelemetry } from './canary-telemetry.js';

/** What the canary reads back from, as customers' queries do. */
export interface CanaryStore {
  /** Whether the span, the log record and the data point are all there. */
  isThere(telemetry: CanaryTelemetry): Promise<boolean>;
  /** Deletes what earlier rounds left. */
  tidy(): Promise<void>;
}

/** The part of the store's client that this needs. */
export interface QueryClient {
  query<T>(
    sql: string,
    params: Record<string, unknown>,
    options: { readonly timeoutMs: number },
  ): Promise<{ readonly rows: readonly T[] }>;
  exec(sql: string, params: Record<string, unknown>, options: { readonly timeoutMs: number }): Promise<void>;
}

const QUERY_TIMEOUT_MS = 5_000;
const TIDY_TIMEOUT_MS = 30_000;

const FIND = `SELECT
    (SELECT count() FROM spans_v3
     WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({trace:String}) AND timestamp = {time:DateTime64(9, 'UTC')}) AS spans,
    (SELECT count() FROM logs_v3
     WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({trace:String}) AND timestamp = {time:DateTime64(9, 'UTC')}) AS logs,
    (SELECT count() FROM metrics_v3
     WHERE tenant_id = {tenant:UUID} AND metric_name = {metric:String} AND timestamp = {time:DateTime64(9, 'UTC')}) AS points`;

/** Tables in which a partition, and with it a day, can be changed alone. */
const PARTITIONED = `SELECT name FROM system.tables
  WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND partition_key != ''
    AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'tenant_id')`;

/** The canary in ClickHouse. */
export class ClickHouseCanaryStore implements CanaryStore {
  constructor(private readonly client: QueryClient) {}

  async isThere({ traceId, timeUnixNano }: CanaryTelemetry): Promise<boolean> {
    const params = {
      tenant: CANARY_TENANT_ID,
      trace: traceId,
      time: decimalSeconds(timeUnixNano),
      metric: CANARY_METRIC,
    };
    const { rows } = await this.client.query<Record<'spans' | 'logs' | 'points', string>>(FIND, params, {
      timeoutMs: QUERY_TIMEOUT_MS,
    });
    const [found] = rows;
    return found !== undefined && [found.spans, found.logs, found.points].every((count) => Number(count) > 0);
  }

  async tidy(): Promise<void> {
    const options = { timeoutMs: TIDY_TIMEOUT_MS };
    const tables = await this.client.query<{ name: string }>(PARTITIONED, {}, options);
    const tenant = { tenant: CANARY_TENANT_ID };
    for (const { name } of tables.rows) {
      const table = `\`${name}\``;
      const { rows } = await this.client.query<{ id: string }>(
        `SELECT DISTINCT _partition_id AS id FROM ${table} WHERE tenant_id = {tenant:UUID}`,
        tenant,
        options,
      );
      for (const { id } of rows) {
        await this.client.exec(
          `ALTER TABLE ${table} DELETE IN PARTITION ID '${id}' WHERE tenant_id = {tenant:UUID}`,
          tenant,
          options,
        );
      }
    }
  }
}

/** How ClickHouse reads a DateTime64(9) parameter. */
function decimalSeconds(unixNano: string): string {
  const digits = unixNano.padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
