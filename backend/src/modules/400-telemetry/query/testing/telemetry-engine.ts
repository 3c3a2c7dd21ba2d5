import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { startEmbeddedClickHouse } from '@telemetryflow/embedded';
import { ClickHouseService, connect, migrateClickHouse } from '../../../../shared/clickhouse/index.js';
import { ConfigSchema, HealthRegistry, MetricsRegistry, type Runtime } from '../../../../shared/platform/index.js';
import { TelemetryStore } from '../store.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export interface TelemetryEngine {
  readonly runtime: Runtime;
  readonly clickhouse: ClickHouseService;
  readonly store: TelemetryStore;
  /** Columns that a row leaves out get their defaults. */
  insert(table: string, rows: readonly object[]): Promise<void>;
  /** A statement that answers nothing. */
  exec(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/** The embedded engine with the platform's migrations, for the specs of this folder. */
export async function startTelemetryEngine(): Promise<TelemetryEngine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tf-query-'));
  const engine = await startEmbeddedClickHouse({ dataDir, logger: silent });
  const { url, username, password } = engine;
  const runtime: Runtime = {
    config: ConfigSchema.parse({ NODE_ENV: 'test' }),
    version: '0.0.0',
    dataDir,
    clickhouse: { url, username, password, database: 'telemetry' },
    postgres: { ownerUrl: '', appUrl: '' },
    engines: [engine],
    jwtSecret: '',
    encryptionKey: '',
  };
  await migrateClickHouse(runtime, silent);
  const client: ClickHouseClient = connect(runtime, 'telemetry');
  const clickhouse = new ClickHouseService(runtime, new HealthRegistry(), new MetricsRegistry());
  return {
    runtime,
    clickhouse,
    store: new TelemetryStore(clickhouse),
    insert: async (table, values) => {
      await client.insert({ table, values: [...values], format: 'JSONEachRow' });
    },
    exec: async (query) => {
      await client.command({ query });
    },
    stop: async () => {
      await client.close();
      await clickhouse.onApplicationShutdown();
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
