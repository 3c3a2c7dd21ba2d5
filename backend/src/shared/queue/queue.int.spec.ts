import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConfigSchema, currentScope, HealthRegistry, MetricsRegistry, type Runtime } from '../platform/index.js';
import { JobHandlers, QUEUE_NAMES, QueueService, type JobAttempt } from './index.js';

const logger = pino({ level: 'silent' });
let dataDir: string;
let engine: EmbeddedPostgres;
const running: QueueService[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow-queue-'));
  engine = await startEmbeddedPostgres({ dataDir, logger });
});

afterEach(async () => {
  for (const service of running.splice(0)) await service.onModuleDestroy();
});

afterAll(async () => {
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(roles: string, handlers = new JobHandlers()): Promise<QueueService> {
  const runtime: Runtime = {
    config: ConfigSchema.parse({ ROLES: roles }),
    version: 'test',
    dataDir,
    clickhouse: { url: '', username: '', password: '', database: '' },
    postgres: { ownerUrl: engine.ownerUrl, appUrl: engine.appUrl },
    engines: [],
    jwtSecret: '',
    encryptionKey: '',
  };
  const service = new QueueService(runtime, logger, handlers, new HealthRegistry(), new MetricsRegistry());
  await service.onModuleInit();
  await service.onApplicationBootstrap();
  running.push(service);
  return service;
}

describe('the queues on PostgreSQL', () => {
  it('keep what an api node adds until a worker node does it', async () => {
    const api = await start('api');
    const id = await api.add('notification', 'send', { to: 'somebody' });
    expect(await api.statsOf('notification')).toMatchObject({ waiting: 1, active: 0, total: 1 });

    const handlers = new JobHandlers();
    const done = new Promise<{ job: JobAttempt; requestId: string | undefined }>((resolve) => {
      handlers.register('notification', 'send', async (job) => resolve({ job, requestId: currentScope()?.requestId }));
    });
    await start('worker', handlers);
    expect(await done).toEqual({
      job: { id, name: 'send', data: { to: 'somebody' }, attempt: 1, isLast: false },
      requestId: `job-notification-${id}`,
    });
    await expect.poll(() => api.statsOf('notification')).toMatchObject({ waiting: 0, completed: 1 });
  });

  it('try again what failed, and keep for looking at what nothing can do', async () => {
    const handlers = new JobHandlers();
    const attempts: number[] = [];
    handlers.register('otlp-ingestion', 'flaky', async ({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('not yet');
    });
    const service = await start('api,worker', handlers);
    await service.add('otlp-ingestion', 'flaky', {});
    await service.add('cleanup', 'unknown', {});
    await expect.poll(() => attempts, { timeout: 10_000 }).toEqual([1, 2]);
    await expect.poll(() => service.statsOf('cleanup')).toMatchObject({ failed: 1, waiting: 0 });
  });

  it('run a schedule, and replace it by its id', async () => {
    const handlers = new JobHandlers();
    let runs = 0;
    handlers.register('aggregation', 'tick', async () => {
      runs += 1;
    });
    const service = await start('worker', handlers);
    await service.schedule('aggregation', 'ticker', { everyMs: 3_600_000 }, 'tick');
    await service.schedule('aggregation', 'ticker', { everyMs: 100 }, 'tick');
    await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThan(1);
    await service.unschedule('aggregation', 'ticker');
  });

  it('pause, resume and tell all five', async () => {
    const service = await start('api');
    await service.pause('cleanup');
    expect((await service.stats()).map(({ queueName, paused }) => [queueName, paused])).toEqual(
      QUEUE_NAMES.map((name) => [name, name === 'cleanup']),
    );
    await service.resume('cleanup');
    expect((await service.statsOf('cleanup')).paused).toBe(false);
  });

  it('go on after their store was killed', async () => {
    const handlers = new JobHandlers();
    const done: unknown[] = [];
    handlers.register('cleanup', 'survive', async ({ data }) => done.push(data));
    const service = await start('worker', handlers);
    // Two, so that a counter of ids that falls back in the crash gives one out again.
    await service.add('cleanup', 'survive', { n: 0 });
    await service.add('cleanup', 'survive', { n: 1 });
    await expect.poll(() => done).toHaveLength(2);

    const restarts = engine.restarts;
    process.kill(engine.pid ?? 0, 'SIGKILL');
    await expect.poll(() => engine.restarts, { timeout: 20_000 }).toBe(restarts + 1);
    await engine.whenReady();
    await expect
      .poll(() => service.add('cleanup', 'survive', { n: 2 }).catch(() => undefined), { timeout: 20_000 })
      .toBeDefined();
    await expect.poll(() => done, { timeout: 20_000 }).toContainEqual({ n: 2 });
  }, 60_000);

  it('stop at once while their store is away', async () => {
    const service = await start('worker');
    await engine.stop();
    // Every worker meets the outage as it begins, and pauses before it tries again.
    await expect.poll(() => service.stats().catch(() => 'away')).toBe('away');
    const startedAt = performance.now();
    await running.splice(0)[0]?.onModuleDestroy();
    expect(performance.now() - startedAt).toBeLessThan(500);
    engine = await startEmbeddedPostgres({ dataDir, logger });
  });
});
