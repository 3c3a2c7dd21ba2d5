import type { Fingerprint } from '../wire/fingerprint.js';
import type { RangeCache } from '../wire/range-cache.js';
import type { RowWriter } from '../wire/row-writer.js';
import { SPLIT_MESSAGE, type WireReader } from '../wire/wire-reader.js';
import { NO_VALUE, STRING_VALUE, TYPE_LETTERS, type AnyValueReader } from './any-value.js';
import { KeySet, signature } from './key-set.js';

/* KeyValue { string key = 1; AnyValue value = 2; int32 key_strindex = 3; }   for 3 see StringReferences */
/** A word copy reads up to this many bytes beyond what it copies. */
const OVERREAD = 8;

/**
 * The attributes of one item, or of its events one after another. While its message is scanned only the runs of
 * KeyValue fields are noted; they are decoded when they are written or hashed, so an item that is refused costs little.
 *
 * An attribute with an empty key is dropped. Of attributes with the same key the first is kept (they are forbidden by
 * OTLP, and a Map column would hold both).
 */
export class AttributeList {
  /** KeyValue fields noted, and the runs that they lie in. */
  count = 0;
  runs = 0;
  /** Start (at the first field's length) and end of each run in the attached body. */
  private places = new Int32Array(2 * 8);
  /** Type letters of what `writeMap` wrote since `clear`. */
  private letters: Uint8Array = new Uint8Array(64);
  private letterCount = 0;
  /** How many attributes `sum` found. */
  private kept = 0;
  private readonly keys: KeySet;
  /** What `parse` found. */
  private keyStart = 0;
  private keyEnd = 0;
  private kind = NO_VALUE;
  private start = 0;
  private end = 0;

  constructor(
    private readonly wire: WireReader,
    private readonly values: AnyValueReader,
  ) {
    this.keys = new KeySet(wire);
  }

  clear(): void {
    this.count = this.runs = this.letterCount = 0;
  }

  /**
   * Notes a KeyValue field and those of the same tag that follow it directly.
   *
   * @param tag their one-byte tag
   * @param p the offset after the first one's tag
   * @returns the offset after the last one
   */
  addRun(tag: number, p: number, end: number): number {
    const { wire } = this;
    const { bytes } = wire;
    const at = this.runs++ * 2;
    if (at === this.places.length) this.places = grownInts(this.places);
    this.places[at] = p;
    let { count } = this;
    for (;;) {
      count++;
      const stop = p + 1 + bytes[p];
      if (p < end && bytes[p] < 0x80 && stop <= end) {
        p = stop;
      } else {
        wire.open(p, end);
        p = wire.limit;
      }
      if (p >= end || bytes[p] !== tag) break;
      p++;
    }
    this.count = count;
    this.places[at + 1] = p;
    return p;
  }

  /** Decodes the KeyValue message at [p, end): first as every SDK writes scalars, with lengths below 128. */
  private parse(p: number, end: number): void {
    const { bytes } = this.wire;
    if (end - p >= 6 && bytes[p] === 0x0a && bytes[p + 1] < 0x80) {
      const keyEnd = p + 2 + bytes[p + 1];
      const length = end - keyEnd - 2;
      if (length >= 2 && length < 0x80 && bytes[keyEnd] === 0x12 && bytes[keyEnd + 1] === length) {
        const start = simpleValue(bytes, keyEnd + 2, end);
        if (start !== 0) {
          this.keyStart = p + 2;
          this.keyEnd = keyEnd;
          this.kind = bytes[keyEnd + 2] >>> 3;
          this.start = start;
          this.end = end;
          return;
        }
      }
    }
    this.parseAny(p, end);
  }

