import type { RowWriter } from '../wire/row-writer.js';
import type { WireReader } from '../wire/wire-reader.js';

/** Values of the value_kind columns. */
const KIND_DOUBLE = 0;
const KIND_INT = 1;
const KIND_NONE = 2;

/** The oneof of a number point or an exemplar, `as_double` or `as_int`, both 8 bytes; the later one in the bytes wins. */
export class NumberValue {
  private kind = KIND_NONE;
  private at = 0;

  constructor(private readonly wire: WireReader) {}

  clear(): void {
    this.kind = KIND_NONE;
  }

  setDouble(at: number): void {
    this.kind = KIND_DOUBLE;
    this.at = at;
  }

  setInt(at: number): void {
    this.kind = KIND_INT;
    this.at = at;
  }

  get isPresent(): boolean {
    return this.kind !== KIND_NONE;
  }

  get isNegative(): boolean {
    const { view } = this.wire;
    if (this.kind === KIND_INT) return view.getInt32(this.at + 4, true) < 0;
    return this.kind === KIND_DOUBLE && view.getFloat64(this.at, true) < 0;
  }

  /** Writes the columns value, value_int, value_kind: an integer's exact bits beside its nearest double. */
  write(out: RowWriter): void {
    const { view } = this.wire;
    if (this.kind === KIND_INT) {
      const lo = view.getInt32(this.at, true);
      const hi = view.getInt32(this.at + 4, true);
      out.f64(hi * 4294967296 + (lo >>> 0));
      out.u64(lo, hi);
    } else if (this.kind === KIND_DOUBLE) {
      out.copy8(view, this.at);
      out.u64(0, 0);
    } else {
      out.zeros(16);
    }
    out.u8(this.kind);
  }
}
