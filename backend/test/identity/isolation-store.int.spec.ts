/**
 * The third of the three walls between tenants, alone: the filters of the telemetry store. No credential, no PostgreSQL;
 * and since there are two filters, the statements' own and the engine's, each with the other switched off.
 */
import {
  FieldsQuery,
  FieldValuesQuery,
  LogHistogramQuery,
  LogsQuery,
  MetricNamesQuery,
  TracesQuery,
} from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FieldReader } from '../../src/modules/400-telemetry/query/readers/field-reader.js';
import { IdentityReader } from '../../src/modules/400-telemetry/query/readers/identities.js';
import { LogReader } from '../../src/modules/400-telemetry/query/readers/log-reader.js';
import { MetricNameReader } from '../../src/modules/400-telemetry/query/readers/metric-name-reader.js';
import { OverviewReader } from '../../src/modules/400-telemetry/query/readers/overview-reader.js';
import { ServiceReader } from '../../src/modules/400-telemetry/query/readers/service-reader.js';
import { TraceReader } from '../../src/modules/400-telemetry/query/readers/trace-reader.js';
import { TelemetryStore } from '../../src/modules/400-telemetry/query/store.js';
import { OTHER_TENANT, TENANT } from '../../src/modules/400-telemetry/query/testing/rows.js';
import {
  startTelemetryEngine,
  type TelemetryEngine,
} from '../../src/modules/400-telemetry/query/testing/telemetry-engine.js';
import {
  FOREIGN,
  insertTracesAndLogs,
  NOW_MS,
  T1,
} from '../../src/modules/400-telemetry/query/testing/traces-scene.js';
import { ClickHouseService, type QueryOptions } from '../../src/shared/clickhouse/index.js';
import { HealthRegistry, MetricsRegistry } from '../../src/shared/platform/index.js';

/** Leaves the engine's filter out. */
class Unfiltered extends ClickHouseService {
  override query<T>(sql: string, params: Record<string, unknown> = {}, options: QueryOptions = {}) {
    return super.query<T>(sql, params, { ...options, settings: {} });
  }
}

let engine: TelemetryEngine;
let unfiltered: Unfiltered;
/** What only the other tenant has: a span, a log record, a host, an attribute's value. */
const SECRETS = ['secret', 'leak', OTHER_TENANT];

beforeAll(async () => {
  engine = await startTelemetryEngine();
  unfiltered = new Unfiltered(engine.runtime, new HealthRegistry(), new MetricsRegistry());
  await insertTracesAndLogs(engine);
});
afterAll(async () => {
  await unfiltered?.onApplicationShutdown();
  await engine?.stop();
});

const tenantTables = async () => {
  const { rows } = await engine.clickhouse.query<{ table: string; kind: string }>(
    `SELECT c.table AS table, t.engine AS kind FROM system.columns c
     JOIN system.tables t ON t.database = c.database AND t.name = c.table
     WHERE c.database = currentDatabase() AND c.name = 'tenant_id' AND NOT t.is_temporary
       AND t.engine NOT LIKE '%View' AND c.table NOT LIKE 'audit%' AND c.table NOT LIKE '.inner%' ORDER BY c.table`,
  );
  return rows.map(({ table }) => table);
};

