import type { Fingerprint } from '../wire/fingerprint.js';
import type { RowWriter } from '../wire/row-writer.js';
import { SPLIT_MESSAGE, type WireReader } from '../wire/wire-reader.js';
import { NO_VALUE, STRING_VALUE, TYPE_LETTERS, type AnyValueReader } from './any-value.js';

/* KeyValue { string key = 1; AnyValue value = 2; }   3, a string-table reference, is treated as absent */
const KNOWN = 0b110;

/** Integers per attribute: key start, key end, kind, value start, value end. */
const STRIDE = 5;
/** Up to this many attributes duplicates are found by comparing signatures; beyond it, by a set. */
const LINEAR_DUPLICATES = 32;

/**
 * The attributes of one item, or of its events one after another: offsets into the attached body, no copies.
 *
 * An attribute with an empty key is dropped. Of attributes with the same key the first is kept (they are forbidden by
 * OTLP, and a Map column would hold both).
 */
export class AttributeList {
  count = 0;
  private entries = new Int32Array(STRIDE * 64);
  private segment = 0;
  private seenBits = 0;
  private readonly signatures = new Int32Array(LINEAR_DUPLICATES);
  private keys: Set<string> | undefined;

  constructor(
    private readonly wire: WireReader,
    private readonly values: AnyValueReader,
  ) {}

  clear(): void {
    this.count = 0;
    this.beginSegment();
  }

  /** Keys are unique within a segment: the attributes of one event, say. */
  beginSegment(): void {
    this.segment = this.count;
    this.seenBits = 0;
    this.keys = undefined;
  }

  /** Adds the KeyValue message at [start, end). */
  add(start: number, end: number): void {
    const { bytes } = this.wire;
    // The layout every SDK writes, with both lengths below 128: 0a <n> key 12 <m> value.
    if (end - start > 4 && bytes[start] === 0x0a && bytes[start + 1] < 0x80) {
      const keyEnd = start + 2 + bytes[start + 1];
      const valueStart = keyEnd + 2;
      const valueLength = end - valueStart;
      if (valueLength >= 0 && valueLength < 0x80 && bytes[keyEnd] === 0x12 && bytes[keyEnd + 1] === valueLength) {
        if (valueLength > 1 && bytes[valueStart] === 0x0a && bytes[valueStart + 1] === valueLength - 2) {
          this.push(start + 2, keyEnd, STRING_VALUE, valueStart + 2, end);
        } else {
          const { values } = this;
          values.parse(valueStart, end);
          this.push(start + 2, keyEnd, values.kind, values.start, values.end);
        }
        return;
      }
    }
    this.addAny(start, end);
  }

