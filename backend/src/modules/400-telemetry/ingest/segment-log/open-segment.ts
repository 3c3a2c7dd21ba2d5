import { randomInt } from 'node:crypto';
import { rm, type FileHandle } from 'node:fs/promises';
import { OverloadedError } from '../ingest-error.js';
import { encodeServices, type SegmentRecord } from './record.js';
import { createDurably, type SegmentFile } from './segment-files.js';
import { StagedRecords } from './staged-records.js';
import type { StagingBuffers } from './staging-buffers.js';

/** How many bytes a flush took on, and why it failed if it did. */
export interface FlushResult {
  readonly bytes: number;
  readonly failure?: { readonly error: unknown; readonly cutBackError: unknown };
}

/** The segment that takes records: bytes wait in memory until {@link flush} brings them to the disk. */
export class OpenSegment {
  readonly seq: number;
  readonly path: string;
  readonly firstRecordAtMs = Date.now();
  /** Random per segment; every record of it carries it. */
  readonly salt = randomInt(1, 2 ** 32);
  /** No more records will come, but from those who hold it. */
  sealed = false;
  /** Records being made for it that it waits for. */
  holds = 0;
  #file: FileHandle | undefined;
  #staged: StagedRecords;
  #durableBytes = 0;
  #flushingBytes = 0;
  #failure: OverloadedError | undefined;

  constructor(
    private readonly place: SegmentFile,
    private readonly buffers: StagingBuffers,
  ) {
    this.seq = place.seq;
    this.path = place.path;
    this.#staged = new StagedRecords(buffers);
  }

  /** Bytes on disk and on the way there. */
  get sizeBytes(): number {
    return this.#durableBytes + this.#flushingBytes + this.#staged.bytes;
  }

  get durableBytes(): number {
    return this.#durableBytes;
  }

  get hasStaged(): boolean {
    return !this.#staged.isEmpty;
  }

  /** Copies the record; resolves once a flush has brought it to the disk. */
  stage(record: SegmentRecord): Promise<void> {
    if (this.sizeBytes === 0) this.#staged.addHeader(this.salt);
    return this.#staged.add(record, encodeServices(record.services), this.salt);
  }

  /** The same for a record that was made with this segment's salt; it is not copied, and free again at `onDone`. */
  stageWhole(record: Uint8Array, onDone: () => void): Promise<void> {
    if (this.#failure !== undefined) {
      onDone();
      return Promise.reject(this.#failure);
    }
    if (this.sizeBytes === 0) this.#staged.addHeader(this.salt);
    return this.#staged.addWhole(record, onDone);
  }

  /**
   * Writes everything staged with one write and one fdatasync, then tells those who wait. On failure the file is cut
   * back to what was durable before, so that what is refused does not appear after all, and the segment takes nothing
   * more: what came later may refer to what was lost. Never throws; `mayWrite` may, which counts as a failed write.
   */
  async flush(mayWrite: () => Promise<void>): Promise<FlushResult> {
    const staged = this.#staged;
    const { bytes } = staged;
    this.#staged = new StagedRecords(this.buffers);
    this.#flushingBytes = bytes;
    try {
      await mayWrite();
      await this.#write(staged.parts());
      this.#durableBytes += bytes;
      this.#flushingBytes = 0;
      staged.settle();
      return { bytes };
    } catch (error) {
      const cutBackError = await this.#cutBack();
      this.#flushingBytes = 0;
      this.#failure = refusal(error);
      staged.settle(this.#failure);
      return { bytes, failure: { error, cutBackError } };
    }
  }

  /** Refuses what is staged, after a flush has failed. Returns the number of bytes that will not be written. */
  abandon(error: unknown): number {
    const { bytes } = this.#staged;
    this.#staged.settle(refusal(error));
    return bytes;
  }

  /** An empty file does not stay. */
  async close(): Promise<void> {
    const file = this.#file ?? (await this.place.made);
    this.#file = undefined;
    await file?.close();
    if (this.#durableBytes === 0) await rm(this.path, { force: true });
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    this.#file ??= (await this.place.made) ?? (await createDurably(this.path));
    let left = parts;
    let at = this.#durableBytes;
    const end = at + this.#flushingBytes;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.writev(left, at);
      at += bytesWritten;
      left = at === end ? [] : without(left, bytesWritten);
    }
    await this.#file.datasync();
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

/** What is left of the parts when the first bytes are written. */
function without(parts: readonly Uint8Array[], writtenBytes: number): readonly Uint8Array[] {
  let skip = writtenBytes;
  let first = 0;
  for (const part of parts) {
    if (skip < part.length) break;
    skip -= part.length;
    first += 1;
  }
  const [head, ...rest] = parts.slice(first);
  return head === undefined ? [] : [head.subarray(skip), ...rest];
}

function refusal(error: unknown): OverloadedError {
  return new OverloadedError('The ingest log cannot be written', 2, { cause: error });
}
