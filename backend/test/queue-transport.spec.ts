/** Ingest nodes and worker nodes as processes of their own, with a real Redis between them. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import {
  startEmbeddedClickHouse,
  startEmbeddedPostgres,
  type EmbeddedClickHouse,
  type EmbeddedPostgres,
} from '@telemetryflow/embedded';
import type { QueueJobPage } from '@telemetryflow/contracts';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestProcess } from '../src/bootstrap/testing/processes.js';
import { seeded } from './chaos/support/random.ts';
import { LogSender, sendLogs } from './support/log-sender.js';
import { eventually, repository, TestPlatform, type Key } from './support/platform.js';

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
console.log(`queue transport: SEED=${seed}`);
/** One of a kind each, in this order; which of the two is up to the seed. */
const VICTIMS = ['worker', 'ingest', 'redis', 'worker', 'ingest'] as const;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
let dir: string;
let clickhouse: EmbeddedClickHouse;
let postgres: EmbeddedPostgres;
let redis: TestProcess;
let store: ClickHouseClient;
let ingest: TestPlatform[];
let workers: TestPlatform[];
let key: Key;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'telemetryflow-cluster-'));
  [clickhouse, postgres, redis] = await Promise.all([
    startEmbeddedClickHouse({ dataDir: dir, logger: quiet }),
    startEmbeddedPostgres({ dataDir: dir, logger: quiet }),
    startRedis('--appendonly', 'yes', '--appendfsync', 'always'),
  ]);
  const { url, username, password } = clickhouse;
  store = createClient({ url, username, password, database: 'telemetry' });
  const first = await node({ ROLES: 'ingest' });
  key = await first.developmentKey();
  const [second, ...others] = await Promise.all([
    node({ ROLES: 'ingest' }),
    node({ ROLES: 'worker' }),
    node({ ROLES: 'worker,api' }),
  ]);
  ingest = [first, second];
  workers = others;
});

afterAll(async () => {
  await Promise.all([...(ingest ?? []), ...(workers ?? [])].map((platform) => platform.dispose()));
  await store?.close();
  await Promise.all([redis?.stop(), postgres?.stop(), clickhouse?.stop()]);
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

function node(env: Record<string, string>): Promise<TestPlatform> {
  return TestPlatform.start({
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.username,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    DATABASE_URL: postgres.ownerUrl,
    DATABASE_APP_URL: postgres.appUrl,
    REDIS_URL: redis.url,
    JWT_SECRET: 'j'.repeat(32),
    INGEST_TRANSPORT: 'queue',
    INGEST_QUEUE_MAX_BYTES: String(1 << 20),
    INGEST_SEGMENT_AGE_MS: '50',
    INGEST_SEGMENT_BYTES: String(64 * 1024),
    THROTTLE_INGESTION_LIMIT: '0',
    INGEST_CANARY_SECONDS: '0',
    OTEL_SELF: 'false',
    ...env,
  });
}

async function stored(service: string): Promise<string[]> {
  const answer = await store.query({
    query: 'SELECT body FROM logs_v3 WHERE service_name = {service:String}',
    query_params: { service },
    format: 'JSONEachRow',
  });
  return (await answer.json<{ body: string }>()).map(({ body }) => body);
}

/** Segments that hold something; an empty one is there ahead of its time. */
async function segmentsIn(node: TestPlatform): Promise<number> {
  const dir = join(node.dataDir, 'ingest');
  const names = (await readdir(dir)).filter((name) => name.endsWith('.seg'));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(dir, name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.filter((bytes) => bytes > 0).length;
}

/** Every acknowledged id is stored; nothing is stored twice. */
async function expectExactlyOnce(service: string, acknowledged: ReadonlySet<string>): Promise<void> {
  await eventually(
    `all of ${service}`,
    async () => {
      const ids = new Set(await stored(service));
      return [...acknowledged].every((id) => ids.has(id)) ? true : undefined;
    },
    60_000,
  );
  const bodies = await stored(service);
  expect(bodies.length).toBe(new Set(bodies).size);
}

function metricOf(node: TestPlatform, name: string): Promise<number> {
  return fetch(`${node.url}/metrics`)
    .then((response) => response.text())
    .then((text) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN));
}

describe('a node that plays some roles', () => {
  it('answers health and metrics, takes telemetry only as ingest, and has no API', async () => {
    const [node, worker] = [ingest[0]!, workers[0]!];
    for (const { url } of [node, worker]) {
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      expect((await fetch(`${url}/metrics`)).status).toBe(200);
      for (const path of ['/', '/api/v2/config', '/api/docs', '/assets/x.js']) {
        expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 404]);
      }
    }
    expect(node.otlpHttpUrl).not.toBe('');
    expect(worker.otlpHttpUrl).toBe('');
    expect((await fetch(`${worker.url}/v1/logs`, { method: 'POST' })).status).toBe(404);
    // Neither started an engine.
    for (const { dataDir } of [node, worker]) {
      expect((await readdir(dataDir)).filter((name) => /clickhouse|postgres/.test(name))).toEqual([]);
    }
  });

  it.each([
    [{ INGEST_TRANSPORT: 'queue' }, ['INGEST_TRANSPORT', 'REDIS_URL']],
    [{ ROLES: 'ingest' }, ['ROLES', 'DATABASE_URL', 'CLICKHOUSE_URL']],
  ])('does not start without the others’ addresses: %o', async (env, named) => {
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      const main = join(repository, 'backend', 'dist', 'main.js');
      const options = { env: { PATH: process.env['PATH'], DATA_DIR: join(dir, 'never'), ...env } };
      execFile(process.execPath, [main], options, (error, _, stderr) => resolve({ code: error?.code, stderr }));
    });
    expect(code).toBe(78);
    for (const name of named) expect(stderr).toContain(name);
  });
});

