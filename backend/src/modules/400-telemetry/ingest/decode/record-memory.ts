/** A buffer is used again for records down to this share of it, so that small ones do not hold large memory. */
const SMALLEST_SHARE = 1 / 8;
const ROUND_TO_BYTES = 64 * 1024;

/** Bounds of what is kept: memory that waits for its next record is on nobody's budget. */
export const KEPT_BUFFERS = 4;
export const LARGEST_KEPT_BYTES = 4 * 1024 * 1024;

/** Memory for finished records that goes to the main thread with them and comes back. */
export class RecordMemory {
  #spare: ArrayBuffer[] = [];

  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      if (this.#spare.length < KEPT_BUFFERS && buffer.byteLength <= LARGEST_KEPT_BYTES) this.#spare.push(buffer);
    }
  }

  /** Exactly so many bytes with any content. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const found = this.#spare.find(
      (buffer) => buffer.byteLength >= bytes && bytes >= buffer.byteLength * SMALLEST_SHARE,
    );
    if (found === undefined) {
      const size = Math.ceil(bytes / ROUND_TO_BYTES) * ROUND_TO_BYTES;
      return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer, 0, bytes);
    }
    this.#spare = this.#spare.filter((buffer) => buffer !== found);
    return new Uint8Array(found, 0, bytes);
  }
}
