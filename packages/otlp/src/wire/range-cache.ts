import type { WireReader } from './wire-reader.js';

/** No entry holds more bytes than a slot less this: comparing and hashing read by the word. */
const SLACK = 8;

/**
 * Remembers what was derived from ranges of bytes that come again: a resource in every request of its client, a
 * series' attributes in every export. An answer is given only after all bytes were compared, so it is the answer for
 * these bytes; what is kept must follow from them alone, never from tenant, segment or place.
 *
 * Bounded: a fixed number of slots of fixed size; a range lives in the slot of its hash, and pushes out what was there.
 * Ranges tend to come in the same order again, so the successor of the last one is tried before anything is hashed.
 */
export class RangeCache {
  /** By slot, for the owner: two halves of a hash and two numbers more. */
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
  private readonly lengths: Int32Array;
  private readonly successors: Int32Array;
  private bytes = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);
  private last = 0;
  /** Where the range that `find` did not find belongs; -1: nowhere. */
  private free = -1;

  /** @param slots a power of two */
  constructor(
    private readonly slots: number,
    private readonly slotBytes: number,
  ) {
    this.lo = new Int32Array(slots);
    this.hi = new Int32Array(slots);
    this.first = new Int32Array(slots);
    this.second = new Int32Array(slots);
    this.lengths = new Int32Array(slots);
    this.successors = new Int32Array(slots);
  }

  /** The slot that holds exactly the bytes [start, end), or -1. */
  find(wire: WireReader, start: number, end: number): number {
    const length = end - start;
    this.free = -1;
    if (length < SLACK || length > this.slotBytes - SLACK) return -1;
    const { successors, last } = this;
    const expected = successors[last];
    if (this.holds(expected, wire.view, start, length)) return (this.last = expected);
    const slot = hash(wire.view, start, end) & (this.slots - 1);
    successors[last] = this.last = slot;
    if (this.holds(slot, wire.view, start, length)) return slot;
    this.free = slot;
    return -1;
  }

  /** Keeps the bytes [start, end) that `find` has just not found; returns their slot, or -1 when they are too many or few. */
  keep(wire: WireReader, start: number, end: number): number {
    const { free } = this;
    if (free < 0) return -1;
    if (this.bytes.length === 0) {
      this.bytes = new Uint8Array(this.slots * this.slotBytes);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(wire.bytes.subarray(start, end), free * this.slotBytes);
    this.lengths[free] = end - start;
    return free;
  }

  private holds(slot: number, other: DataView, start: number, length: number): boolean {
    if (this.lengths[slot] !== length) return false;
    const { view } = this;
    let p = slot * this.slotBytes;
    for (const stop = p + length - 8; p < stop; p += 8, start += 8) {
      if (view.getInt32(p, true) !== other.getInt32(start, true)) return false;
      if (view.getInt32(p + 4, true) !== other.getInt32(start + 4, true)) return false;
    }
    const tail = slot * this.slotBytes + length - 8;
    start += tail - p;
    return (
      view.getInt32(tail, true) === other.getInt32(start, true) &&
      view.getInt32(tail + 4, true) === other.getInt32(start + 4, true)
    );
  }
}

/** Chooses a slot, nothing more: two ranges may well share one. */
function hash(view: DataView, start: number, end: number): number {
  let h = end - start;
  const stop = end - 8;
  for (let p = start; p < stop; p += 8) {
    h = Math.imul(h ^ view.getInt32(p, true), 0xcc9e2d51) + Math.imul(view.getInt32(p + 4, true), 0x1b873593);
    h ^= h >>> 15;
  }
  h = Math.imul(h ^ view.getInt32(stop, true), 0xcc9e2d51) + Math.imul(view.getInt32(stop + 4, true), 0x1b873593);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}
