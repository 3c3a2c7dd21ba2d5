import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';

export interface RateWindow {
  /** Requests counted in the running window, this one included. */
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** Where requests are counted. */
export interface RateLimitStore {
  hit(key: string, windowMs: number): Promise<RateWindow>;
}

export interface RateLimitOptions {
  readonly limit: number;
  readonly windowMs: number;
  readonly store: RateLimitStore;
  /** Who is counted: a verified session, else the peer's address. */
  identify(request: FastifyRequest): string;
  /** Whether a request to this route, or to this address when no route fits it, counts at all. */
  applies(path: string): boolean;
}

/** Counts requests per client and window; beyond the limit answers 429 with `Retry-After`. */
export function installRateLimit(fastify: FastifyInstance, options: RateLimitOptions): void {
  fastify.addHook('onRequest', async (request, reply) => {
    // An address can be spelled in many ways (`/%61pi/…`, `http://host/api/…`), the route it leads to in one.
    if (request.method === 'OPTIONS' || !options.applies(request.routeOptions.url ?? request.url)) return;
    const window = await options.store.hit(options.identify(request), options.windowMs);
    const resetSeconds = Math.max(1, Math.ceil(window.resetMs / 1000));
    void reply.header('x-ratelimit-limit', String(options.limit));
    void reply.header('x-ratelimit-remaining', String(Math.max(0, options.limit - window.count)));
    void reply.header('x-ratelimit-reset', String(Math.ceil((Date.now() + window.resetMs) / 1000)));
    if (window.count <= options.limit) return;
    throw new DomainError(
      'RATE_LIMIT_EXCEEDED',
      `More than ${options.limit} requests in ${options.windowMs / 1000} s; try again in ${resetSeconds} s`,
      [],
      resetSeconds,
    );
  });
}

const SWEEP_AT_KEYS = 10_000;

/** Fixed windows in this process. */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #windows = new Map<string, { count: number; endsAt: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  async hit(key: string, windowMs: number): Promise<RateWindow> {
    const now = this.now();
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      if (this.#windows.size >= SWEEP_AT_KEYS) this.#sweep(now);
      window = { count: 0, endsAt: now + windowMs };
      this.#windows.set(key, window);
    }
    window.count += 1;
    return { count: window.count, resetMs: window.endsAt - now };
  }

  #sweep(now: number): void {
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
    // All still running: forget the oldest rather than grow without bound.
    for (const key of this.#windows.keys()) {
      if (this.#windows.size < SWEEP_AT_KEYS) return;
      this.#windows.delete(key);
    }
  }
}
