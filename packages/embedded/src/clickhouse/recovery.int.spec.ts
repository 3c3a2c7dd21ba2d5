import { connect } from 'node:net';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, eventually, number, recordingLogger, spawnScript, tempDir } from '../testing/harness.js';
import type { EmbeddedClickHouse } from '../types.js';
import { startEmbeddedClickHouse } from './start.js';

describe('an embedded ClickHouse that dies', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let engine: EmbeddedClickHouse | undefined;
  let client: ClickHouseClient | undefined;
  beforeEach(async () => {
    dir = await tempDir();
  });
  afterEach(async () => {
    await client?.close();
    await engine?.stop();
    await dir.remove();
  });

  async function start(): Promise<{ engine: EmbeddedClickHouse; client: ClickHouseClient }> {
    engine = await startEmbeddedClickHouse({ dataDir: dir.path, logger: recordingLogger() });
    client = clientOf(engine);
    return { engine, client };
  }

  const TABLES = [
    'CREATE TABLE items (n UInt64) ENGINE = MergeTree ORDER BY n PARTITION BY n % 3 SETTINGS non_replicated_deduplication_window = 10000',
    'CREATE TABLE sums (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 10000',
    'CREATE MATERIALIZED VIEW sums_view TO sums AS SELECT n % 4 AS k, count() AS c FROM items GROUP BY k',
  ];

  it('comes back by itself under the same URL, and retried inserts are there exactly once', async () => {
    const { engine, client } = await start();
    for (const query of TABLES) await client.command({ query });
    const { url } = engine;
    const states: string[] = [];
    engine.onStateChange((state) => states.push(state));

    const BATCHES = 120;
    const ROWS = 2_000;
    let retries = 0;
    let done = 0;
    let next = 0;
    const insertAll = async () => {
      for (let batch = next++; batch < BATCHES; batch = next++) {
        const values = Array.from({ length: ROWS }, (_, i) => ({ n: batch * ROWS + i }));
        for (;;) {
          try {
            await client.insert({
              table: 'items',
              values,
              format: 'JSONEachRow',
              clickhouse_settings: {
                insert_deduplication_token: `batch-${batch}`,
                deduplicate_blocks_in_dependent_materialized_views: 1,
              },
            });
            break;
          } catch {
            retries++;
            await engine.whenReady();
          }
        }
        done++;
      }
    };
    const killer = (async () => {
      for (const at of [20, 50, 80, 100]) {
        await eventually(`${at} batches`, () => done >= at);
        const { pid, restarts } = engine;
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        await eventually('a restart', () => engine.restarts > restarts);
        await engine.whenReady();
      }
    })();
    await Promise.all([insertAll(), insertAll(), insertAll(), killer]);

    expect(engine.restarts).toBe(4);
    expect(engine.url).toBe(url);
    expect(retries).toBeGreaterThan(0);
    expect(states.slice(0, 2)).toEqual(['restarting', 'ready']);
    expect(await number(client, 'SELECT count() FROM items')).toBe(BATCHES * ROWS);
    expect(await number(client, 'SELECT uniqExact(n) FROM items')).toBe(BATCHES * ROWS);
    expect(await number(client, 'SELECT sum(c) FROM sums')).toBe(BATCHES * ROWS);
  }, 90_000);

  it('ends with a server that is killed, and the next start works', async () => {
    const script = spawnScript(
      `const logger = { debug() {}, info() {}, warn() {}, error: (o, m) => console.error(m) };
       const engine = await embedded.startEmbeddedClickHouse({ dataDir: process.argv[1], logger });
       process.send({ pid: engine.pid, url: engine.url });`,
      [dir.path],
    );
    const orphan = (await script.message) as { pid: number; url: string };
    script.child.kill('SIGKILL');
    const { client } = await start();
    expect(await number(client, 'SELECT 1')).toBe(1);
    await eventually('the orphan is gone', () => !isAlive(orphan.pid));
  });

  it('takes over from an engine that outlived its server and hangs', async () => {
    const script = spawnScript(
      `const logger = { debug() {}, info() {}, warn() {}, error() {} };
       const engine = await embedded.startEmbeddedClickHouse({ dataDir: process.argv[1], logger });
       process.send({ pid: engine.pid });`,
      [dir.path],
    );
    const { pid } = (await script.message) as { pid: number };
    process.kill(pid, 'SIGSTOP'); // deaf to everything but a kill, its folder locked
    script.child.kill('SIGKILL');
    const { client } = await start();
    expect(await number(client, 'SELECT 1')).toBe(1);
    await eventually('the orphan is gone', () => !isAlive(pid));
  });

  it('keeps its data over an orderly stop, and leaves no process behind', async () => {
    const first = await start();
    await first.client.command({ query: TABLES[0] ?? '' });
    await first.client.insert({ table: 'items', values: [{ n: 1 }], format: 'JSONEachRow' });
    const { pid, url } = first.engine;
    await first.client.close();
    await first.engine.stop();
    expect(first.engine.state).toBe('stopped');
    expect(pid !== undefined && isAlive(pid)).toBe(false);
    await expect(connects(url)).resolves.toBe(false);
    await expect(first.engine.whenReady()).rejects.toThrow('stopped');
    const second = await start();
    expect(await number(second.client, 'SELECT count() FROM items')).toBe(1);
  });

  it('says in one sentence that its folder cannot be written', async () => {
    await expect(
      startEmbeddedClickHouse({ dataDir: '/dev/null/data', logger: recordingLogger() }),
    ).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function connects(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