  private addAny(p: number, end: number): void {
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
        p = wire.skip(tag, p, end, KNOWN, 'KeyValue');
      }
    }
    this.push(keyStart, keyEnd, values.kind, values.start, values.end);
  }

  private push(keyStart: number, keyEnd: number, kind: number, start: number, end: number): void {
    if (keyStart === keyEnd || this.isDuplicate(keyStart, keyEnd)) return;
    const at = this.count * STRIDE;
    if (at === this.entries.length) this.grow();
    const { entries } = this;
    entries[at] = keyStart;
    entries[at + 1] = keyEnd;
    entries[at + 2] = kind;
    entries[at + 3] = start;
    entries[at + 4] = end;
    this.count++;
  }

  private grow(): void {
    const entries = new Int32Array(this.entries.length * 2);
    entries.set(this.entries);
    this.entries = entries;
  }

  /** Whether the segment has the key already; remembers it if not. */
  private isDuplicate(keyStart: number, keyEnd: number): boolean {
    const { bytes } = this.wire;
    const index = this.count - this.segment;
    if (index >= LINEAR_DUPLICATES) return this.isDuplicateInSet(keyStart, keyEnd);
    const middle = bytes[(keyStart + keyEnd) >>> 1];
    const signature = (keyEnd - keyStart) ^ (bytes[keyStart] << 8) ^ (middle << 16) ^ (bytes[keyEnd - 1] << 24);
    const bit = 1 << (Math.imul(signature, 0x9e3779b1) >>> 27);
    if ((this.seenBits & bit) !== 0) {
      for (let i = 0; i < index; i++) {
        if (this.signatures[i] === signature && this.keyEquals(this.segment + i, keyStart, keyEnd)) return true;
      }
    }
    this.seenBits |= bit;
    this.signatures[index] = signature;
    return false;
  }

  private keyEquals(index: number, keyStart: number, keyEnd: number): boolean {
    const { bytes } = this.wire;
    const other = this.entries[index * STRIDE];
    const length = this.entries[index * STRIDE + 1] - other;
    if (length !== keyEnd - keyStart) return false;
    for (let i = 0; i < length; i++) if (bytes[other + i] !== bytes[keyStart + i]) return false;
    return true;
  }

  private isDuplicateInSet(keyStart: number, keyEnd: number): boolean {
    if (this.keys === undefined) {
      this.keys = new Set();
      for (let i = this.segment; i < this.count; i++) {
        this.keys.add(this.wire.text(this.entries[i * STRIDE], this.entries[i * STRIDE + 1], 'latin1'));
      }
    }
    const key = this.wire.text(keyStart, keyEnd, 'latin1');
    if (this.keys.has(key)) return true;
    this.keys.add(key);
    return false;
  }

  /** What the map and the types take at most, nested values aside (they reserve for themselves). */
  maxBytes(): number {
    const { entries } = this;
    let total = 10;
    for (let at = 0, stop = this.count * STRIDE; at < stop; at += STRIDE) {
      total += entries[at + 1] - entries[at] + 2 * (entries[at + 4] - entries[at + 3]) + 40;
    }
    return total;
  }

  /** Writes attributes [from, to) as Map(String, String). */
  writeMap(out: RowWriter, from: number, to: number): void {
    out.varint(to - from);
    const { wire, values, entries } = this;
    for (let at = from * STRIDE, stop = to * STRIDE; at < stop; at += STRIDE) {
      const keyStart = entries[at];
      const keyEnd = entries[at + 1];
      const start = entries[at + 3];
      const end = entries[at + 4];
      if (entries[at + 2] !== STRING_VALUE) {
        out.string(wire, keyStart, keyEnd);
        values.write(out, entries[at + 2], start, end);
      } else if (keyEnd - keyStart < 0x80 && end - start < 0x80 && Math.max(keyEnd, end) + 8 <= wire.bytes.length) {
        out.shortPair(wire.view, keyStart, keyEnd, start, end);
      } else {
        out.string(wire, keyStart, keyEnd);
        out.string(wire, start, end);
      }
    }
  }

  /** Writes the type letters of attributes [from, to) as a String. */
  writeTypes(out: RowWriter, from: number, to: number): void {
    const { entries } = this;
    out.varint(to - from);
    for (let at = from * STRIDE + 2, stop = to * STRIDE; at < stop; at += STRIDE) out.u8(TYPE_LETTERS[entries[at]]);
  }

  /** Adds the set of all attributes to `target`, whatever their order; `scratch` is overwritten. */
  fingerprint(target: Fingerprint, scratch: Fingerprint): void {
    const { wire, values, entries } = this;
    let lo = 0;
    let hi = 0;
    for (let at = 0, stop = this.count * STRIDE; at < stop; at += STRIDE) {
      const kind = entries[at + 2];
      scratch.begin(kind);
      scratch.range(wire, entries[at], entries[at + 1]);
      if (kind === STRING_VALUE) scratch.range(wire, entries[at + 3], entries[at + 4]);
      else values.fingerprint(scratch, kind, entries[at + 3], entries[at + 4]);
      scratch.finish();
      lo = (lo + scratch.lo) | 0;
      hi = (hi + scratch.hi) | 0;
    }
    target.word(this.count);
    target.word(lo);
    target.word(hi);
  }

  /** The value of the string attribute with this key as [start, end) in `wire.next` and `wire.limit`, if there is one. */
  findString(key: Uint8Array): boolean {
    const { wire, entries } = this;
    for (let at = 0, stop = this.count * STRIDE; at < stop; at += STRIDE) {
      const start = entries[at];
      if (entries[at + 2] !== STRING_VALUE || entries[at + 1] - start !== key.length) continue;
      let i = 0;
      while (i < key.length && wire.bytes[start + i] === key[i]) i++;
      if (i < key.length) continue;
      wire.next = entries[at + 3];
      wire.limit = entries[at + 4];
      return true;
    }
    return false;
  }
}
