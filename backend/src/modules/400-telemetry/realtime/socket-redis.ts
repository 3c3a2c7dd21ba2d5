import { createAdapter } from '@socket.io/redis-adapter';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import { connectRedis } from '../../../shared/cache/index.js';

type AdapterOfServer = NonNullable<Parameters<Server['adapter']>[0]>;

/** What carries events to the sockets and servers of other nodes: over Redis, best effort. */
export interface SocketRedis {
  readonly adapter: AdapterOfServer;
  close(): void;
}

export function socketRedis(url: string, logger: Logger): SocketRedis {
  const publisher = connectRedis(url, logger);
  // Waits for Redis, however long, and listens anew after every loss.
  const subscriber = publisher.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
  subscriber.on('error', () => undefined); // the publisher has told of the same trouble
  const adapter: AdapterOfServer = createAdapter(unattended(publisher), unattended(subscriber), {
    key: 'telemetry:pubsub:socket.io',
  });
  return {
    adapter,
    close: () => {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** The adapter waits for none of its commands: one that fails while Redis is away must not end the process. */
function unattended(redis: Redis): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        if (result instanceof Promise) result.catch(() => undefined);
        return result;
      };
    },
  });
}
