import type { Redis } from 'ioredis';
import type { RateLimitStore, RateWindow } from '../platform/http/rate-limit.js';

/** Counts and starts the window in one step, so that no counter is left without an end. */
const HIT = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`;

/** Windows shared by all nodes; while Redis is away each node counts for itself. */
export class RedisRateLimitStore implements RateLimitStore {
  constructor(
    private readonly redis: Redis,
    private readonly fallback: RateLimitStore,
  ) {}

  async hit(key: string, windowMs: number): Promise<RateWindow> {
    try {
      const answer = await this.redis.eval(HIT, 1, `telemetry:rate:${key}`, windowMs);
      const [count, resetMs] = Array.isArray(answer) ? answer.map(Number) : [];
      if (count === undefined || resetMs === undefined) throw new Error('Redis answered no window');
      return { count, resetMs };
    } catch {
      // The connection logs its own trouble; a request is not refused because Redis is away.
      return this.fallback.hit(key, windowMs);
    }
  }
}
