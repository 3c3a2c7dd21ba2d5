/** Pieces below this are put together while they come. */
const SMALL_BYTES = 4096;
const MAX_SMALL_PIECES = 256;

/**
 * The bytes of a body as they come. A sender decides how small the pieces are, and each costs an object of some hundred
 * bytes whatever is in it, so many small ones in a row become one.
 */
export class Pieces {
  #whole: Buffer[] = [];
  #small: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Pieces that are held, for their number is what is bounded here. */
  get count(): number {
    return this.#whole.length + this.#small.length;
  }

  /** The piece is kept as it is, for a while at least. */
  push(piece: Buffer): void {
    this.#bytes += piece.length;
    if (piece.length < SMALL_BYTES) {
      if (this.#small.push(piece) >= MAX_SMALL_PIECES) this.#putTogether();
      return;
    }
    this.#putTogether();
    this.#whole.push(piece);
  }

  /** All bytes as one buffer; nothing is held any more. */
  take(): Buffer {
    this.#putTogether();
    const [only, second] = this.#whole;
    const all = only !== undefined && second === undefined ? only : Buffer.concat(this.#whole, this.#bytes);
    this.clear();
    return all;
  }

  clear(): void {
    this.#whole = [];
    this.#small = [];
    this.#bytes = 0;
  }

  #putTogether(): void {
    const [only, second] = this.#small;
    if (only === undefined) return;
    this.#whole.push(second === undefined ? only : Buffer.concat(this.#small));
    this.#small = [];
  }
}
