import type { WireReader } from '../wire/wire-reader.js';

/** Up to this many keys duplicates are found by comparing signatures; beyond it, by a set of strings. */
const LINEAR_KEYS = 32;

/**
 * The keys of the attribute list being read, to find a repeated one.
 *
 * Items of one program carry the same keys in the same order. So the signatures of the list before are kept: as long as
 * the new list's signatures equal them one by one, and those were pairwise distinct, its keys are pairwise distinct too,
 * and nothing needs to be searched. Equal signatures never mean equal keys: then the bytes decide.
 */
export class KeySet {
  /** Signatures of this list's keys, and behind them what is left of the list before. */
  readonly signatures = new Int32Array(LINEAR_KEYS);
  /** This many of `signatures`, from the first, are pairwise distinct. */
  distinct = 0;
  private readonly starts = new Int32Array(LINEAR_KEYS);
  private readonly ends = new Int32Array(LINEAR_KEYS);
  private texts: Set<string> | undefined;

  constructor(private readonly wire: WireReader) {}

  /** Begins a list. */
  begin(): void {
    this.texts = undefined;
  }

  /**
   * Adds the key at [start, end), the list's `count`-th, unless the list has it.
   *
   * @returns false when the list has the key already
   */
  add(count: number, start: number, end: number): boolean {
    if (count < LINEAR_KEYS) {
      const { bytes, view } = this.wire;
      const sign = end - start < 4 ? shortSignature(bytes, start, end) : signature(view, start, end);
      return this.addSigned(sign, count, start, end);
    }
    this.texts ??= this.firstTexts();
    const key = this.wire.text(start, end, 'latin1');
    if (this.texts.has(key)) return false;
    this.texts.add(key);
    return true;
  }

  /** Where the key that was accepted as the `count`-th lies: said for every key, because a later one may look alike. */
  place(count: number, start: number, end: number): void {
    this.starts[count] = start;
    this.ends[count] = end;
  }

  private addSigned(sign: number, count: number, start: number, end: number): boolean {
    const { signatures } = this;
    if (count < this.distinct && signatures[count] === sign) {
      this.place(count, start, end);
      return true;
    }
    let isDistinct = true;
    for (let i = 0; i < count; i++) {
      if (signatures[i] !== sign) continue;
      if (this.equals(i, start, end)) return false;
      isDistinct = false;
    }
    signatures[count] = sign;
    this.place(count, start, end);
    if (!isDistinct) this.distinct = Math.min(this.distinct, count);
    else if (this.distinct >= count) this.distinct = count + 1;
    return true;
  }

  private equals(index: number, start: number, end: number): boolean {
    const { bytes } = this.wire;
    const other = this.starts[index];
    if (this.ends[index] - other !== end - start) return false;
    for (let i = other; start < end; i++, start++) if (bytes[i] !== bytes[start]) return false;
    return true;
  }

  private firstTexts(): Set<string> {
    const texts = new Set<string>();
    for (let i = 0; i < LINEAR_KEYS; i++) texts.add(this.wire.text(this.starts[i], this.ends[i], 'latin1'));
    return texts;
  }
}

/** A number from the length and two words of a key of at least four bytes: equal for equal keys. */
export function signature(view: DataView, start: number, end: number): number {
  const length = end - start;
  const middle = view.getInt32(start + ((length - 3) >>> 1), true);
  return Math.imul(middle + length, 0x9e3779b1) ^ view.getInt32(end - 4, true);
}

function shortSignature(bytes: Uint8Array, start: number, end: number): number {
  let sign = (end - start) << 24;
  for (let i = start, shift = 0; i < end; i++, shift += 8) sign |= bytes[i] << shift;
  return sign;
}