/** The columns that hold a time, as of now: rows of 1970 would have expired before they are read. */
async function timesOf(table: string): Promise<Record<string, string>> {
  const { rows } = await engine.clickhouse.query<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}
     AND type LIKE 'Date%' AND default_kind NOT IN ('MATERIALIZED', 'ALIAS')`,
    { table },
  );
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  return Object.fromEntries(rows.map(({ name, type }) => [name, type === 'Date' ? now.slice(0, 10) : now]));
}

describe('the statements, without the engine’s filter', () => {
  const range = { from: 'now-2h', to: 'now' };
  const scope = { tenantId: TENANT };

  it('the engine’s filter is off', async () => {
    const all = { sql: 'SELECT DISTINCT toString(tenant_id) AS tenant FROM spans_v3 ORDER BY tenant', params: {} };
    expect(await new TelemetryStore(unfiltered).query(all, scope)).toEqual([
      { tenant: TENANT },
      { tenant: OTHER_TENANT },
    ]);
  });

  it('read nothing of another tenant, through any reader', async () => {
    const store = new TelemetryStore(unfiltered);
    const identities = new IdentityReader(store);
    const traces = new TraceReader(store, identities);
    const logs = new LogReader(store, identities);
    const fields = new FieldReader(store);
    const answers = {
      traces: await traces.list(TracesQuery.parse(range), scope, NOW_MS),
      trace: await traces.byId(T1, scope),
      logs: await logs.list(LogsQuery.parse(range), scope, NOW_MS),
      logsOfTrace: await logs.ofTrace(T1, { limit: 100 }, scope),
      histogram: await logs.histogram(LogHistogramQuery.parse(range), scope, NOW_MS),
      services: await new ServiceReader(store).list(range, scope, NOW_MS),
      overview: await new OverviewReader(store).read(range, scope, NOW_MS),
      fields: await fields.list(FieldsQuery.parse({ signal: 'spans' }), scope, NOW_MS),
      values: await fields.values(FieldValuesQuery.parse({ signal: 'spans', field: 'name' }), scope, NOW_MS),
      metrics: await new MetricNameReader(store).list(MetricNamesQuery.parse({}), scope),
    };
    for (const [reader, answer] of Object.entries(answers)) {
      const text = JSON.stringify(answer);
      for (const secret of SECRETS) expect(text, reader).not.toContain(secret);
    }
    expect(answers.traces.data.length).toBeGreaterThan(0);
    expect(answers.logs.data.length).toBeGreaterThan(0);
    await expect(traces.byId(FOREIGN, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await logs.ofTrace(FOREIGN, { limit: 100 }, scope)).data).toEqual([]);
  });
});

describe('the engine’s filter, without the statements’', () => {
  it('lets no statement see another tenant, in any table', async () => {
    const tables = await tenantTables();
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) {
      const times = await timesOf(table);
      await engine.insert(table, [
        { tenant_id: TENANT, ...times },
        { tenant_id: OTHER_TENANT, ...times },
      ]);
      const all = { sql: `SELECT DISTINCT toString(tenant_id) AS tenant FROM ${table}`, params: {} };
      for (const tenantId of [TENANT, OTHER_TENANT]) {
        expect(await engine.store.query(all, { tenantId }), table).toEqual([{ tenant: tenantId }]);
      }
      const both = await new TelemetryStore(unfiltered).query<{ tenant: string }>(all, { tenantId: TENANT });
      expect(both.map(({ tenant }) => tenant).sort(), table).toEqual([TENANT, OTHER_TENANT]);
      const nobody = '019a0000-0000-7000-8000-0000000000ff';
      const counted = { sql: `SELECT count() AS n FROM ${table}`, params: {} };
      expect(await engine.store.query(counted, { tenantId: nobody }), table).toEqual([{ n: '0' }]);
    }
  });

  it('is not led astray by what a statement says', async () => {
    const scope = { tenantId: TENANT };
    for (const sql of [
      `SELECT toString(tenant_id) AS tenant FROM spans_v3 WHERE tenant_id = toUUID('${OTHER_TENANT}')`,
      `SELECT toString(l.tenant_id) AS tenant FROM spans_v3 s JOIN logs_v3 l ON l.tenant_id <> s.tenant_id`,
      `SELECT tenant FROM (SELECT toString(tenant_id) AS tenant FROM logs_v3) WHERE tenant <> '${TENANT}'`,
      `SELECT toString(tenant_id) AS tenant FROM telemetry.logs_v3 WHERE tenant_id <> toUUID('${TENANT}')`,
    ]) {
      expect(await engine.store.query({ sql, params: {} }, scope), sql).toEqual([]);
    }
  });
});
