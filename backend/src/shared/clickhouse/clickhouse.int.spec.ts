import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigSchema, HealthRegistry, MetricsRegistry, type Runtime } from '../platform/index.js';
import { ClickHouseService } from './clickhouse.service.js';
import { ChangedMigrationError, ClickHouseMigrator, migrateClickHouse } from './migrator.js';

const logger = pino({ level: 'silent' });
let dataDir: string;
let engine: EmbeddedClickHouse;
let runtime: Runtime;
let service: ClickHouseService;

function runtimeAt(url: string): Runtime {
  const { username, password } = engine;
  return {
    config: ConfigSchema.parse({}),
    version: 'test',
    dataDir,
    clickhouse: { url, username, password, database: 'telemetry_test' },
    postgres: { ownerUrl: '', appUrl: '' },
    engines: [],
    jwtSecret: '',
    encryptionKey: '',
  };
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow-ch-'));
  engine = await startEmbeddedClickHouse({ dataDir, logger });
  runtime = runtimeAt(engine.url);
  service = new ClickHouseService(runtime, new HealthRegistry(), new MetricsRegistry());
});

afterAll(async () => {
  await service.onApplicationShutdown();
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function names(): Promise<string[]> {
  const { rows } = await service.query<{ name: string }>('SELECT name FROM migrations_log ORDER BY name');
  return rows.map(({ name }) => name);
}

describe('the migrations of the telemetry store', () => {
  it('run once, in order, and refuse to be changed afterwards', async () => {
    const directory = await mkdtemp(join(dataDir, 'migrations '));
    await writeFile(
      join(directory, '0001-a.sql'),
      'CREATE TABLE a (x UInt8) ENGINE = {{engine:MergeTree}} ORDER BY x; INSERT INTO a VALUES (1);',
    );
    await migrateClickHouse(runtime, logger, directory);
    await writeFile(join(directory, '0002-b.sql'), 'ALTER TABLE a ADD COLUMN y String;');
    await migrateClickHouse(runtime, logger, directory);
    await migrateClickHouse(runtime, logger, directory);
    expect(await names()).toEqual(['0001-a.sql', '0002-b.sql']);
    expect((await service.query('SELECT x, y FROM a')).rows).toEqual([{ x: 1, y: '' }]);

    await writeFile(join(directory, '0001-a.sql'), 'SELECT 1;');
    await expect(migrateClickHouse(runtime, logger, directory)).rejects.toThrow(ChangedMigrationError);
  });

  it('brings the platform’s own tables', async () => {
    const own = { ...runtime, clickhouse: { ...runtime.clickhouse, database: 'telemetry_own' } };
    await migrateClickHouse(own, logger);
    const { rows } = await service.query<{ name: string }>(
      'SELECT name FROM system.tables WHERE database = {database:String}',
      { database: 'telemetry_own' },
    );
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['spans_v3', 'logs_v3', 'metrics_v3', 'traces_v3']),
    );
  });

  it('wait for a store that is away, and end with the application', async () => {
    const migrator = new ClickHouseMigrator(runtimeAt('http://127.0.0.1:9'), logger);
    migrator.onModuleInit();
    migrator.onModuleDestroy();
    await expect(migrator.ready).rejects.toThrow('aborted');
  });
});

describe('ClickHouseService', () => {
  it('answers typed parameters, 64-bit integers as text, and what was read', async () => {
    const { rows, stats } = await service.query<{ n: string; s: string }>(
      'SELECT {n:UInt64} AS n, {s:String} AS s FROM numbers(10) LIMIT 1',
      { n: '18446744073709551615', s: "it's; -- fine" },
    );
    expect(rows).toEqual([{ n: '18446744073709551615', s: "it's; -- fine" }]);
    expect(stats.rowsRead).toBeGreaterThan(0);
  });

  it('refuses to write in a query', async () => {
    await expect(service.query('CREATE TABLE z (x UInt8) ENGINE = Memory')).rejects.toThrow(/readonly/i);
  });

  it('ends a query at its time limit', async () => {
    await expect(
      service.query('SELECT sum(cityHash64(number)) FROM numbers(1000000000000)', {}, { timeoutMs: 1000 }),
    ).rejects.toMatchObject({ code: 'QUERY_LIMIT_EXCEEDED' });
  });

  it('does not take an answer beyond its size', async () => {
    const wide = (bytes: number) => service.query(`SELECT repeat('x', ${bytes}) AS x`, {}, { maxResultBytes: 100_000 });
    await expect(wide(150_000)).rejects.toMatchObject({ code: 'QUERY_LIMIT_EXCEEDED', limit: 'size' });
    expect((await wide(50_000)).rows).toHaveLength(1);
  });

  it('asks again when its connection breaks, once', async () => {
    let [asked, breaks] = [0, 1];
    const { hostname, port } = new URL(engine.url);
    const between = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (head) => {
        if (asked++ < breaks) return socket.destroy();
        const onward = connect(Number(port), hostname).on('error', () => socket.destroy());
        onward.write(head);
        return socket.pipe(onward).pipe(socket);
      });
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const through = runtimeAt(`http://127.0.0.1:${(between.address() as AddressInfo).port}`);
    const other = new ClickHouseService(through, new HealthRegistry(), new MetricsRegistry());
    expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(asked).toBe(2);
    await other.onApplicationShutdown();

    [asked, breaks] = [0, 9];
    const never = new ClickHouseService(through, new HealthRegistry(), new MetricsRegistry());
    await expect(never.query('SELECT 1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(asked).toBe(2);
    await never.onApplicationShutdown();
    await new Promise((resolve) => between.close(resolve));
  });

  it('is unavailable when the store is away', async () => {
    const away = new ClickHouseService(runtimeAt('http://127.0.0.1:9'), new HealthRegistry(), new MetricsRegistry());
    await expect(away.query('SELECT 1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(away.ping()).rejects.toThrow('ECONNREFUSED');
    await away.onApplicationShutdown();
  });
});
