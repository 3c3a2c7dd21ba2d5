import type { WireReader } from '../wire/wire-reader.js';

/** Up to this many keys duplicates are found by comparing signatures; beyond it, by a set of strings. */
const LINEAR_KEYS = 32;
/**
 * So many keys of a list are compared byte by byte before the list gets a set. Whoever knows the signature can write keys
 * that share one, and a list of them would cost the square of its length.
 */
const MAX_COMPARISONS = 4 * LINEAR_KEYS;

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
  private places: Int32Array = new Int32Array(0);
  private firstRun = 0;
  private texts: Set<string> | undefined;
  /** Keys of this list that were compared byte by byte. */
  private comparisons = 0;
  private keyStart = 0;
  private keyEnd = 0;

  constructor(private readonly wire: WireReader) {}

  /** Begins a list, whose KeyValue fields lie in the runs of `places` from `firstRun` (see AttributeList). */
  begin(places: Int32Array, firstRun: number): void {
    this.places = places;
    this.firstRun = firstRun;
    this.texts = undefined;
    this.comparisons = 0;
  }

  /**
   * Adds the key at [start, end), the list's `count`-th, unless the list has it.
   *
   * @returns false when the list has the key already
   */
  add(count: number, start: number, end: number): boolean {
    if (count >= LINEAR_KEYS || this.texts !== undefined) return this.addText(start, end);
    const { signatures } = this;
    const { bytes, view } = this.wire;
    const sign = end - start < 4 ? shortSignature(bytes, start, end) : signature(view, start, end);
    if (count < this.distinct && signatures[count] === sign) return true;
    let isDistinct = true;
    for (let i = 0; i < count && isDistinct; i++) isDistinct = signatures[i] !== sign;
    if (!isDistinct) {
      if (this.comparisons > MAX_COMPARISONS) {
        // The set has to see every key from here on, so no signature may stand for one.
        this.distinct = 0;
        return this.addText(start, end);
      }
      if (this.isRepeated(start, end)) return false;
    }
    signatures[count] = sign;
    if (!isDistinct) this.distinct = Math.min(this.distinct, count);
    else if (this.distinct >= count) this.distinct = count + 1;
    return true;
  }

  private addText(start: number, end: number): boolean {
    if (this.texts === undefined) {
      const texts = new Set<string>();
      this.eachBefore(start, (from, to) => {
        texts.add(this.wire.text(from, to, 'latin1'));
        return true;
      });
      this.texts = texts;
    }
    const key = this.wire.text(start, end, 'latin1');
    if (this.texts.has(key)) return false;
    this.texts.add(key);
    return true;
  }

  private isRepeated(start: number, end: number): boolean {
    const { bytes } = this.wire;
    let repeated = false;
    this.eachBefore(start, (from, to) => {
      this.comparisons++;
      if (to - from !== end - start) return true;
      let i = 0;
      while (i < end - start && bytes[from + i] === bytes[start + i]) i++;
      repeated = i === end - start;
      return !repeated;
    });
    return repeated;
  }

  /** Visits the keys of the list's fields that end before the key at `start`, until `visit` returns false. */
  private eachBefore(start: number, visit: (from: number, to: number) => boolean): void {
    const { wire, places } = this;
    for (let run = this.firstRun; ; run++) {
      for (let p = places[run * 2] - 1, runEnd = places[run * 2 + 1]; p < runEnd;) {
        const from = wire.open(p + 1, runEnd);
        p = wire.limit;
        if (p > start) return;
        this.findKey(from, p);
        if (!visit(this.keyStart, this.keyEnd)) return;
      }
    }
  }

  /** Finds the key of the KeyValue message at [p, end), which was read before: it is well-formed. */
  private findKey(p: number, end: number): void {
    const { wire } = this;
    this.keyStart = this.keyEnd = p;
    while (p < end) {
      const tag = wire.longTag(p, end);
      if (tag === 0x0a) {
        this.keyStart = wire.open(wire.next, end);
        this.keyEnd = p = wire.limit;
      } else {
        p = wire.skip(tag, wire.next, end, 0, 'KeyValue');
      }
    }
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
