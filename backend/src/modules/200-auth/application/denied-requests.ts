import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { type ActOrigin, Database, recordAct, systemScope } from '../../../shared/platform/database/index.js';
import { LOGGER } from '../../../shared/platform/index.js';
import { networkOf } from '../../../shared/platform/network-of.js';

/** A request that was refused, and why. */
export interface DeniedRequest {
  readonly method: string;
  /** As the router has it: `/api/v2/users/:id`. */
  readonly route: string;
  readonly path: string;
  /** What is missing: a permission, a place that the credential reaches, a key that is valid. */
  readonly reason: 'permission' | 'place' | 'api-key';
  readonly detail: string;
}

interface Window {
  readonly endsAt: number;
  readonly by: ActOrigin;
  written: number;
  /** Refusals that were only counted, by method and route. */
  readonly counted: Map<string, number>;
}

const WINDOW_MS = 60_000;
const SWEEP_MS = 10_000;
/** Rows of one actor in a minute; what goes beyond is counted and told of in one row. */
const ROWS_OF_ACTOR = 60;
const ROWS_OF_NETWORK = 10;
/** Rows of all strangers together. */
const ROWS_OF_STRANGERS = 200;
const MAX_WINDOWS = 10_000;
const MAX_ROUTES = 50;
const STRANGERS = 'strangers';

/**
 * Writes refused requests into the trail, `security.access_denied`. A flood costs its sender's allowance of rows and then
 * one row a minute, which says how many there were.
 */
@Injectable()
export class DeniedRequests implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #windows = new Map<string, Window>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.flush(performance.now()), SWEEP_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush(Infinity);
  }

  /** Resolves when the refusal is written or counted. One that can't be written now is counted, and said in the log. */
  async note(by: ActOrigin, denied: DeniedRequest): Promise<void> {
    const now = performance.now();
    const window = this.#window(by.actor ? `${by.actor.type} ${by.actor.id}` : networkOf(by.ip), by, now);
    const strangers = by.actor ? undefined : this.#window(STRANGERS, by, now);
    const limit = by.actor ? ROWS_OF_ACTOR : ROWS_OF_NETWORK;
    if (window.written >= limit || (strangers && strangers.written >= ROWS_OF_STRANGERS)) {
      return count(strangers ?? window, denied);
    }
    window.written += 1;
    if (strangers) strangers.written += 1;
    try {
      await this.#write(by, denied, { path: denied.path, reason: denied.reason, detail: denied.detail });
    } catch (err) {
      count(strangers ?? window, denied);
      this.logger.error({ err, requestId: by.requestId }, 'a refused request could not be recorded; it is counted');
    }
  }

  /** Tells of what was only counted in windows that have ended by `now` (milliseconds of the monotonic clock). */
  async flush(now: number): Promise<void> {
    for (const [key, window] of this.#windows) {
      if (window.endsAt > now) continue;
      try {
        await this.#tell(window);
        this.#windows.delete(key);
      } catch (err) {
        this.logger.error({ err, actor: key }, 'counted refusals could not be recorded; they are kept');
      }
    }
  }

  async #tell({ by, counted }: Window): Promise<void> {
    if (counted.size === 0) return;
    const suppressed = [...counted.values()].reduce((sum, n) => sum + n, 0);
    const routes = Object.fromEntries(counted);
    const [only = '', second] = Object.keys(routes);
    const [method = '*', route = '*'] = second === undefined ? only.split(' ') : [];
    await this.#write(by, { method, route }, { suppressed, routes });
  }

  #window(key: string, by: ActOrigin, now: number): Window {
    const known = this.#windows.get(key);
    if (known && known.endsAt > now) return known;
    if (known && known.counted.size > 0) {
      // It was not told of yet; the sweep does, under a name that nobody has.
      this.#windows.set(`${key} until ${known.endsAt}`, known);
    }
    if (!known && this.#windows.size >= MAX_WINDOWS && key !== STRANGERS) return this.#window(STRANGERS, by, now);
    const window: Window = { endsAt: now + WINDOW_MS, by, written: 0, counted: new Map() };
    this.#windows.set(key, window);
    return window;
  }

  async #write(by: ActOrigin, { method, route }: Pick<DeniedRequest, 'method' | 'route'>, details: object) {
    await this.database.transaction(systemScope('authentication'), (manager) =>
      recordAct(manager, by, {
        action: 'security.access_denied',
        resource: { type: 'route', id: null, name: `${method} ${route}` },
        result: 'denied',
        details: { method, route, ...details },
      }),
    );
  }
}

function count({ counted }: Window, { method, route }: DeniedRequest): void {
  const name = `${method} ${route}`;
  const key = counted.has(name) || counted.size < MAX_ROUTES ? name : '* *';
  counted.set(key, (counted.get(key) ?? 0) + 1);
}