  private parseAny(p: number, end: number): void {
    const { wire, values } = this;
    let keyStart = p;
    let keyEnd = p;
    let seen = false;
    values.kind = NO_VALUE;
    values.start = values.end = p;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag === 0x0a) {
        keyStart = wire.open(p, end);
        keyEnd = p = wire.limit;
      } else if (tag === 0x12) {
        if (seen) throw SPLIT_MESSAGE;
        seen = true;
        const start = wire.open(p, end);
        p = wire.limit;
        values.parse(start, p);
      } else {
        p = values.references.skipInPair(tag, p, end);
      }
    }
    this.keyStart = keyStart;
    this.keyEnd = keyEnd;
    this.kind = values.kind;
    this.start = values.start;
    this.end = values.end;
  }

  /** What the map and the types take at most, nested values aside (they reserve for themselves). */
  maxBytes(): number {
    const { places } = this;
    let total = 10 + 40 * this.count;
    for (let at = 0, stop = this.runs * 2; at < stop; at += 2) total += 2 * (places[at + 1] - places[at]);
    return total;
  }

  /** Writes the whole list: its Map(String, String), then its type letters as a String. */
  write(out: RowWriter): void {
    const kept = this.writeMap(out, 0, this.runs);
    this.writeTypes(out, 0, kept);
  }

  /**
   * Writes the attributes of the runs [from, to), a list of their own, as Map(String, String) and remembers their type
   * letters behind those of the lists before.
   *
   * @returns how many were kept
   */
  writeMap(out: RowWriter, from: number, to: number): number {
    const mark = out.pos++;
    let kept = 0;
    if (from < to) {
      if (this.letters.length < this.count) this.letters = new Uint8Array(this.count * 2);
      this.keys.begin(this.places, from);
      for (let run = from; run < to; run++) {
        kept = this.writeRun(out, this.places[run * 2], this.places[run * 2 + 1], kept);
      }
    }
    this.letterCount += kept;
    if (kept < 0x80) out.bytes[mark] = kept;
    else insertLongCount(out, mark, kept);
    return kept;
  }

  /**
   * Writes the pairs of a run, of which the list has `count` before it; returns how many it has after it.
   *
   * The layout that every SDK writes, with lengths below 128, is decoded, checked and copied here without a call:
   * 0a <n> key 12 <m> value. A string value is 0a <m-2> string, and a pair of RowBinary strings is <n> key <m-2> string,
   * so both are copied with their lengths.
   */
  private writeRun(out: RowWriter, p: number, runEnd: number, count: number): number {
    const { wire, keys, letters } = this;
    const { bytes, view } = wire;
    const { signatures } = keys;
    const safeEnd = bytes.length - OVERREAD;
    const { letterCount } = this;
    let to = out.view;
    let { pos } = out;
    do {
      let end = p + 1 + bytes[p];
      if (bytes[p] > 0x7f) {
        p = wire.open(p, runEnd) - 1;
        end = wire.limit;
      }
      const keyStart = p + 3;
      const keyEnd = keyStart + bytes[p + 2];
      const length = end - keyEnd - 2;
      const isUsual =
        end <= safeEnd &&
        bytes[p + 1] === 0x0a &&
        keyEnd - keyStart >= 4 &&
        keyEnd - keyStart < 0x80 &&
        length >= 2 &&
        length < 0x80 &&
        view.getUint16(keyEnd, true) === (0x12 | (length << 8));
      const start = isUsual ? simpleValue(bytes, keyEnd + 2, end) : 0;
      if (start === 0) {
        out.pos = pos;
        if (this.writeUnusual(out, p + 1, end, count)) letters[letterCount + count++] = TYPE_LETTERS[this.kind];
        pos = out.pos;
        to = out.view;
        p = end + 1;
        continue;
      }
      p = end + 1;
      const isExpected = count < keys.distinct && signatures[count] === signature(view, keyStart, keyEnd);
      if (!isExpected && !keys.add(count, keyStart, keyEnd)) continue;
      const kind = bytes[keyEnd + 2] >>> 3;
      letters[letterCount + count++] = TYPE_LETTERS[kind];
      const keyStop = pos + keyEnd - keyStart + 1;
      for (let from = keyStart - 1; pos < keyStop; pos += 8, from += 8) {
        to.setBigUint64(pos, view.getBigUint64(from, true), true);
      }
      pos = keyStop;
      if (kind === STRING_VALUE) {
        const stop = keyStop + length - 1;
        for (let from = keyEnd + 3; pos < stop; pos += 8, from += 8) {
          to.setBigUint64(pos, view.getBigUint64(from, true), true);
        }
        pos = stop;
      } else {
        out.pos = pos;
        this.values.write(out, kind, start, end);
        pos = out.pos;
      }
    } while (p <= runEnd);
    out.pos = pos;
    return count;
  }

  /** Writes a pair in any other layout, unless its key is empty or repeated. */
  private writeUnusual(out: RowWriter, start: number, end: number, count: number): boolean {
    this.parseAny(start, end);
    if (this.keyStart === this.keyEnd || !this.keys.add(count, this.keyStart, this.keyEnd)) return false;
    out.string(this.wire, this.keyStart, this.keyEnd);
    this.values.write(out, this.kind, this.start, this.end);
    return true;
  }

  /** Writes `count` of the type letters that `writeMap` remembered, from the `first`, as a String. */
  writeTypes(out: RowWriter, first: number, count: number): void {
    const { letters } = this;
    out.varint(count);
    const { bytes, pos } = out;
    for (let i = 0; i < count; i++) bytes[pos + i] = letters[first + i];
    out.pos = pos + count;
  }

  /**
   * Adds the set of all attributes to `target`, whatever their order; `scratch` is overwritten.
   *
   * @param cache remembers the sums of lists by their bytes
   */
  fingerprint(target: Fingerprint, scratch: Fingerprint, cache?: RangeCache): void {
    if (cache === undefined || this.runs !== 1) {
      this.sum(scratch);
    } else {
      const start = this.places[0];
      const end = this.places[1];
      const entry = cache.find(this.wire, start, end);
      if (entry < 0) {
        this.sum(scratch);
        // A value cut off for its depth, or a reference, must be noticed the next time too.
        if (!this.values.tooDeep && !this.values.references.met)
          cache.keep(this.wire, start, end, scratch.lo, scratch.hi, this.kept, 0);
      } else {
        scratch.lo = cache.value(entry, 0);
        scratch.hi = cache.value(entry, 1);
        this.kept = cache.value(entry, 2);
      }
    }
    target.word(this.kept);
    target.word(scratch.lo);
    target.word(scratch.hi);
  }

  /** Leaves the sum of the attributes' hashes in `scratch`, and how many they are in `kept`. */
  private sum(scratch: Fingerprint): void {
    const { wire, values, keys, places } = this;
    keys.begin(places, 0);
    let count = 0;
    let lo = 0;
    let hi = 0;
    for (let run = 0; run < this.runs; run++) {
      for (let p = places[run * 2] - 1, stop = places[run * 2 + 1]; p < stop;) {
        p = this.parseNext(p, stop);
        const { kind } = this;
        if (this.keyStart === this.keyEnd || !keys.add(count, this.keyStart, this.keyEnd)) continue;
        count++;
        scratch.begin(kind);
        scratch.range(wire, this.keyStart, this.keyEnd);
        if (kind === STRING_VALUE) scratch.range(wire, this.start, this.end);
        else values.fingerprint(scratch, kind, this.start, this.end);
        scratch.finish();
        lo = (lo + scratch.lo) | 0;
        hi = (hi + scratch.hi) | 0;
      }
    }
    this.kept = count;
    scratch.lo = lo;
    scratch.hi = hi;
  }

  /** Decodes the field whose tag is at `p`; returns the offset after it. */
  private parseNext(p: number, runEnd: number): number {
    const { wire } = this;
    const start = wire.open(p + 1, runEnd);
    const end = wire.limit;
    this.parse(start, end);
    return end;
  }

  /** The value of the string attribute with this key as [start, end) in `wire.next` and `wire.limit`, if there is one. */
  findString(key: Uint8Array): boolean {
    const { wire, places } = this;
    for (let run = 0; run < this.runs; run++) {
      for (let p = places[run * 2] - 1, stop = places[run * 2 + 1]; p < stop;) {
        p = this.parseNext(p, stop);
        if (!equal(wire.bytes, this.keyStart, this.keyEnd, key)) continue;
        wire.next = this.start;
        wire.limit = this.end;
        return this.kind === STRING_VALUE;
      }
    }
    return false;
  }
}

