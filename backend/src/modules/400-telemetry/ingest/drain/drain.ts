import { unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { IngestLogger } from '../ingest-logger.js';
import type { SealedSegment } from '../segment-log/segment-log.js';
import type { CarrierCounters, SegmentCarrier, SoonerError } from '../transport/segment-carrier.js';

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 5_000;
const LOG_EVERY_MS = 10_000;
/**
 * Segments that may overtake one that does not get through. What was inserted and not yet deleted when the process died is
 * inserted again at the next start, before anything newer; in between the store has seen at most this many other blocks
 * of this node, which is well within the tables' deduplication window of 10,000, however long the backlog is.
 */
export const MAX_OVERTAKING = 1_000;

export interface DrainOptions {
  readonly carrier: SegmentCarrier;
  /** Segments under way at the same time. */
  readonly lanes: number;
  readonly logger: IngestLogger;
  /** The segment is elsewhere, after this long: its file is gone from the log. */
  onGone(segment: SealedSegment, tookMs: number): void;
}

/**
 * Brings sealed segments out of the log, oldest first, some at a time. What a segment becomes is a function of its file
 * alone: after a crash at any instant the same bytes go again under the same tokens, and the store drops what it already
 * has.
 */
export class Drain {
  readonly #options: DrainOptions;
  /** In the order of their numbers; those under way are among them. */
  readonly #waiting: SealedSegment[] = [];
  readonly #underWay = new Set<SealedSegment>();
  readonly #lanes = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;
  #lastFailureLogMs = Number.NEGATIVE_INFINITY;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#stopped = new Promise((resolve) => this.#stopping.signal.addEventListener('abort', () => resolve()));
  }

  get counters(): CarrierCounters {
    return this.#options.carrier.counters;
  }

  /** Segments that have not left the log, those under way included. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Arrival of the oldest record that is sealed and has not left the log, Unix milliseconds. */
  get oldestAtMs(): number | undefined {
    return this.#waiting[0]?.firstRecordAtMs;
  }

  /** Takes segments in the order of their numbers. */
  push(segment: SealedSegment): void {
    this.#waiting.push(segment);
    this.#wake();
  }

  /** Waits up to `graceMs` for what is queued, then gives up; the rest stays in the log for the next start. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), graceMs);
    while (this.#lanes.size > 0 && !this.#stopping.signal.aborted) {
      await Promise.race([...this.#lanes, this.#stopped]);
    }
    clearTimeout(timer);
    this.#stopping.abort();
    await this.#options.carrier.close();
    await Promise.all(this.#lanes);
  }

  #wake(): void {
    while (this.#lanes.size < this.#options.lanes && !this.#stopping.signal.aborted) {
      const segment = this.#next();
      if (segment === undefined) return;
      this.#underWay.add(segment);
      const lane: Promise<void> = this.#bringOut(segment)
        .catch((error: unknown) => this.#options.logger.error({ err: error }, 'The ingest log is not drained'))
        .finally(() => {
          this.#underWay.delete(segment);
          this.#lanes.delete(lane);
          this.#wake();
        });
      this.#lanes.add(lane);
    }
  }

  #next(): SealedSegment | undefined {
    const oldest = this.#waiting[0];
    if (oldest === undefined) return undefined;
    // Those under way are the first few.
    const segment = this.#waiting.find((candidate) => !this.#underWay.has(candidate));
    return segment !== undefined && segment.seq - oldest.seq <= MAX_OVERTAKING ? segment : undefined;
  }

  async #bringOut(segment: SealedSegment): Promise<void> {
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt++) {
      const startedAtMs = performance.now();
      try {
        await this.#bringOutOnce(segment);
        this.#waiting.splice(this.#waiting.indexOf(segment), 1);
        this.#options.onGone(segment, performance.now() - startedAtMs);
        return;
      } catch (error) {
        this.#report(error, segment, attempt);
        await this.#backOff(attempt, error);
      }
    }
  }

  async #bringOutOnce(segment: SealedSegment): Promise<void> {
    if ((await this.#options.carrier.carry(segment)) === 'missing') {
      this.#options.logger.error({ path: segment.path }, 'A segment was taken away from the log before it was drained');
      return;
    }
    await unlink(segment.path);
  }

  #report(error: unknown, segment: SealedSegment, attempt: number): void {
    if (this.#stopping.signal.aborted) return;
    const now = performance.now();
    if (attempt > 1 && now - this.#lastFailureLogMs < LOG_EVERY_MS) return;
    this.#lastFailureLogMs = now;
    const waiting = this.#waiting.length;
    this.#options.logger.warn(
      { err: error, segment: segment.seq, attempt, waiting },
      'A segment could not leave the log yet',
    );
  }

  async #backOff(attempt: number, error: unknown): Promise<void> {
    const longer = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(attempt - 1, 10));
    const longest = isSooner(error) ? error.retryAfterMs : longer;
    const ms = longest * (0.5 + Math.random() / 2);
    await Promise.race([delay(ms, undefined, { ref: false }), this.#stopped]);
  }
}

function isSooner(error: unknown): error is SoonerError {
  return error instanceof Error && 'retryAfterMs' in error && typeof error.retryAfterMs === 'number';
}
