import { systemScope, type Database } from '../../../shared/platform/database/index.js';
import type { TenantTotals, UsageDelta, UsageStore } from '../ingest/admission/tenant-usage.js';

/** Tenants' usage in PostgreSQL: one row per tenant and day, which every ingest node adds to. */
export class PostgresUsageStore implements UsageStore {
  constructor(private readonly database: Database) {}

  async add(deltas: readonly UsageDelta[]): Promise<void> {
    // In one order everywhere, so that two nodes never wait for each other's rows.
    const rows = [...deltas].sort((a, b) => (`${a.day} ${a.tenantId}` < `${b.day} ${b.tenantId}` ? -1 : 1));
    await this.database.transaction(systemScope('ingest'), (manager) =>
      manager.query(
        `INSERT INTO tenant_usage AS u (tenant_id, day, bytes, spans, data_points, log_records)
         SELECT * FROM unnest($1::uuid[], $2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
         ON CONFLICT (day, tenant_id) DO UPDATE SET
           bytes = u.bytes + excluded.bytes, spans = u.spans + excluded.spans,
           data_points = u.data_points + excluded.data_points, log_records = u.log_records + excluded.log_records`,
        [
          rows.map(({ tenantId }) => tenantId),
          rows.map(({ day }) => day),
          rows.map(({ bytes }) => bytes),
          rows.map(({ items }) => items.traces),
          rows.map(({ items }) => items.metrics),
          rows.map(({ items }) => items.logs),
        ],
      ),
    );
  }

  async totals(day: string): Promise<readonly TenantTotals[]> {
    const rows = await this.database.transaction(systemScope('ingest'), (manager) =>
      manager.query<{ tenantId: string; dayBytes: string; monthBytes: string }[]>(
        `SELECT tenant_id AS "tenantId", COALESCE(sum(bytes) FILTER (WHERE day = $1), 0) AS "dayBytes",
                sum(bytes) AS "monthBytes"
         FROM tenant_usage WHERE day BETWEEN date_trunc('month', $1::date)::date AND $1 GROUP BY tenant_id`,
        [day],
      ),
    );
    return rows.map(({ tenantId, dayBytes, monthBytes }) => ({
      tenantId,
      dayBytes: Number(dayBytes),
      monthBytes: Number(monthBytes),
    }));
  }
}
