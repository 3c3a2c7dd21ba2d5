import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { startRedis, type TestProcess } from '../../bootstrap/testing/processes.js';
import { ConfigSchema, HealthRegistry, MetricsRegistry, type Runtime } from '../platform/index.js';
import { MemoryRateLimitStore } from '../platform/http/rate-limit.js';
import { CacheService, RedisRateLimitStore } from './index.js';

let redis: TestProcess | undefined;
const caches: CacheService[] = [];

afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.onApplicationShutdown();
  await redis?.stop();
  redis = undefined;
});

function open(url = ''): CacheService {
  const runtime: Runtime = {
    config: ConfigSchema.parse({ REDIS_URL: url }),
    version: 'test',
    dataDir: '',
    clickhouse: { url: '', username: '', password: '', database: '' },
    postgres: { ownerUrl: '', appUrl: '' },
    engines: [],
    jwtSecret: '',
    encryptionKey: '',
  };
  const cache = new CacheService(runtime, pino({ level: 'silent' }), new HealthRegistry(), new MetricsRegistry());
  cache.onModuleInit();
  caches.push(cache);
  return cache;
}

describe('the cache in memory', () => {
  it('loads once for all who wait, and again after a delete', async () => {
    const cache = open();
    let loads = 0;
    const load = async () => ++loads;
    expect(await Promise.all([1, 2, 3].map(() => cache.getOrSet('k', load)))).toEqual([1, 1, 1]);
    await cache.delete('k');
    expect(await cache.getOrSet('k', load)).toBe(2);
  });

  it('keeps no more than it has room for', async () => {
    const cache = open();
    await cache.set('huge', 'x'.repeat(5 * 1024 ** 2));
    expect(await cache.get('huge')).toBeUndefined();
    for (let i = 0; i < 50; i++) await cache.set(`large ${i}`, 'x'.repeat(3 * 1024 ** 2));
    expect(await cache.get('large 0')).toBeUndefined();
    expect(await cache.get('large 49')).toHaveLength(3 * 1024 ** 2);
  });

  it('forgets by tag', async () => {
    const cache = open();
    await cache.getOrSet('a', async () => 1, { tags: ['tenant-1'] });
    await cache.getOrSet('b', async () => 1, { tags: ['tenant-2'] });
    await cache.deleteByTag('tenant-1');
    expect(await cache.getOrSet('a', async () => 2)).toBe(2);
    expect(await cache.getOrSet('b', async () => 2)).toBe(1);
  });
});

describe('with Redis away', () => {
  it('the cache serves from memory at once', async () => {
    const cache = open('redis://127.0.0.1:9');
    expect(await cache.getOrSet('k', async () => 'loaded')).toBe('loaded');
    expect(await cache.getOrSet('k', async () => 'again')).toBe('loaded');
    await cache.delete('k');
    expect(await cache.getOrSet('k', async () => 'again')).toBe('again');
  });

  it('the rate limit counts in this process', async () => {
    const { redis: away } = open('redis://127.0.0.1:9');
    if (away === undefined) throw new Error('no connection object');
    const store = new RedisRateLimitStore(away, new MemoryRateLimitStore(() => 0));
    expect(await store.hit('k', 1000)).toEqual({ count: 1, resetMs: 1000 });
    expect(await store.hit('k', 1000)).toEqual({ count: 2, resetMs: 1000 });
  });
});

describe('with Redis', () => {
  it('keeps values under its prefix', async () => {
    redis = await startRedis();
    const cache = open(redis.url);
    await expect.poll(() => cache.redis?.status).toBe('ready');
    await cache.getOrSet('k', async () => 1);
    expect(await cache.redis?.keys('telemetry:cache:*')).not.toEqual([]);
  });

  it('forgets what it may have missed while it could not listen', async () => {
    redis = await startRedis();
    const [one, two] = [open(redis.url), open(redis.url)];
    for (const { redis: connection } of [one, two]) await expect.poll(() => connection?.status).toBe('ready');
    const listeners = async () =>
      String(await one.redis?.call('CLIENT', 'LIST', 'TYPE', 'pubsub')).match(/ sub=1 /g)?.length;
    await expect.poll(listeners, { timeout: 5_000 }).toBe(2);
    await two.getOrSet('k', async () => 'old');
    // The same connection: by the time of the delete nobody listens.
    await one.redis?.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await one.delete('k');
    await expect.poll(() => two.getOrSet('k', async () => 'new'), { timeout: 10_000 }).toBe('new');
  });
});