/** Where the value of an AnyValue starts whose only field is a short string or a scalar that fills it; else 0. */
function simpleValue(bytes: Uint8Array, p: number, end: number): number {
  switch (bytes[p]) {
    case 0x0a:
      return bytes[p + 1] === end - p - 2 ? p + 2 : 0;
    case 0x10:
      return end - p === 2 && bytes[p + 1] < 0x80 ? p + 1 : 0;
    case 0x18:
      for (let i = p + 1; i < end - 1; i++) if (bytes[i] < 0x80) return 0;
      return end - p <= 9 && bytes[end - 1] < 0x80 ? p + 1 : 0;
    case 0x21:
      return end - p === 9 ? p + 1 : 0;
    default:
      return 0;
  }
}

function equal(bytes: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  if (end - start !== key.length) return false;
  let i = 0;
  while (i < key.length && bytes[start + i] === key[i]) i++;
  return i === key.length;
}

function grownInts(places: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(places.length * 2);
  larger.set(places);
  return larger;
}

/** A map of 128 pairs or more: its length takes more than the one byte that was left for it at `mark`. */
function insertLongCount(out: RowWriter, mark: number, count: number): void {
  const stop = out.pos;
  const width = count < 0x4000 ? 2 : count < 0x200000 ? 3 : 4;
  out.bytes.copyWithin(mark + width, mark + 1, stop);
  out.pos = mark;
  out.varint(count);
  out.pos = stop + width - 1;
}