it('brings every acknowledged item into the store once, whichever process is killed, Redis too', async () => {
  const next = seeded(seed);
  const senders = ingest.map(
    (node, index) => new LogSender({ node, key, service: `killed-${index}`, loops: 2, pauseMs: 10 }),
  );
  const acknowledged = () => senders.reduce((sum, sender) => sum + sender.acknowledged.size, 0);
  for (const victim of VICTIMS) {
    const before = acknowledged();
    await eventually('load', async () => (acknowledged() > before + 50 ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, next() * 150)); // any moment
    const which = next() < 0.5 ? 0 : 1;
    if (victim === 'redis') {
      await redis.crash();
      continue;
    }
    const node = (victim === 'worker' ? workers : ingest)[which]!;
    await node.kill();
    await node.launch();
  }
  await Promise.all(senders.map((sender) => sender.stop()));
  for (const { service, acknowledged } of senders) {
    expect(acknowledged.size).toBeGreaterThan(100);
    await expectExactlyOnce(service, acknowledged);
  }
  await eventually('an empty log', async () =>
    (await Promise.all(ingest.map(segmentsIn))).every((count) => count === 0) ? true : undefined,
  );
  expect(await metricOf(ingest[0]!, 'otlp_ingestion_segments_poisoned')).toBe(0);
  // They went by the workers.
  const inserted = await Promise.all(ingest.map((node) => metricOf(node, 'otlp_ingestion_segments_inserted_total')));
  expect(inserted).toEqual([0, 0]);
  // What was inserted lies in Redis no more.
  const client = new Redis(redis.url);
  await eventually('no bytes under way', async () =>
    (await client.get('telemetry:segments:bytes')) === '0' ? true : undefined,
  );
  await client.quit();
  // Nothing came twice in the end either.
  for (const { service, acknowledged } of senders) await expectExactlyOnce(service, acknowledged);
}, 180_000);

describe('what the store refuses', () => {
  const failed = async () => {
    const path = '/api/v2/admin/queues/otlp-ingestion/failed';
    const { body } = await workers[1]!.api<QueueJobPage>('GET', path, { as: 'super' });
    return body.data.find(({ name }) => name === 'set-aside');
  };

  async function expectRefusedAndRetried(node: TestPlatform, service: string, keptIn: 'redis' | 'log'): Promise<void> {
    await store.command({ query: `ALTER TABLE logs_v3 ADD CONSTRAINT refused CHECK service_name != '${service}'` });
    expect(await sendLogs(node, key, service, ['one', 'two'])).toBe(200);
    const job = await eventually('the failed job', failed);
    expect(job.data).toMatchObject({ table: 'logs_v3', keptIn, items: expect.any(Number) });
    expect(await stored(service)).toEqual([]);
    // What comes after it is not held back.
    const neighbour = `${service}-neighbour`;
    expect(await sendLogs(node, key, neighbour, ['three'])).toBe(200);
    await eventually('the neighbour', async () => ((await stored(neighbour)).length === 1 ? true : undefined));

    await store.command({ query: 'ALTER TABLE logs_v3 DROP CONSTRAINT refused' });
    const retry = `/api/v2/admin/queues/otlp-ingestion/retry/${encodeURIComponent(job.id)}`;
    expect((await workers[1]!.api('POST', retry, { as: 'super' })).status).toBe(202);
    await eventually('the rows', async () => ((await stored(service)).length > 0 ? true : undefined));
    const done = `/api/v2/admin/queues/otlp-ingestion/jobs?state=completed&limit=100`;
    await eventually('the end of the job', async () => {
      const { body } = await workers[1]!.api<QueueJobPage>('GET', done, { as: 'super' });
      return body.data.find(({ id }) => id === job.id);
    });
    expect((await stored(service)).sort()).toEqual(['one', 'two']);
  }

  it('is a failed job whose rows Redis keeps, and goes in once when it is retried', async () => {
    await expectRefusedAndRetried(ingest[0]!, 'refused-by-workers', 'redis');
  }, 60_000);

  it('by a node that has no workers is kept and retried there', async () => {
    const local = await node({ ROLES: 'ingest', INGEST_TRANSPORT: 'local' });
    try {
      await expectRefusedAndRetried(local, 'refused-by-ingest', 'log');
    } finally {
      await local.dispose();
    }
  }, 60_000);
});
