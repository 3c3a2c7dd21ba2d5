import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import { CacheBusMessageType, type CacheBusMessage } from 'bentocache/types';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { HealthRegistry, LOGGER, MetricsRegistry, RUNTIME, type Runtime } from '../platform/index.js';
import { RedisBus } from './redis-bus.js';
import { connectRedis } from './redis.js';

const PREFIX = 'telemetry:cache';
const L1_ENTRIES = 1000;
/** Of the first level, as text: what somebody asks for often and large must not fill the process. */
const L1_SIZE = '128mb';
const L1_ENTRY_SIZE = '4mb';
/** Tells one node's first level, and nobody else, to forget everything. */
const FORGET_ALL: CacheBusMessage = { type: CacheBusMessageType.Clear, keys: [], namespace: PREFIX };
/** Both levels keep a value equally long, so this also bounds what a node that missed the bus still believes. */
const DEFAULT_TTL_MS = 60_000;

export interface CacheOptions {
  /** How long the value is good for; default 60 s. */
  readonly ttlMs?: number;
  /** Names under which the value can be thrown away together with others. */
  readonly tags?: readonly string[];
}

/**
 * The two-level cache: this process's memory and, with REDIS_URL, Redis, whose bus tells other nodes what to forget.
 * Keys carry organization, workspace and tenant wherever the value belongs to one. Values are JSON; no secrets.
 */
@Injectable()
export class CacheService implements OnModuleInit, OnApplicationShutdown {
  readonly #cache: ReturnType<typeof build>;
  readonly #redis: Redis | undefined;

  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(LOGGER) logger: Logger,
    private readonly health: HealthRegistry,
    private readonly metrics: MetricsRegistry,
  ) {
    const { REDIS_URL } = runtime.config;
    this.#redis = REDIS_URL === '' ? undefined : connectRedis(REDIS_URL, logger);
    this.#cache = build(this.#redis);
  }

  onModuleInit(): void {
    const redis = this.#redis;
    // Listens from now on, not from the first use on.
    this.#cache.use();
    this.health.register({
      name: 'redis',
      critical: false,
      check: async () => {
        if (redis === undefined) return { status: 'disabled' };
        await redis.ping();
      },
    });
    const lookups = this.metrics.counter('cache_lookups_total', 'Cache lookups by level and outcome', ['outcome']);
    this.#cache.on('cache:hit', ({ layer }) => lookups.inc({ outcome: `hit_${layer}` }));
    this.#cache.on('cache:miss', () => lookups.inc({ outcome: 'miss' }));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#cache.disconnect();
    this.#redis?.disconnect();
  }

  /** The Redis connection, for what else is shared between nodes (rate limits); undefined without REDIS_URL. */
  get redis(): Redis | undefined {
    return this.#redis;
  }

  /** The cached value, or what `load` answers; concurrent callers of one key wait for one load. */
  async getOrSet<T>(key: string, load: () => Promise<T>, options: CacheOptions = {}): Promise<T> {
    return this.#cache.getOrSet<T>({
      key,
      factory: load,
      ttl: options.ttlMs ?? DEFAULT_TTL_MS,
      ...(options.tags === undefined ? {} : { tags: [...options.tags] }),
    });
  }

  /** What is cached now; undefined when nothing is. */
  async get<T>(key: string): Promise<T | undefined> {
    return this.#cache.get<T>({ key });
  }

  async set<T>(key: string, value: T, options: CacheOptions = {}): Promise<void> {
    await this.#cache.set({
      key,
      value,
      ttl: options.ttlMs ?? DEFAULT_TTL_MS,
      ...(options.tags === undefined ? {} : { tags: [...options.tags] }),
    });
  }

  async delete(key: string): Promise<void> {
    await this.#cache.delete({ key });
  }

  async deleteByTag(...tags: string[]): Promise<void> {
    await this.#cache.deleteByTag({ tags });
  }

  async clear(): Promise<void> {
    await this.#cache.clear();
  }
}

function build(redis: Redis | undefined) {
  const store = bentostore().useL1Layer(
    memoryDriver({ maxItems: L1_ENTRIES, maxSize: L1_SIZE, maxEntrySize: L1_ENTRY_SIZE }),
  );
  if (redis !== undefined) {
    store.useL2Layer(redisDriver({ connection: redis }));
    store.useBus({ options: {}, factory: () => new RedisBus(redis, FORGET_ALL) });
  }
  return new BentoCache({ default: 'main', prefix: PREFIX, suppressL2Errors: true, stores: { main: store } });
}
