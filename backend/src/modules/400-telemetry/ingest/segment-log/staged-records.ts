import { fileHeader, recordSize, writeRecord, type SegmentRecord } from './record.js';
import type { StagingBuffers } from './staging-buffers.js';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Records that wait for one write: copies of small ones side by side, large ones as they came, in their order. */
export class StagedRecords {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #waiters: Waiter[] = [];
  /** What the parts lie in, and what is to be told when they do not any more. */
  #copies: Buffer[] = [];
  #owners: (() => void)[] = [];
  /** The buffer that takes copies, and which part of it is not among the parts yet. */
  #buffer: Buffer | undefined;
  #from = 0;
  #to = 0;

  constructor(private readonly buffers: StagingBuffers) {}

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  addHeader(salt: number): void {
    const header = fileHeader(salt);
    header.copy(this.#room(header.length));
  }

  /** Copies the record. */
  add(record: SegmentRecord, services: Buffer, salt: number): Promise<void> {
    writeRecord(this.#room(recordSize(record, services)), record, services, salt);
    return this.#wait();
  }

  /** Keeps the bytes of a finished record; `onDone` is called once, when they are no longer needed. */
  addWhole(bytes: Uint8Array, onDone: () => void): Promise<void> {
    this.#closePart();
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.#owners.push(onDone);
    return this.#wait();
  }

  /** What is to be written, in order. Nothing may be added afterwards. */
  parts(): readonly Uint8Array[] {
    this.#closePart();
    return this.#parts;
  }

  /** Tells those who wait, and gives the memory back. Without an error the records are on the disk. */
  settle(error?: unknown): void {
    for (const waiter of this.#waiters) {
      if (error === undefined) waiter.resolve();
      else waiter.reject(error);
    }
    if (this.#buffer !== undefined) this.#copies.push(this.#buffer);
    for (const buffer of this.#copies) this.buffers.giveBack(buffer);
    for (const onDone of this.#owners) onDone();
    this.#parts = [];
    this.#waiters = [];
    this.#copies = [];
    this.#owners = [];
    this.#buffer = undefined;
    this.#bytes = this.#from = this.#to = 0;
  }

  #room(bytes: number): Buffer {
    let buffer = this.#buffer;
    if (buffer === undefined || this.#to + bytes > buffer.length) {
      this.#closePart();
      if (buffer !== undefined) this.#copies.push(buffer);
      buffer = this.#buffer = this.buffers.take(bytes);
      this.#from = this.#to = 0;
    }
    const room = buffer.subarray(this.#to, this.#to + bytes);
    this.#to += bytes;
    this.#bytes += bytes;
    return room;
  }

  #closePart(): void {
    if (this.#buffer === undefined || this.#to === this.#from) return;
    this.#parts.push(this.#buffer.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }
}
