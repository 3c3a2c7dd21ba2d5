import type { BusDriver } from 'bentocache/types';
import type { Redis } from 'ioredis';

type Handler = (payload: unknown) => void | Promise<void>;

interface Envelope {
  readonly from: string;
  readonly payload: unknown;
}

/**
 * Tells the other nodes' first-level caches what to forget, over Redis publish/subscribe. Publishing fails at once while
 * Redis is away (the cache keeps the message and tries again); the subscription waits for Redis instead, however long.
 */
export class RedisBus implements BusDriver {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #handlers = new Map<string, Handler>();
  #id = '';

  /** `redis` stays the caller's to close. */
  constructor(redis: Redis) {
    this.#publisher = redis;
    this.#subscriber = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    // `redis` has told of the same trouble already.
    this.#subscriber.on('error', () => undefined);
    this.#subscriber.on('message', (channel, text) => this.#take(channel, text));
  }

  setId(id: string): this {
    this.#id = id;
    return this;
  }

  onReconnect(callback: () => void): void {
    this.#subscriber.on('ready', callback);
  }

  async publish(channel: string, payload: unknown): Promise<void> {
    await this.#publisher.publish(channel, JSON.stringify({ from: this.#id, payload } satisfies Envelope));
  }

  async subscribe(channel: string, handler: (payload: never) => void | Promise<void>): Promise<void> {
    this.#handlers.set(channel, handler as Handler);
    await this.#subscriber.subscribe(channel).catch((error: unknown) => {
      // Closed while it waited: nobody listens any more.
      if (this.#handlers.has(channel)) throw error;
    });
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#handlers.delete(channel);
    await this.#subscriber.unsubscribe(channel);
  }

  async disconnect(): Promise<void> {
    this.#handlers.clear();
    this.#subscriber.disconnect();
  }

  #take(channel: string, text: string): void {
    const envelope = JSON.parse(text) as Envelope;
    if (envelope.from !== this.#id) void this.#handlers.get(channel)?.(envelope.payload);
  }
}
