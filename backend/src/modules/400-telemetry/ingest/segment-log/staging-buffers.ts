const SMALLEST_BYTES = 256 * 1024;
const LARGEST_KEPT_BYTES = 8 * 1024 * 1024;
const KEPT = 2;

/** Buffers that records wait in. Two are in turn: one is filled while the other is written. */
export class StagingBuffers {
  readonly #spare: Buffer[] = [];

  /** A buffer of at least 256 KiB with any content, owned by the caller until it is given back. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(SMALLEST_BYTES);
  }

  /** A larger buffer that begins with the first `used` bytes of `buffer`; `buffer` is given back. */
  grow(buffer: Buffer, used: number, needed: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, buffer.length * 2));
    buffer.copy(larger, 0, 0, used);
    this.giveBack(buffer);
    return larger;
  }

  giveBack(buffer: Buffer): void {
    if (this.#spare.length < KEPT && buffer.length <= LARGEST_KEPT_BYTES) this.#spare.push(buffer);
  }
}
