/** The administration of the queues, and what the store refuses: seen, retried and removed through it. */
import { randomUUID } from 'node:crypto';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import type { QueueJob, QueueJobPage, QueueList, QueueStats } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRecord, plantSegment, spoilt } from '../src/modules/400-telemetry/ingest/testing/planted-segments.js';
import { eventually, TestPlatform, type Role } from './support/platform.js';

const QUEUES = '/api/v2/admin/queues';
const tenantId = randomUUID();
let platform: TestPlatform;
let store: ClickHouseClient;

beforeAll(async () => {
  platform = await TestPlatform.start();
  await platform.stop();
  await plantSegment(platform.dataDir, 900_000_001, [
    logRecord(tenantId, ['good'], 'unreadable'),
    spoilt(logRecord(tenantId, ['bad', 'worse'], 'unreadable'), 'logs_v3'),
  ]);
  await platform.launch();
  const { url, username, password, database } = platform.clickhouse;
  store = createClient({ url, username, password, database });
});
afterAll(async () => {
  await store?.close();
  await platform?.dispose();
});

const as = (role: Role) => ({ as: role });

async function bodies(service: string): Promise<string[]> {
  const query = `SELECT body FROM logs_v3 WHERE service_name = '${service}' ORDER BY body`;
  const answer = await store.query({ query, format: 'JSONEachRow' });
  return (await answer.json<{ body: string }>()).map(({ body }) => body);
}

/** The failed jobs of otlp-ingestion that are about the service's segment. */
async function setAside(segment: string): Promise<QueueJob | undefined> {
  const { body } = await platform.api<QueueJobPage>('GET', `${QUEUES}/otlp-ingestion/failed?limit=100`, as('super'));
  return body.data.find(({ data }) => data['segment'] === segment);
}

function retry(job: QueueJob) {
  const path = `${QUEUES}/otlp-ingestion/retry/${encodeURIComponent(job.id)}`;
  return platform.api<{ code: string }>('POST', path, as('super'));
}

describe('the queues', () => {
  it('are listed with counts and sums, one by one too', async () => {
    const { status, body } = await platform.api<QueueList>('GET', QUEUES, as('super'));
    expect(status).toBe(200);
    expect(body.data.map(({ queueName }) => queueName)).toEqual([
      'otlp-ingestion',
      'alert-evaluation',
      'aggregation',
      'cleanup',
      'notification',
    ]);
    expect(body.summary).toMatchObject({ totalQueues: 5 });
    const sum = body.data.reduce((total, queue) => total + queue.total, 0);
    expect(body.summary.totalJobs).toBe(sum);
    const one = await platform.api<QueueStats>('GET', `${QUEUES}/cleanup/stats`, as('super'));
    expect([one.status, Object.keys(one.body)]).toEqual([
      200,
      ['queueName', 'waiting', 'active', 'completed', 'failed', 'delayed', 'total', 'paused'],
    ]);
  });

  it('belong to who runs the platform', async () => {
    const routes = [
      ['GET', ''],
      ['GET', '/cleanup/stats'],
      ['GET', '/cleanup/jobs'],
      ['GET', '/cleanup/failed'],
      ['POST', '/cleanup/pause'],
      ['POST', '/cleanup/resume'],
      ['POST', '/cleanup/clean'],
      ['POST', '/cleanup/retry/1'],
      ['DELETE', '/cleanup/jobs/1'],
    ] as const;
    for (const [method, path] of routes) {
      expect([path, (await platform.request(method, `${QUEUES}${path}`)).status]).toEqual([path, 401]);
      for (const role of ['administrator', 'developer', 'viewer', 'demo'] as const) {
        const { status } = await platform.api(method, `${QUEUES}${path}`, as(role));
        expect([path, role, status]).toEqual([path, role, 403]);
      }
    }
  });

  it.each([
    ['GET', '/nothing/stats', 404],
    ['POST', '/nothing/pause', 404],
    ['POST', '/cleanup/retry/unknown', 404],
    ['DELETE', '/cleanup/jobs/unknown', 404],
    ['GET', '/cleanup/jobs?state=lost', 400],
    ['GET', '/cleanup/failed?limit=101', 400],
  ])('answer %s %s with %i', async (method, path, expected) => {
    expect((await platform.api(method, `${QUEUES}${path}`, as('super'))).status).toBe(expected);
  });

  it('are cleaned of completed jobs when nothing else is said', async () => {
    const { status, body } = await platform.api('POST', `${QUEUES}/alert-evaluation/clean`, as('super'));
    expect([status, body]).toEqual([200, { removed: 0 }]);
  });

  it('pause and resume', async () => {
    const paused = await platform.api<QueueStats>('POST', `${QUEUES}/notification/pause`, as('super'));
    expect([paused.status, paused.body.paused]).toEqual([200, true]);
    const resumed = await platform.api<QueueStats>('POST', `${QUEUES}/notification/resume`, as('super'));
    expect([resumed.status, resumed.body.paused]).toEqual([200, false]);
  });
});

