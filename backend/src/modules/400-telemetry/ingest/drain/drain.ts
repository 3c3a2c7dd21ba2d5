import { readFile, unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { IngestLogger } from '../ingest-logger.js';
import type { SealedSegment } from '../segment-log/segment-log.js';
import type { SegmentStore } from './clickhouse-segment-store.js';
import type { PoisonBox } from './poison.js';
import { segmentContent, type Ingested, type SegmentContent } from './segment-content.js';
import { InsertError, type FailureKind } from './store-error.js';

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 5_000;
/** Failures of a kind after which a segment is set aside. */
const MAX_FAILURES: Record<FailureKind, number> = { store: Number.POSITIVE_INFINITY, data: 3, unknown: 10 };
const LOG_EVERY_MS = 10_000;

export interface DrainOptions {
  readonly store: SegmentStore;
  readonly poison: PoisonBox;
  /** First part of the deduplication tokens. */
  readonly nodeId: string;
  /** Resolves when the store's tables are there. */
  readonly ready: Promise<void>;
  readonly logger: IngestLogger;
  /** After everything of a segment is in the store. */
  onIngested(ingested: readonly Ingested[]): void;
  /** The segment is in the store, or set aside: its file is gone from the log. */
  onGone(segment: SealedSegment): void;
}

export interface DrainCounters {
  readonly segmentsInserted: number;
  readonly insertFailures: Readonly<Record<FailureKind, number>>;
  readonly poisoned: number;
  readonly damagedRegions: number;
  readonly damagedBytes: number;
  /** From the oldest record's arrival to its insert, of the segment inserted last. */
  readonly lastLagMs: number;
}

/**
 * Brings sealed segments into the store, one after the other, oldest first. What a segment becomes is a function of its
 * file alone: after a crash at any instant the same bytes go again under the same tokens, and the store drops what it
 * already has.
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #waiting: SealedSegment[] = [];
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;
  #running: Promise<void> | undefined;
  #lastFailureLogMs = Number.NEGATIVE_INFINITY;
  #counters = {
    segmentsInserted: 0,
    insertFailures: { store: 0, data: 0, unknown: 0 },
    poisoned: 0,
    damagedRegions: 0,
    damagedBytes: 0,
    lastLagMs: 0,
  };

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#stopped = new Promise((resolve) => this.#stopping.signal.addEventListener('abort', () => resolve()));
  }

  get counters(): DrainCounters {
    return this.#counters;
  }

  /** Segments that are not yet in the store, the one under way included. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Arrival of the oldest record that is sealed and not yet in the store, Unix milliseconds. */
  get oldestAtMs(): number | undefined {
    return this.#waiting[0]?.firstRecordAtMs;
  }

  push(segment: SealedSegment): void {
    this.#waiting.push(segment);
    this.#wake();
  }

  /** Waits up to `graceMs` for what is queued, then gives up; the rest stays in the log for the next start. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stopping.abort(), graceMs);
    while (this.#running !== undefined && !this.#stopping.signal.aborted) {
      await Promise.race([this.#running, this.#stopped]);
    }
    clearTimeout(timer);
    this.#stopping.abort();
    await this.#options.store.close(); // an insert under way fails now; its segment goes again at the next start
    await this.#running;
  }

  #wake(): void {
    if (this.#running !== undefined || this.#stopping.signal.aborted) return;
    this.#running = this.#run()
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'The ingest log is not drained'))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #run(): Promise<void> {
    await Promise.race([this.#options.ready, this.#stopped]);
    for (let segment = this.#waiting[0]; segment !== undefined; segment = this.#waiting[0]) {
      const isGone = await this.#drainUntilGone(segment);
      if (!isGone) return;
      this.#waiting.shift();
      this.#options.onGone(segment);
    }
  }

  /** Tries until the segment is in the store or set aside; false when the drain is stopping. */
  async #drainUntilGone(segment: SealedSegment): Promise<boolean> {
    const failures: Record<FailureKind, number> = { store: 0, data: 0, unknown: 0 };
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt++) {
      try {
        await this.#drainOne(segment);
        return true;
      } catch (error) {
        this.#report(error, segment, attempt);
        if (error instanceof InsertError) {
          this.#counters.insertFailures[error.kind] += 1;
          failures[error.kind] += 1;
          if (failures[error.kind] >= MAX_FAILURES[error.kind] && (await this.#setAside(segment, error, attempt)))
            return true;
        }
      }
      await this.#backOff(attempt);
    }
    return false;
  }

  async #drainOne(segment: SealedSegment): Promise<void> {
    const file = await readUnlessGone(segment.path);
    if (file === undefined) {
      this.#options.logger.error(
        { path: segment.path },
        'A segment was taken away from the log before it was inserted',
      );
      return;
    }
    const content = segmentContent(file);
    for (const { table, bytes } of content.tables) {
      await this.#options.store.insert(table, bytes, `${this.#tokenPrefix(segment)}-${table}`);
    }
    await unlink(segment.path);
    this.#account(segment, content);
  }

  #tokenPrefix(segment: SealedSegment): string {
    return `${this.#options.nodeId}-${segment.seq}`;
  }

  #account(segment: SealedSegment, content: SegmentContent): void {
    this.#counters.segmentsInserted += 1;
    this.#counters.lastLagMs = Date.now() - segment.firstRecordAtMs;
    const { damagedRegions, damagedBytes } = content;
    if (damagedRegions > 0) {
      this.#counters.damagedRegions += damagedRegions;
      this.#counters.damagedBytes += damagedBytes;
      this.#options.logger.warn(
        { segment: segment.seq, damagedRegions, damagedBytes },
        'A segment had damaged records',
      );
    }
    try {
      this.#options.onIngested(content.ingested);
    } catch (error) {
      this.#options.logger.error({ err: error, segment: segment.seq }, 'A listener to ingested telemetry failed');
    }
  }

  /** False when the disk did not let it; then it is tried again. */
  async #setAside(segment: SealedSegment, error: InsertError, attempts: number): Promise<boolean> {
    try {
      await this.#options.poison.setAside(segment.path, {
        segment: String(segment.seq),
        tokenPrefix: this.#tokenPrefix(segment),
        table: error.table,
        reason: error.message,
        attempts,
        setAsideAt: new Date().toISOString(),
      });
    } catch (diskError) {
      this.#options.logger.error({ err: diskError, segment: segment.seq }, 'A segment could not be set aside');
      return false;
    }
    this.#counters.poisoned += 1;
    this.#options.logger.error({ err: error, segment: segment.seq, attempts }, 'A segment was set aside');
    return true;
  }

  #report(error: unknown, segment: SealedSegment, attempt: number): void {
    if (this.#stopping.signal.aborted) return;
    const now = performance.now();
    if (attempt > 1 && now - this.#lastFailureLogMs < LOG_EVERY_MS) return;
    this.#lastFailureLogMs = now;
    const waiting = this.#waiting.length;
    this.#options.logger.warn(
      { err: error, segment: segment.seq, attempt, waiting },
      'A segment could not be inserted yet',
    );
  }

  async #backOff(attempt: number): Promise<void> {
    const longest = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(attempt - 1, 10));
    const ms = longest * (0.5 + Math.random() / 2);
    await Promise.race([delay(ms, undefined, { ref: false }), this.#stopped]);
  }
}

async function readUnlessGone(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
