import type { WireReader } from './wire-reader.js';

/** Integers per entry: place and length of its bytes, their hash, then four for the owner. */
const STRIDE = 7;
const OWNED = 3;
/** Shorter ranges are derived faster than found: they are compared and hashed by eight bytes. */
const SHORTEST = 8;
/** What an entry takes beside its bytes, about. */
const ENTRY_BYTES = 64;
/** Ranges that would make others look further than this are not kept: a sender can choose bytes that share a hash. */
const LONGEST_CHAIN = 64;
/** After it was filled without use the cache stays out of the way for this many times its entries. */
const REST = 8;

/**
 * Remembers what was derived from ranges of bytes that come again: a resource in every request of its client, a
 * series' attributes in every export. An answer is given only after all bytes were compared, so it is the answer for
 * these bytes; what is kept must follow from them alone, never from tenant, segment or place.
 *
 * Entries lie in the order in which they came, because that is how they come again: the one after the last is tried
 * first, so that memory is read forwards, and then the last one. Otherwise a hash finds them. When the room is used up
 * all is forgotten; a cache that was of no use then, because more comes than it holds, rests a while and costs nothing.
 */
export class RangeCache {
  private count = 0;
  private used = 0;
  private next = 0;
  private hits = 0;
  private resting = 0;
  private entries = new Int32Array(STRIDE * 16);
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  /** Entry numbers plus one by hash, 0: empty; open addressing, at most half full. */
  private table = new Int32Array(32);
  /** The hash of the range that `find` did not find, if it may be kept. */
  private hash = 0;
  private mayKeep = false;

  /** @param maxBytes for the ranges; grows up to it */
  constructor(private readonly maxBytes: number) {}

  /** The entry that holds exactly the bytes [start, end), or -1. */
  find(wire: WireReader, start: number, end: number): number {
    this.mayKeep = false;
    if (this.resting > 0) {
      this.resting--;
      return -1;
    }
    const length = end - start;
    if (length < SHORTEST) return -1;
    const { view } = wire;
    let entry = this.next;
    if (entry < this.count && this.holds(entry, view, start, length)) {
      this.next = entry + 1;
      this.hits++;
      return entry;
    }
    entry = this.next - 1;
    if (entry >= 0 && this.holds(entry, view, start, length)) {
      this.hits++;
      return entry;
    }
    const hash = hashOf(view, start, end);
    this.hash = hash;
    const { table, entries } = this;
    const mask = table.length - 1;
    let left = LONGEST_CHAIN;
    for (let at = hash & mask; table[at] !== 0; at = (at + 1) & mask) {
      if (left-- === 0) return -1;
      entry = table[at] - 1;
      if (entries[entry * STRIDE + 2] === hash && this.holds(entry, view, start, length)) {
        this.next = entry + 1;
        this.hits++;
        return entry;
      }
    }
    this.mayKeep = true;
    return -1;
  }

  /** Keeps the bytes [start, end), which `find` has just not found, with four integers, unless there is no use in it. */
  keep(wire: WireReader, start: number, end: number, a: number, b: number, c: number, d: number): number {
    const length = end - start;
    if (!this.mayKeep || length > this.maxBytes / 4 || !this.makeRoom(length)) return -1;
    this.mayKeep = false;
    const entry = this.count++;
    const { entries } = this;
    const at = entry * STRIDE;
    entries[at] = this.used;
    entries[at + 1] = length;
    entries[at + 2] = this.hash;
    entries[at + 3] = a;
    entries[at + 4] = b;
    entries[at + 5] = c;
    entries[at + 6] = d;
    for (let i = 0; i < length; i++) this.bytes[this.used + i] = wire.bytes[start + i];
    this.used += length;
    this.enter(entry);
    this.next = entry + 1;
    return entry;
  }

  /** One of the four integers kept with an entry. */
  value(entry: number, index: number): number {
    return this.entries[entry * STRIDE + OWNED + index];
  }

  private holds(entry: number, other: DataView, start: number, length: number): boolean {
    const at = entry * STRIDE;
    if (this.entries[at + 1] !== length) return false;
    const { view } = this;
    let p = this.entries[at];
    const tail = p + length - 8;
    for (; p < tail; p += 8, start += 8) {
      if (view.getInt32(p, true) !== other.getInt32(start, true)) return false;
      if (view.getInt32(p + 4, true) !== other.getInt32(start + 4, true)) return false;
    }
    start += tail - p;
    return (
      view.getInt32(tail, true) === other.getInt32(start, true) &&
      view.getInt32(tail + 4, true) === other.getInt32(start + 4, true)
    );
  }

  /** False: all was forgotten instead. */
  private makeRoom(length: number): boolean {
    if (this.used + length + this.count * ENTRY_BYTES > this.maxBytes) {
      if (this.hits < this.count) this.resting = this.count * REST;
      this.count = this.used = this.next = this.hits = 0;
      this.table.fill(0);
      return false;
    }
    if (this.used + length > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.used + length));
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer);
    }
    if ((this.count + 1) * STRIDE > this.entries.length) {
      const entries = new Int32Array(this.entries.length * 2);
      entries.set(this.entries);
      this.entries = entries;
    }
    if ((this.count + 1) * 2 > this.table.length) {
      this.table = new Int32Array(this.table.length * 2);
      for (let entry = 0; entry < this.count; entry++) this.enter(entry);
    }
    return true;
  }

  private enter(entry: number): void {
    const { table } = this;
    const mask = table.length - 1;
    let at = this.entries[entry * STRIDE + 2] & mask;
    while (table[at] !== 0) at = (at + 1) & mask;
    table[at] = entry + 1;
  }
}

/** Chooses where to look, nothing more: two ranges may well share a hash. */
function hashOf(view: DataView, start: number, end: number): number {
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
