import type { Signal } from '@telemetryflow/otlp';
import type { IngestLogger } from '../ingest-logger.js';
import { newCanaryTelemetry, type CanaryTelemetry } from './canary-telemetry.js';
import type { CanaryStore } from './clickhouse-canary-store.js';

export interface CanaryOptions {
  readonly everyMs: number;
  /** Grows with what is taken from others; while it does not, rounds are rarer. Absent: they never are. */
  activity?(): number;
  /** Sends an OTLP/JSON request of the canary's tenant; resolves when it is acknowledged. */
  send(signal: Signal, body: Uint8Array, receivedAtMs: number): Promise<void>;
  readonly store: CanaryStore;
  readonly logger: IngestLogger;
  /** A round that takes longer has failed. */
  readonly limitMs?: number;
}

/** Why the last round failed. */
export type CanaryFault = 'not_taken' | 'not_readable' | 'not_back_in_time';

export interface CanaryStatus {
  readonly succeeded: number;
  readonly failed: number;
  /** From the acknowledgement to the rows in a query's answer; of the last round that came back. */
  readonly roundTripMs: number | undefined;
  /** Milliseconds since the last round that came back, or since the start. */
  readonly lastSuccessAgeMs: number;
  /** Of the last round; undefined when it came back, or none has ended yet. */
  readonly fault: CanaryFault | undefined;
}

const LIMIT_MS = 10_000;
/** A round costs a few tenths of a second of processor time, nearly all of it in the store: not idle any more. */
const IDLE_INTERVALS = 5;
const TIDY_EVERY_MS = 3_600_000;
const FIRST_LOOK_MS = 200;
const SOONEST_LOOK_MS = 20;
const LATEST_LOOK_MS = 1_000;

/**
 * Sends a span, a log record and a data point every so often and asks the store for them until they are there: proof that
 * what is acknowledged can be queried, and how soon.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #stopped = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #succeeded = 0;
  #failed = 0;
  #roundTripMs: number | undefined;
  #lastSuccessAt = performance.now();
  #fault: CanaryFault | undefined;
  #seenActivity = 0;
  /** What went wrong in the round under way. */
  #cause: unknown;
  #tidiedAt = Number.NEGATIVE_INFINITY;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  get status(): CanaryStatus {
    return {
      succeeded: this.#succeeded,
      failed: this.#failed,
      roundTripMs: this.#roundTripMs,
      lastSuccessAgeMs: performance.now() - this.#lastSuccessAt,
      fault: this.#fault,
    };
  }

  start(): void {
    this.#lastSuccessAt = performance.now();
    this.#loop = this.#run();
  }

  /** Resolves when the round under way has been given up. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const startedAt = performance.now();
      await this.#round();
      await this.#tidy();
      await this.#sleep(this.#options.everyMs - (performance.now() - startedAt));
      await this.#sleepWhileIdle();
    }
  }

  /** Up to so many intervals, unless something comes in; never while something is wrong. */
  async #sleepWhileIdle(): Promise<void> {
    const { activity, everyMs } = this.#options;
    if (activity === undefined) return;
    for (let i = 1; i < IDLE_INTERVALS && this.#fault === undefined && activity() === this.#seenActivity; i += 1) {
      if (this.#stopped.signal.aborted) return;
      await this.#sleep(everyMs);
    }
    this.#seenActivity = activity();
  }

  async #round(): Promise<void> {
    const fault = await this.#sendAndFind(newCanaryTelemetry());
    if (this.#stopped.signal.aborted) return;
    if (fault === undefined) {
      this.#succeeded += 1;
      this.#lastSuccessAt = performance.now();
    } else {
      this.#failed += 1;
      if (this.#fault === undefined) {
        this.#options.logger.warn({ err: this.#cause, fault }, 'The canary of ingest did not come back');
      }
    }
    this.#fault = fault;
  }

  async #sendAndFind(telemetry: CanaryTelemetry): Promise<CanaryFault | undefined> {
    const { send, limitMs = LIMIT_MS } = this.#options;
    this.#cause = undefined;
    try {
      await Promise.all(
        (['traces', 'logs', 'metrics'] as const).map((signal) =>
          send(signal, telemetry.bodies[signal], telemetry.timeMs),
        ),
      );
    } catch (error) {
      this.#cause = error;
      return 'not_taken';
    }
    const sentAt = performance.now();
    let fault: CanaryFault = 'not_back_in_time';
    // Soon after it came back the last time, and then ever more rarely: few questions, and a round trip that is exact.
    let pauseMs = Math.max(SOONEST_LOOK_MS, (this.#roundTripMs ?? FIRST_LOOK_MS) * 0.9);
    while (performance.now() - sentAt < limitMs && !this.#stopped.signal.aborted) {
      await this.#sleep(pauseMs);
      const answer = await this.#isThere(telemetry);
      if (answer === true) {
        this.#roundTripMs = performance.now() - sentAt;
        return undefined;
      }
      fault = answer === false ? 'not_back_in_time' : 'not_readable';
      pauseMs = Math.min(LATEST_LOOK_MS, Math.max(SOONEST_LOOK_MS, (performance.now() - sentAt) * 0.2));
    }
    return fault;
  }

  /** Undefined: the store does not answer. */
  async #isThere(telemetry: CanaryTelemetry): Promise<boolean | undefined> {
    try {
      return await this.#options.store.isThere(telemetry);
    } catch (error) {
      this.#cause = error;
      return undefined;
    }
  }

  /** Once an hour, between two rounds, and only while the store is well. */
  async #tidy(): Promise<void> {
    const { signal } = this.#stopped;
    if (this.#fault !== undefined || signal.aborted || performance.now() - this.#tidiedAt < TIDY_EVERY_MS) return;
    this.#tidiedAt = performance.now();
    try {
      await this.#options.store.tidy();
    } catch (error) {
      this.#options.logger.warn(
        { err: error },
        'What the canary left could not be deleted; it is tried again in an hour',
      );
    }
  }

  #sleep(ms: number): Promise<void> {
    const { signal } = this.#stopped;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms)).unref();
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
