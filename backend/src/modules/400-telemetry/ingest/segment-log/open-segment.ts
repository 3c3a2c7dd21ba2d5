import { randomInt } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OverloadedError } from '../ingest-error.js';
import { syncDirectory } from './durable-file.js';
import { encodeServices, fileHeader, recordSize, writeRecord, type SegmentRecord } from './record.js';
import type { StagingBuffers } from './staging-buffers.js';

/** How many bytes a flush took on, and why it failed if it did. */
export interface FlushResult {
  readonly bytes: number;
  readonly failure?: { readonly error: unknown; readonly cutBackError: unknown };
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

function segmentFileName(seq: number): string {
  return `${String(seq).padStart(16, '0')}.seg`;
}

/** The segment that takes records: bytes wait in memory until {@link flush} brings them to the disk. */
export class OpenSegment {
  readonly path: string;
  readonly firstRecordAtMs = Date.now();
  /** No more records will come. */
  sealed = false;
  #file: FileHandle | undefined;
  readonly #salt = randomInt(1, 2 ** 32);
  #staging: Buffer;
  #stagedBytes = 0;
  #durableBytes = 0;
  #flushingBytes = 0;
  #waiters: Waiter[] = [];

  constructor(
    dir: string,
    readonly seq: number,
    private readonly buffers: StagingBuffers,
  ) {
    this.path = join(dir, segmentFileName(seq));
    this.#staging = buffers.take();
  }

  /** Bytes on disk and on the way there. */
  get sizeBytes(): number {
    return this.#durableBytes + this.#flushingBytes + this.#stagedBytes;
  }

  get durableBytes(): number {
    return this.#durableBytes;
  }

  get hasStaged(): boolean {
    return this.#waiters.length > 0;
  }

  /** Copies the record; resolves once a flush has brought it to the disk. */
  stage(record: SegmentRecord): Promise<void> {
    if (this.sizeBytes === 0) this.#stagedBytes = fileHeader(this.#salt).copy(this.#staging);
    const services = encodeServices(record.services);
    const end = this.#stagedBytes + recordSize(record, services);
    if (end > this.#staging.length) this.#staging = this.buffers.grow(this.#staging, this.#stagedBytes, end);
    writeRecord(this.#staging.subarray(this.#stagedBytes, end), record, services, this.#salt);
    this.#stagedBytes = end;
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /**
   * Writes everything staged with one write and one fdatasync, then tells those who wait. On failure the file is cut
   * back to what was durable before, so that what is refused does not appear after all. Never throws;
   * `mayWrite` may, which counts as a failed write.
   */
  async flush(mayWrite: () => Promise<void>): Promise<FlushResult> {
    const buffer = this.#staging;
    const bytes = buffer.subarray(0, this.#stagedBytes);
    const waiters = this.#waiters;
    this.#staging = this.buffers.take();
    this.#stagedBytes = 0;
    this.#waiters = [];
    this.#flushingBytes = bytes.length;
    try {
      await mayWrite();
      await this.#write(bytes);
      this.#durableBytes += bytes.length;
      for (const waiter of waiters) waiter.resolve();
      return { bytes: bytes.length };
    } catch (error) {
      const cutBackError = await this.#cutBack();
      for (const waiter of waiters) waiter.reject(refusal(error));
      return { bytes: bytes.length, failure: { error, cutBackError } };
    } finally {
      this.#flushingBytes = 0;
      this.buffers.giveBack(buffer);
    }
  }

  /** Refuses what is staged, after a flush has failed. Returns the number of bytes that will not be written. */
  abandon(error: unknown): number {
    const waiters = this.#waiters;
    const bytes = this.#stagedBytes;
    this.#waiters = [];
    this.#stagedBytes = 0;
    for (const waiter of waiters) waiter.reject(refusal(error));
    return bytes;
  }

  async close(): Promise<void> {
    this.buffers.giveBack(this.#staging);
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    const isNew = this.#file === undefined;
    this.#file ??= await open(this.path, 'wx', 0o600);
    let written = 0;
    while (written < bytes.length) {
      const result = await this.#file.write(bytes, written, bytes.length - written, this.#durableBytes + written);
      written += result.bytesWritten;
    }
    await this.#file.datasync();
    if (isNew) await syncDirectory(dirname(this.path));
  }

  /**
   * If the disk refuses this too, refused records stay behind in the file; their clients send them again, so at worst
   * they are stored twice. Returns the error then.
   */
  async #cutBack(): Promise<unknown> {
    try {
      if (this.#durableBytes === 0) await rm(this.path, { force: true });
      else await this.#file?.truncate(this.#durableBytes);
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

function refusal(error: unknown): OverloadedError {
  return new OverloadedError('The ingest log cannot be written', 2, { cause: error });
}
