import { EventBus } from '@nestjs/cqrs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheService } from '../shared/cache/index.js';
import { ClusterEvent } from '../shared/messaging/index.js';
import { appendToOutbox, Database, systemScope } from '../shared/platform/database/index.js';
import { JobHandlers, QueueService } from '../shared/queue/index.js';
import { startServer, type TestServer } from './start-server.js';
import { startNats, startRedis, type TestProcess } from './testing/processes.js';

let redis: TestProcess;
let nats: TestProcess;
let first: TestServer;
let second: TestServer;

beforeAll(async () => {
  [redis, nats] = await Promise.all([startRedis(), startNats()]);
  const shared = { REDIS_URL: redis.url, NATS_URL: nats.url, THROTTLE_LIMIT: '5' };
  first = await startServer(shared);
  const { postgres, clickhouse } = first.runtime;
  second = await startServer({
    ...shared,
    ROLES: 'api',
    DATABASE_URL: postgres.ownerUrl,
    DATABASE_APP_URL: postgres.appUrl,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.username,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    JWT_SECRET: first.runtime.jwtSecret,
    ENCRYPTION_KEY: first.runtime.encryptionKey,
  });
});

afterAll(async () => {
  await second?.stop();
  await first?.stop();
  await Promise.all([redis.stop(), nats.stop()]);
});

describe('two nodes on one Redis, NATS, PostgreSQL and ClickHouse', () => {
  it('start no engine for what has a URL, and see every dependency', async () => {
    expect(second.runtime.engines).toEqual([]);
    await expect
      .poll(async () => (await fetch(`${second.url}/health/ready`)).json(), { timeout: 10_000 })
      .toMatchObject({
        status: 'ok',
        dependencies: {
          postgres: { status: 'up' },
          clickhouse: { status: 'up' },
          redis: { status: 'up' },
          nats: { status: 'up' },
          queue: { status: 'up' },
        },
      });
  });

  it('share jobs', async () => {
    const done = new Promise<unknown>((resolve) => {
      first.app.get(JobHandlers).register('notification', 'share', async ({ data }) => resolve(data));
    });
    await second.app.get(QueueService).add('notification', 'share', { from: 'second' });
    expect(await done).toEqual({ from: 'second' });
  });

  it('share events', async () => {
    const heard = new Promise<ClusterEvent>((resolve) => {
      second.app.get(EventBus).subscribe((event) => event instanceof ClusterEvent && resolve(event));
    });
    await first.app
      .get(Database)
      .transaction(systemScope('platform'), (manager) =>
        appendToOutbox(manager, { type: 'user.created', aggregateId: null, organizationId: null, payload: { n: 1 } }),
      );
    expect((await heard).event).toMatchObject({ type: 'user.created', payload: { n: 1 } });
  });

  it('share the cache, and forget together', async () => {
    const [one, two] = [first.app.get(CacheService), second.app.get(CacheService)];
    expect(await one.getOrSet('shared', async () => 'from one', { tags: ['t'] })).toBe('from one');
    expect(await two.getOrSet('shared', async () => 'from two', { tags: ['t'] })).toBe('from one');
    await one.delete('shared');
    await expect.poll(() => two.getOrSet('shared', async () => 'again'), { timeout: 10_000 }).toBe('again');
    await one.getOrSet('tagged', async () => 1, { tags: ['group'] });
    await two.deleteByTag('group');
    await expect.poll(() => one.getOrSet('tagged', async () => 2), { timeout: 10_000 }).toBe(2);
  });

  it('count a client’s requests together', async () => {
    const statuses: number[] = [];
    for (const { url } of [first, second, first, second, first, second]) {
      statuses.push((await fetch(`${url}/api/v2/config`)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });
});
