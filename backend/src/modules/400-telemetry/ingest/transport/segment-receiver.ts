import type { SegmentStore } from '../drain/clickhouse-segment-store.js';
import type { Quarantine, SetAside } from '../drain/poison.js';
import type { Ingested } from '../drain/segment-content.js';
import { SegmentInserter } from '../drain/segment-inserter.js';
import type { IngestLogger } from '../ingest-logger.js';
import type { SegmentBytes, SegmentReference } from './segment-queue.js';

export interface SegmentReceiverOptions {
  readonly store: SegmentStore;
  readonly bytes: SegmentBytes;
  readonly quarantine: Quarantine;
  /** Segments inserted at the same time; the others wait without holding their bytes. */
  readonly lanes: number;
  readonly logger: IngestLogger;
  /** After everything of a segment is in the store or set aside. */
  onIngested(ingested: readonly Ingested[]): void;
  /** Resolves when the set-aside rows are announced; runs again when the segment does. */
  onSetAside(entries: readonly SetAside[]): Promise<void>;
}

/** The bytes of a segment whose job is still there are gone: what they held is lost, unless it was inserted long ago. */
export class LostSegmentError extends Error {
  override readonly name = 'LostSegmentError';
  constructor(tokenPrefix: string) {
    super(`The bytes of the segment ${tokenPrefix} are gone from Redis`);
  }
}

/** The worker's end of the queue: brings segments into the store with the tokens they would have had at their node. */
export class SegmentReceiver {
  readonly #options: SegmentReceiverOptions;
  readonly #inserter: SegmentInserter;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(options: SegmentReceiverOptions) {
    this.#options = options;
    this.#free = options.lanes;
    this.#inserter = new SegmentInserter(options.store, options.quarantine);
  }

  /**
   * May run any number of times for one segment, also at the same time on two nodes.
   *
   * @throws InsertError of kind `store` when the store is away
   * @throws RefusedError when the store refuses rows and `isLast` is false
   * @throws LostSegmentError
   */
  async receive(reference: SegmentReference, attempt: number, isLast: boolean): Promise<void> {
    await this.#enter();
    try {
      await this.#receive(reference, attempt, isLast);
    } finally {
      this.#leave();
    }
  }

  /**
   * Inserts what was set aside; false when nobody keeps it any more.
   *
   * @throws InsertError
   */
  replay(token: string): Promise<boolean> {
    return this.#inserter.replay(token);
  }

  async close(): Promise<void> {
    await this.#options.store.close();
  }

  async #receive({ tokenPrefix }: SegmentReference, attempt: number, isLast: boolean): Promise<void> {
    const { bytes, logger, onIngested, onSetAside } = this.#options;
    const file = await bytes.get(tokenPrefix);
    if (file === 'inserted') return;
    if (file === 'lost') throw new LostSegmentError(tokenPrefix);
    const { content, setAside } = await this.#inserter.insert({ file, tokenPrefix, attempt, isLast });
    if (content.damagedRegions > 0) {
      const { damagedRegions, damagedBytes } = content;
      logger.warn({ tokenPrefix, damagedRegions, damagedBytes }, 'A segment had damaged records');
    }
    for (const { token, table, rows, reason } of setAside) {
      logger.error({ tokenPrefix, token, table, rows, reason }, 'Rows were set aside');
    }
    if (setAside.length > 0) await onSetAside(setAside);
    await bytes.inserted(tokenPrefix);
    onIngested(content.ingested);
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
