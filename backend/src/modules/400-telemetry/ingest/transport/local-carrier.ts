import type { SegmentStore } from '../drain/clickhouse-segment-store.js';
import type { PoisonBox, SetAside } from '../drain/poison.js';
import type { Ingested, SegmentContent } from '../drain/segment-content.js';
import { RefusedError, SegmentInserter } from '../drain/segment-inserter.js';
import { InsertError, type FailureKind } from '../drain/store-error.js';
import type { IngestLogger } from '../ingest-logger.js';
import { readUnlessGone } from '../segment-log/durable-file.js';
import type { SealedSegment } from '../segment-log/segment-log.js';
import { newCounters, type CarrierCounters, type SegmentCarrier } from './segment-carrier.js';

/** Refusals of a kind after which rows are set aside. */
const MAX_REFUSALS: Record<Exclude<FailureKind, 'store'>, number> = { data: 3, unknown: 10 };

export interface LocalCarrierOptions {
  readonly store: SegmentStore;
  readonly poison: PoisonBox;
  /** First part of the deduplication tokens. */
  readonly nodeId: string;
  /** Resolves when the store's tables are there. */
  readonly ready: Promise<void>;
  readonly logger: IngestLogger;
  /** After everything of a segment is in the store or set aside. */
  onIngested(ingested: readonly Ingested[]): void;
  /** Rows were set aside; the segment's file is still in the log. */
  onSetAside(entries: readonly SetAside[]): void;
}

/** Inserts segments into the store from here. */
export class LocalCarrier implements SegmentCarrier {
  readonly #options: LocalCarrierOptions;
  readonly #inserter: SegmentInserter;
  /** Of segments that were refused and are tried again, by number. */
  readonly #refusals = new Map<number, { count: number; kind: keyof typeof MAX_REFUSALS }>();
  readonly #closed = Promise.withResolvers<never>();
  #counters = newCounters();

  constructor(options: LocalCarrierOptions) {
    this.#options = options;
    this.#inserter = new SegmentInserter(options.store, options.poison);
    this.#closed.promise.catch(() => undefined); // only who waits for the store hears it
  }

  get counters(): CarrierCounters {
    return this.#counters;
  }

  async carry(segment: SealedSegment): Promise<'carried' | 'missing'> {
    await Promise.race([this.#options.ready, this.#closed.promise]);
    const file = await readUnlessGone(segment.path);
    if (file === undefined) return 'missing';
    const before = this.#refusals.get(segment.seq) ?? { count: 0, kind: 'data' };
    const attempt = before.count + 1;
    try {
      const { content, setAside } = await this.#inserter.insert({
        file,
        tokenPrefix: `${this.#options.nodeId}-${segment.seq}`,
        attempt,
        isLast: attempt >= MAX_REFUSALS[before.kind],
      });
      this.#refusals.delete(segment.seq);
      this.#account(segment, content, setAside);
      return 'carried';
    } catch (error) {
      this.#countFailure(error, segment, attempt);
      throw error;
    }
  }

  /**
   * Inserts what was set aside on this node; false when this node does not have it.
   *
   * @throws InsertError
   */
  replay(token: string): Promise<boolean> {
    return this.#inserter.replay(token);
  }

  async close(): Promise<void> {
    this.#closed.reject(new InsertError('store', '', 'The server is stopping'));
    await this.#options.store.close();
  }

  #countFailure(error: unknown, { seq }: SealedSegment, attempt: number): void {
    if (error instanceof InsertError) this.#counters.insertFailures[error.kind] += 1;
    if (!(error instanceof RefusedError)) return;
    for (const { kind } of error.failures) this.#counters.insertFailures[kind] += 1;
    const kind = error.failures.some((failure) => failure.kind === 'unknown') ? 'unknown' : 'data';
    this.#refusals.set(seq, { count: attempt, kind });
  }

  #account(segment: SealedSegment, content: SegmentContent, setAside: readonly SetAside[]): void {
    const { logger, onIngested, onSetAside } = this.#options;
    this.#counters.segmentsInserted += 1;
    this.#counters.lastLagMs = Date.now() - segment.firstRecordAtMs;
    const { damagedRegions, damagedBytes } = content;
    if (damagedRegions > 0) {
      this.#counters.damagedRegions += damagedRegions;
      this.#counters.damagedBytes += damagedBytes;
      logger.warn({ segment: segment.seq, damagedRegions, damagedBytes }, 'A segment had damaged records');
    }
    this.#counters.poisoned += setAside.length;
    for (const { token, table, reason, rows } of setAside) {
      logger.error({ segment: segment.seq, token, table, rows, reason }, 'Rows were set aside');
    }
    try {
      if (setAside.length > 0) onSetAside(setAside);
      onIngested(content.ingested);
    } catch (error) {
      logger.error({ err: error, segment: segment.seq }, 'A listener to ingested telemetry failed');
    }
  }
}
