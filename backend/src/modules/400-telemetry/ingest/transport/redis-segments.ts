import { Redis, type Result } from 'ioredis';
import type { Quarantine, SetAside } from '../drain/poison.js';
import type { IngestLogger } from '../ingest-logger.js';
import type { SegmentBytes } from './segment-queue.js';

const PREFIX = 'telemetry:segments';
/** Sum of the bytes under way. */
const TOTAL = `${PREFIX}:bytes`;
const COUNT = `${PREFIX}:count`;
/**
 * Segments under way at once. While workers are behind, what comes goes into segments that grow in the logs: fewer, larger
 * inserts instead of a long row of small ones.
 */
const MAX_UNDER_WAY = 32;
const LONGEST_RETRY_MS = 2_000;
/** A command that takes longer counts as failed; it is repeated, and each of them may be. */
const COMMAND_TIMEOUT_MS = 15_000;
/** How long it is remembered that a segment is in the store: longer than a sender that died takes to come back. */
const REMEMBER_INSERTED_S = 3600;
const FITNESS_AGE_MS = 60_000;

/** KEYS: bytes, total, count. ARGV: bytes, limit of the total, limit of the count. The empty string stands for: inserted. */
const PUT = `
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('STRLEN', KEYS[1]) == 0 and 'inserted' or 'stored'
end
if tonumber(redis.call('GET', KEYS[2]) or '0') + #ARGV[1] > tonumber(ARGV[2]) then return 'full' end
if tonumber(redis.call('GET', KEYS[3]) or '0') >= tonumber(ARGV[3]) then return 'full' end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[2], #ARGV[1])
redis.call('INCR', KEYS[3])
return 'stored'`;

/** KEYS: bytes, total, count. ARGV: seconds. */
const INSERTED = `
local size = redis.call('STRLEN', KEYS[1])
redis.call('SET', KEYS[1], '', 'EX', ARGV[1])
if size > 0 then
  redis.call('DECRBY', KEYS[2], size)
  redis.call('DECR', KEYS[3])
end`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    putSegment(
      keys: [string, string, string],
      bytes: Buffer,
      maxBytes: number,
      maxCount: number,
    ): Result<string, Context>;
    segmentInserted(keys: [string, string, string], seconds: number): Result<null, Context>;
  }
}

/** Redis would throw acknowledged telemetry away. */
export class UnfitRedisError extends Error {
  override readonly name = 'UnfitRedisError';
}

/**
 * Segments in Redis, each as a binary string of its own. Redis keeps what it acknowledges as well as its configuration
 * says: `appendonly yes` is asked for in the log, an eviction policy that takes any key is refused.
 */
export class RedisSegments implements SegmentBytes, Quarantine {
  readonly #redis: Redis;
  #fitAtMs = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(
    url: string,
    readonly maxBytes: number,
    private readonly logger: IngestLogger,
    private readonly maxSegments = MAX_UNDER_WAY,
  ) {
    this.#redis = new Redis(url, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      connectTimeout: 5_000,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_RETRY_MS),
    });
    this.#redis.defineCommand('putSegment', { numberOfKeys: 3, lua: PUT });
    this.#redis.defineCommand('segmentInserted', { numberOfKeys: 3, lua: INSERTED });
    this.#redis.on('error', () => undefined); // whoever sends a command hears of it
    this.#redis.on('close', () => (this.#fitAtMs = Number.NEGATIVE_INFINITY));
  }

  async put(tokenPrefix: string, bytes: Buffer): Promise<'stored' | 'inserted' | 'full'> {
    await this.#assertFit();
    const key = bytesKey(tokenPrefix);
    // Asked first, so that a full Redis is not sent every segment again and again.
    const [total, count] = await this.#redis.mget(TOTAL, COUNT);
    const isFull = Number(total ?? 0) + bytes.length > this.maxBytes || Number(count ?? 0) >= this.maxSegments;
    if (isFull && (await this.#redis.exists(key)) === 0) return 'full';
    const answer = await this.#redis.putSegment([key, TOTAL, COUNT], bytes, this.maxBytes, this.maxSegments);
    return answer === 'stored' || answer === 'inserted' ? answer : 'full';
  }

  async get(tokenPrefix: string): Promise<Buffer | 'inserted' | 'lost'> {
    const bytes = await this.#redis.getBuffer(bytesKey(tokenPrefix));
    if (bytes === null) return 'lost';
    return bytes.length === 0 ? 'inserted' : bytes;
  }

  async inserted(tokenPrefix: string): Promise<void> {
    await this.#redis.segmentInserted([bytesKey(tokenPrefix), TOTAL, COUNT], REMEMBER_INSERTED_S);
  }

  async bytesUnderWay(): Promise<number> {
    return Number((await this.#redis.get(TOTAL)) ?? 0);
  }

  async keep(entry: SetAside, segment: Buffer): Promise<void> {
    await this.#redis
      .multi()
      .set(asideKey(entry.token), segment)
      .hset(asideOfKey(entry.tokenPrefix), entry.token, JSON.stringify(entry))
      .exec();
  }

  async kept(tokenPrefix: string): Promise<SetAside[]> {
    return Object.values(await this.#redis.hgetall(asideOfKey(tokenPrefix))).map(entryOf);
  }

  async find(token: string): Promise<{ entry: SetAside; segment: Buffer } | undefined> {
    const text = await this.#redis.hget(asideOfKey(tokenPrefixOf(token)), token);
    const segment = await this.#redis.getBuffer(asideKey(token));
    return text === null || segment === null ? undefined : { entry: entryOf(text), segment };
  }

  async drop(token: string): Promise<void> {
    await this.#redis
      .multi()
      .del(asideKey(token))
      .hdel(asideOfKey(tokenPrefixOf(token)), token)
      .exec();
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #assertFit(): Promise<void> {
    if (performance.now() - this.#fitAtMs < FITNESS_AGE_MS) return;
    const [policy, appendOnly] = await Promise.all([this.#setting('maxmemory-policy'), this.#setting('appendonly')]);
    if (policy?.startsWith('allkeys-')) {
      throw new UnfitRedisError(
        `The Redis of REDIS_URL has maxmemory-policy ${policy}, which throws segments away. Set it to noeviction.`,
      );
    }
    if (appendOnly === 'no' && !this.#told) {
      this.logger.warn(
        {},
        'Redis has appendonly no: a crash of Redis loses the segments it holds. Set appendonly to yes.',
      );
      this.#told = true;
    }
    this.#fitAtMs = performance.now();
  }

  /** Undefined where CONFIG is not allowed, as at some hosters. */
  async #setting(name: string): Promise<string | undefined> {
    try {
      const answer: unknown = await this.#redis.config('GET', name);
      return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') return undefined;
      throw error;
    }
  }
}

const bytesKey = (tokenPrefix: string) => `${PREFIX}:${tokenPrefix}`;
const asideKey = (token: string) => `${PREFIX}:aside:${token}`;
const asideOfKey = (tokenPrefix: string) => `${PREFIX}:aside-of:${tokenPrefix}`;

/** `<node id>-<number>` of `<node id>-<number>-<table>…`. */
function tokenPrefixOf(token: string): string {
  return /^[0-9a-f-]{36}-\d+/.exec(token)?.[0] ?? token;
}

function entryOf(text: string): SetAside {
  return JSON.parse(text) as SetAside;
}
