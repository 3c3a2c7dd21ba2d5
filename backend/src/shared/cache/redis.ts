import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Longest wait between two attempts at a lost connection. */
const LONGEST_RETRY_MS = 2_000;

/**
 * A connection that never keeps a request waiting: commands fail at once while Redis is away, and the connection comes
 * back by itself.
 */
export function connectRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_RETRY_MS),
  });
  let away = false;
  redis.on('error', (err: Error) => {
    if (!away) logger.warn({ err }, 'Redis is away; the node goes on with its own memory');
    away = true;
  });
  redis.on('ready', () => {
    away = false;
  });
  return redis;
}
