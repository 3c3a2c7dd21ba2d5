/** Covers the columns of fixed width and the lengths of empty strings and arrays of every table. */
export const ROW_SLACK = 512;

const INITIAL_BYTES = 64 * 1024;
/** A buffer over this size that the last request used less than a quarter of is given back. */
const KEEP_BYTES = 32 * 1024 * 1024;
/** From this length on the engine's own copy beats the word loop (its call costs about 40 ns). */
const BULK_COPY_BYTES = 256;

/**
 * An append-only buffer of RowBinary (https://clickhouse.com/docs/interfaces/formats/RowBinary).
 *
 * The writing methods do not check capacity: whoever writes a row reserves its worst case first (rule: twice the
 * item's encoded size plus ROW_SLACK, and anything that can expand more adds its own by `expand`) and checks at the row's
 * end with `endRow`.
 *
 * Buffer ownership: `bytes` belongs to the writer and is reused; `reserve` may replace it. Views handed out are valid
 * until the next `reset`.
 */
export class RowWriter {
  bytes: Uint8Array;
  view: DataView;
  pos = 0;
  rows = 0;
  /** Up to here the row being written has reserved. */
  private reserved = 0;

  constructor(capacity = INITIAL_BYTES) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  reset(): void {
    if (this.bytes.length > KEEP_BYTES && this.pos < this.bytes.length / 4) {
      this.bytes = new Uint8Array(INITIAL_BYTES);
      this.view = new DataView(this.bytes.buffer);
    }
    this.pos = 0;
    this.rows = 0;
    this.reserved = 0;
  }

  /** Makes room for `count` bytes from here. */
  reserve(count: number): void {
    this.reserved = this.pos + count;
    if (this.reserved > this.bytes.length) this.grow(this.reserved);
  }

  /** Adds `count` bytes to what is reserved: for values that grow more than the rule allows for. */
  expand(count: number): void {
    this.reserved += count;
    if (this.reserved > this.bytes.length) this.grow(this.reserved);
  }

  private grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.pos));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Counts the row just written. A row that outgrew its reservation is a defect of this package, never of the input. */
  endRow(): void {
    if (this.pos > this.reserved) throw new RangeError('a row outgrew its reservation');
    this.rows++;
  }

  u8(value: number): void {
    this.bytes[this.pos++] = value;
  }

  u32(value: number): void {
    this.view.setInt32(this.pos, value, true);
    this.pos += 4;
  }

  u64(lo: number, hi: number): void {
    this.view.setInt32(this.pos, lo, true);
    this.view.setInt32(this.pos + 4, hi, true);
    this.pos += 8;
  }

  f64(value: number): void {
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** A few zero bytes: empty arrays and absent values. */
  zeros(count: number): void {
    const { bytes } = this;
    const stop = this.pos + count;
    for (let p = this.pos; p < stop; p++) bytes[p] = 0;
    this.pos = stop;
  }

  /** LEB128 of a non-negative integer below 2^32. */
  varint(value: number): void {
    const { bytes } = this;
    let { pos } = this;
    while (value > 0x7f) {
      bytes[pos++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[pos] = value;
    this.pos = pos + 1;
  }

  /**
   * A string column: length and bytes. The short ones, which are most, are copied in steps of eight bytes, up to seven
   * beyond their end: the next value overwrites them here, ROW_SLACK has the room, and the source is asked.
   */
  string(source: ByteSource, start: number, end: number): void {
    const length = end - start;
    if (length >= 0x80 || end + 8 > source.bytes.length) {
      this.longString(source, start, end);
      return;
    }
    const from = source.view;
    const to = this.view;
    let pos = this.pos + 1;
    const stop = pos + length;
    this.bytes[pos - 1] = length;
    while (pos < stop) {
      to.setBigUint64(pos, from.getBigUint64(start, true), true);
      pos += 8;
      start += 8;
    }
    this.pos = stop;
  }

  /** A string column of any length; apart from `string`, so that the engine inlines that one. */
  longString(source: ByteSource, start: number, end: number): void {
    this.varint(end - start);
    this.copy(source, start, end);
  }

  /** Copies a byte range: words with an overlapping tail, so that short ranges need no byte loop. */
  copy(source: ByteSource, start: number, end: number): void {
    const length = end - start;
    const { pos } = this;
    if (length >= 8) {
      if (length >= BULK_COPY_BYTES) {
        this.bytes.set(source.bytes.subarray(start, end), pos);
      } else {
        copyWords(source.view, start, this.view, pos, length);
      }
    } else if (length >= 4) {
      const from = source.view;
      const to = this.view;
      to.setInt32(pos, from.getInt32(start, true), true);
      to.setInt32(pos + length - 4, from.getInt32(end - 4, true), true);
    } else {
      for (let i = 0; i < length; i++) this.bytes[pos + i] = source.bytes[start + i];
    }
    this.pos = pos + length;
  }

  /** Copies eight bytes, without a length. */
  copy8(from: DataView, start: number): void {
    this.view.setBigUint64(this.pos, from.getBigUint64(start, true), true);
    this.pos += 8;
  }

  /** Copies 16 bytes, without a length. */
  copy16(from: DataView, start: number): void {
    const { view, pos } = this;
    view.setBigUint64(pos, from.getBigUint64(start, true), true);
    view.setBigUint64(pos + 8, from.getBigUint64(start + 8, true), true);
    this.pos = pos + 16;
  }

  /** Copies the columns that rows have in common; reads up to seven bytes beyond them, which `prefix` has reserved. */
  beginRow(prefix: RowWriter): void {
    const from = prefix.view;
    const to = this.view;
    const { pos } = this;
    const length = prefix.pos;
    for (let i = 0; i < length; i += 8) to.setBigUint64(pos + i, from.getBigUint64(i, true), true);
    this.pos = pos + length;
  }

  /** Copies a whole array, without a length. */
  copyAll(source: Uint8Array): void {
    this.bytes.set(source, this.pos);
    this.pos += source.length;
  }

  /** ASCII text without a length. */
  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.pos + i] = text.charCodeAt(i);
    this.pos += text.length;
  }
}

/** Where `copy` reads from: a body or another writer. */
export interface ByteSource {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** The BigInts here never come to be: an optimised get and set of eight bytes is one load and one store. */
function copyWords(from: DataView, start: number, to: DataView, pos: number, length: number): void {
  const last = start + length - 8;
  const lastPos = pos + length - 8;
  while (start < last) {
    to.setBigUint64(pos, from.getBigUint64(start, true), true);
    start += 8;
    pos += 8;
  }
  to.setBigUint64(lastPos, from.getBigUint64(last, true), true);
}
