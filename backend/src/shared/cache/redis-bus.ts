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

  /**
   * @param redis stays the caller's to close
   * @param afterGap what this node is told whenever it begins to listen: messages may have passed it by before
   */
  constructor(
    redis: Redis,
    private readonly afterGap: unknown,
  ) {
    this.#publisher = redis;
    this.#subscriber = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    // `redis` has told of the same trouble already.
    this.#subscriber.on('error', () => undefined);
    this.#subscriber.on('ready', () => {
      for (const channel of this.#handlers.keys()) void this.#listen(channel);
    });
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
    await this.#listen(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#handlers.delete(channel);
    await this.#subscriber.unsubscribe(channel);
  }

  async disconnect(): Promise<void> {
    this.#handlers.clear();
    this.#subscriber.disconnect();
  }

  async #listen(channel: string): Promise<void> {
    try {
      await this.#subscriber.subscribe(channel);
      await this.#handlers.get(channel)?.(this.afterGap);
    } catch {
      // Lost again, or closed: the next connection, if there is one, asks anew.
    }
  }

  #take(channel: string, text: string): void {
    const envelope = JSON.parse(text) as Envelope;
    if (envelope.from !== this.#id) void this.#handlers.get(channel)?.(envelope.payload);
  }
}
