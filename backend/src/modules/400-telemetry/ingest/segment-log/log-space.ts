import { statfs } from 'node:fs/promises';
import { OverloadedError } from '../ingest-error.js';
import type { IngestLogger } from '../ingest-logger.js';

const FREE_SPACE_MAX_AGE_MS = 1_000;
const WRITE_FAILURE_HOLD_OFF_MS = 1_000;

export interface LogSpaceOptions {
  readonly dir: string;
  /** Size of the whole log beyond which nothing is taken. */
  readonly maxBytes: number;
  /** Free disk space below which nothing is taken. */
  readonly minFreeBytes: number;
  readonly logger: IngestLogger;
}

/** Whether there is room for more. Every refusal ends by itself when the reason is gone. */
export class LogSpace {
  #usedBytes = 0;
  #freeBytes = Number.POSITIVE_INFINITY;
  #measuredAtMs = 0;
  #writtenSinceMeasured = 0;
  #measuring = false;
  #writeFailedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: LogSpaceOptions) {}

  /** Bytes of all segments that are not yet in the store. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Free disk space as last measured, less what was written since. */
  get freeBytes(): number {
    return this.#freeBytes - this.#writtenSinceMeasured;
  }

  grow(bytes: number): void {
    this.#usedBytes += bytes;
    this.#writtenSinceMeasured += bytes;
  }

  shrink(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /** The disk refused a write: for a second nothing is taken, then it is tried again. */
  writeFailed(): void {
    this.#writeFailedAtMs = performance.now();
  }

  /** @throws OverloadedError when the log or the disk is full, or the disk has just failed */
  admit(): void {
    const now = performance.now();
    if (now - this.#measuredAtMs > FREE_SPACE_MAX_AGE_MS) void this.measure();
    if (this.#usedBytes >= this.options.maxBytes) {
      throw new OverloadedError('The ingest log is full because the store is behind', 5);
    }
    if (this.freeBytes < this.options.minFreeBytes) throw new OverloadedError('The disk of the ingest log is full', 10);
    if (now - this.#writeFailedAtMs < WRITE_FAILURE_HOLD_OFF_MS) {
      throw new OverloadedError('The disk of the ingest log fails', 2);
    }
  }

  async measure(): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    const writtenBefore = this.#writtenSinceMeasured;
    try {
      const { bavail, bsize } = await statfs(this.options.dir);
      this.#freeBytes = bavail * bsize;
      this.#writtenSinceMeasured -= writtenBefore;
    } catch (error) {
      this.options.logger.warn({ err: error }, 'The free space of the ingest log cannot be measured');
    } finally {
      this.#measuredAtMs = performance.now();
      this.#measuring = false;
    }
  }
}
