const SMALLEST_BYTES = 256 * 1024;
const LARGEST_KEPT_BYTES = 8 * 1024 * 1024;
const KEPT = 2;

/** Buffers that records wait in. Two are in turn: one is filled while the other is written. */
export class StagingBuffers {
  #spare: Buffer[] = [];

  /** A buffer of at least `bytes` (and 256 KiB) with any content, owned by the caller until it is given back. */
  take(bytes = 0): Buffer {
    const fitting = this.#spare.find((buffer) => buffer.length >= bytes);
    if (fitting === undefined) return Buffer.allocUnsafeSlow(Math.max(SMALLEST_BYTES, bytes));
    this.#spare = this.#spare.filter((buffer) => buffer !== fitting);
    return fitting;
  }

  giveBack(buffer: Buffer): void {
    if (this.#spare.length < KEPT && buffer.length <= LARGEST_KEPT_BYTES) this.#spare.push(buffer);
  }
}
