import { OtlpDecodeError } from '../errors.js';
import { RangeList } from './range-list.js';
import type { RowWriter } from './row-writer.js';
import type { WireReader } from './wire-reader.js';

/** A repeated fixed64 or double, packed, single or mixed: protobuf and RowBinary share the bytes, so chunks are copied. */
export class Fixed64List {
  count = 0;
  private readonly chunks = new RangeList();

  constructor(private readonly wire: WireReader) {}

  clear(): void {
    this.count = 0;
    this.chunks.clear();
  }

  /** Adds the packed elements at [start, end), or one element as a chunk of 8 bytes. */
  add(start: number, end: number): void {
    if ((end - start) % 8 !== 0) throw new OtlpDecodeError(`a packed list of 64-bit values is cut off at byte ${end}`);
    this.chunks.push(start, end);
    this.count += (end - start) / 8;
  }

  /** Writes Array(UInt64) or Array(Float64). */
  write(out: RowWriter): void {
    out.varint(this.count);
    for (let i = 0; i < this.chunks.count; i++) out.copy(this.wire, this.chunks.start(i), this.chunks.end(i));
  }
}

/** A repeated uint64 in varints, packed, single or mixed. */
export class VarintList {
  count = 0;
  private readonly chunks = new RangeList();

  constructor(private readonly wire: WireReader) {}

  clear(): void {
    this.count = 0;
    this.chunks.clear();
  }

  /** Adds the varints at [start, end), checking each. */
  add(start: number, end: number): void {
    for (let p = start; p < end; this.count++) p = this.wire.varint(p, end);
    this.chunks.push(start, end);
  }

  /** Writes Array(UInt64). */
  write(out: RowWriter): void {
    const { wire } = this;
    out.varint(this.count);
    for (let i = 0; i < this.chunks.count; i++) {
      const end = this.chunks.end(i);
      for (let p = this.chunks.start(i); p < end;) {
        p = wire.varint(p, end);
        out.u64(wire.lo, wire.hi);
      }
    }
  }
}
