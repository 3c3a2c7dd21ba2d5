import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseModule } from '../../../shared/platform/database/database.module.js';
import { Database, migratePostgres, systemScope } from '../../../shared/platform/database/index.js';
import { ConfigSchema, type Runtime } from '../../../shared/platform/index.js';
import { PlatformModule, RuntimeModule } from '../../../shared/platform/platform.module.js';
import { TenantUsage } from '../ingest/admission/tenant-usage.js';
import { PostgresUsageStore } from './postgres-usage-store.js';

const logger = pino({ level: 'silent' });
let dataDir: string;
let engine: EmbeddedPostgres;
let app: TestingModule;
let database: Database;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow-usage-'));
  engine = await startEmbeddedPostgres({ dataDir, logger });
  await migratePostgres(engine, logger);
  const runtime: Runtime = {
    config: ConfigSchema.parse({}),
    version: 'test',
    dataDir,
    clickhouse: { url: '', username: '', password: '', database: '' },
    postgres: { ownerUrl: engine.ownerUrl, appUrl: engine.appUrl },
    engines: [],
    jwtSecret: '',
    encryptionKey: '',
  };
  app = await Test.createTestingModule({
    imports: [RuntimeModule.forRoot(runtime, logger), PlatformModule, DatabaseModule],
  }).compile();
  await app.init();
  database = app.get(Database);
});

afterAll(async () => {
  await app?.close();
  await engine?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const usageAt = (clock: { now: number }) =>
  new TenantUsage({ store: new PostgresUsageStore(database), logger, isLimited: true, now: () => clock.now });

describe('usage in PostgreSQL', () => {
  it('survives restarts and adds up over nodes, days and months', async () => {
    const clock = { now: Date.parse('2026-01-30T12:00:00Z') };
    const tenantId = randomUUID();
    const [one, two] = [usageAt(clock), usageAt(clock)];
    one.add(tenantId, 'traces', 3, 100);
    two.add(tenantId, 'logs', 4, 200);
    await Promise.all([one.sync(), two.sync()]);
    await one.sync();
    expect([one.bytesToday(tenantId), one.bytesThisMonth(tenantId)]).toEqual([300, 300]);

    clock.now = Date.parse('2026-01-31T12:00:00Z');
    one.add(tenantId, 'metrics', 5, 1_000);
    await one.stop();
    const restarted = usageAt(clock);
    await restarted.start();
    expect([restarted.bytesToday(tenantId), restarted.bytesThisMonth(tenantId)]).toEqual([1_000, 1_300]);
    await restarted.stop();

    clock.now = Date.parse('2026-02-01T00:00:00Z');
    const nextMonth = usageAt(clock);
    await nextMonth.start();
    expect([nextMonth.bytesToday(tenantId), nextMonth.bytesThisMonth(tenantId)]).toEqual([0, 0]);
    await nextMonth.stop();

    const rows = await database.transaction(systemScope('ingest'), (manager) =>
      manager.query(
        'SELECT day::text, bytes, spans, data_points, log_records FROM tenant_usage WHERE tenant_id = $1 ORDER BY day',
        [tenantId],
      ),
    );
    expect(rows).toEqual([
      { day: '2026-01-30', bytes: '300', spans: '3', data_points: '0', log_records: '4' },
      { day: '2026-01-31', bytes: '1000', spans: '0', data_points: '5', log_records: '0' },
    ]);
  });

  it('is nobody’s to read outside ingest', async () => {
    const count = (purpose: 'ingest' | 'api-keys') =>
      database.transaction(systemScope(purpose), (manager) => manager.query('SELECT 1 FROM tenant_usage LIMIT 1'));
    expect(await count('ingest')).toHaveLength(1);
    expect(await count('api-keys')).toHaveLength(0);
  });
});
