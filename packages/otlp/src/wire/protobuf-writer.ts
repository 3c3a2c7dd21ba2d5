const KEEP_BYTES = 32 * 1024 * 1024;

/**
 * Writes the protobuf wire format. A submessage is written in place after one byte for its length; when it turns out
 * longer than 127 bytes it is moved up, which is cheap beside everything else that JSON costs.
 *
 * Buffer ownership: `finished` returns a view that is valid until the next `reset`.
 */
export class ProtobufWriter {
  private buffer: Buffer;
  private view: DataView;
  private pos = 0;

  constructor(private readonly initialBytes = 64 * 1024) {
    this.buffer = Buffer.alloc(initialBytes);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.byteLength);
  }

  /** Begins anew; a buffer that grew large is given back. */
  reset(): void {
    this.pos = 0;
    if (this.buffer.length > KEEP_BYTES) this.resize(this.initialBytes);
  }

  finished(): Uint8Array {
    return this.buffer.subarray(0, this.pos);
  }

  tag(field: number, wireType: number): void {
    this.varint((field << 3) | wireType, 0);
  }

  /** A varint of 64 bits, given in halves. */
  varint(lo: number, hi: number): void {
    this.reserve(10);
    const { buffer } = this;
    lo >>>= 0;
    hi >>>= 0;
    while (hi !== 0 || lo > 0x7f) {
      buffer[this.pos++] = (lo & 0x7f) | 0x80;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    buffer[this.pos++] = lo;
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.pos, value, true);
    this.pos += 4;
  }

  fixed64(lo: number, hi: number): void {
    this.fixed32(lo);
    this.fixed32(hi);
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** Length and bytes. */
  bytes(source: Uint8Array): void {
    this.varint(source.length, 0);
    this.raw(source);
  }

  /** Bytes that are encoded already. */
  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.buffer.set(source, this.pos);
    this.pos += source.length;
  }

  /** Length and UTF-8. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
  string(text: string): void {
    this.reserve(text.length * 3 + 5);
    const mark = this.beginDelimited();
    this.pos += this.buffer.write(text, this.pos, 'utf8');
    this.endDelimited(mark);
  }

  /** Begins a submessage whose length is not known yet; pass the result to `endDelimited`. */
  beginDelimited(): number {
    this.reserve(1);
    return this.pos++;
  }

  endDelimited(mark: number): void {
    const length = this.pos - mark - 1;
    if (length > 0x7f) {
      const extra = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
      this.reserve(extra);
      this.buffer.copyWithin(mark + 1 + extra, mark + 1, this.pos);
    }
    this.pos = mark;
    this.varint(length, 0);
    this.pos += length;
  }

  private reserve(count: number): void {
    if (this.pos + count <= this.buffer.length) return;
    this.resize(Math.max(this.pos + count, this.buffer.length * 2));
  }

  private resize(bytes: number): void {
    const buffer = Buffer.alloc(bytes);
    buffer.set(this.buffer.subarray(0, this.pos));
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
}