describe('rows that the store refuses', () => {
  it('are a failed job that says what and why; their neighbours are stored', async () => {
    const job = await eventually('the failed job', () => setAside('900000001'));
    expect(job).toMatchObject({
      name: 'set-aside',
      state: 'failed',
      data: { table: 'logs_v3', rows: 2, items: 2, keptIn: 'log', attempts: 3 },
    });
    expect(job.failedReason).toMatch(/^logs_v3: .+/);
    expect(job.data['sizeBytes']).toBeGreaterThan(0);
    await eventually('the neighbour', async () => ((await bodies('unreadable')).length > 0 ? true : undefined));
    expect(await bodies('unreadable')).toEqual(['good']);

    // They are no rows: retrying says so again, and keeps them.
    expect((await retry(job)).status).toBe(202);
    await eventually('the failure', async () => {
      const again = await setAside('900000001');
      return again !== undefined && again.attempts > job.attempts ? again : undefined;
    });
  });

  it('are not cleaned away, but go when they are removed by name', async () => {
    const clean = { state: 'failed' };
    const { status, body } = await platform.api<{ removed: number }>('POST', `${QUEUES}/otlp-ingestion/clean`, {
      ...as('super'),
      body: clean,
    });
    expect([status, body.removed]).toEqual([200, 0]);
    const job = (await setAside('900000001'))!;
    const path = `${QUEUES}/otlp-ingestion/jobs/${encodeURIComponent(job.id)}`;
    expect((await platform.api('DELETE', path, as('super'))).status).toBe(204);
    expect(await setAside('900000001')).toBeUndefined();
    expect((await retry(job)).status).toBe(404);
  });

  it('go in once when the store takes them, however often that is asked for', async () => {
    await store.command({ query: `ALTER TABLE logs_v3 ADD CONSTRAINT refused CHECK body != 'refused'` });
    await platform.stop();
    await plantSegment(platform.dataDir, 900_000_002_000, [logRecord(tenantId, ['refused', 'beside'], 'constrained')]);
    await platform.launch();
    const { url, username, password, database } = platform.clickhouse;
    await store.close();
    store = createClient({ url, username, password, database });
    const job = await eventually('the failed job', () => setAside('900000002000'));
    expect(await bodies('constrained')).toEqual([]);

    await store.command({ query: 'ALTER TABLE logs_v3 DROP CONSTRAINT refused' });
    expect((await retry(job)).status).toBe(202);
    await eventually('the rows', async () => ((await bodies('constrained')).length > 0 ? true : undefined));
    await eventually('the end of the job', async () =>
      (await setAside('900000002000')) === undefined ? true : undefined,
    );
    expect([404, 409]).toContain((await retry(job)).status);
    expect(await bodies('constrained')).toEqual(['beside', 'refused']);
  }, 60_000);
});
