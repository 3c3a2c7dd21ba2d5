import { OtlpDecodeError } from '../errors.js';

/** Thrown when a singular submessage occurs twice: the caller merges the parts (see merge-split.ts) and starts over. */
export const SPLIT_MESSAGE = new Error('a submessage is split');

/** Room behind a copied body for reading by the word. */
const OVERREAD = 16;

/**
 * Reads the protobuf wire format by offset. It keeps no position: callers hold offsets in locals and pass the end of
 * the message they are in; what a call finds beside its result is left in a field until the next call.
 *
 * Buffer ownership: `bytes` is the caller's request body (or a copy of it), read only, and used only until the transcode
 * that attached it returns. Every offset handed out is inside `bytes`: each read checks against `end`, and
 * `open` checks a payload's end against its parent's.
 *
 * Refused as OtlpDecodeError: a value that runs over its message's end, a varint over 10 bytes or 64 bits, field
 * number 0, a group, a known field with a foreign wire type. Unknown fields are skipped.
 */
export class WireReader {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** End of the body; `bytes` may be longer. */
  size = 0;
  /** End of the payload that `open` opened last. */
  limit = 0;
  /** Offset after the tag that `longTag` read last. */
  next = 0;
  /** The halves of the integer that `varint` read last, as signed 32-bit integers. */
  lo = 0;
  hi = 0;

  private readonly ownBytes: Uint8Array;
  private readonly ownView: DataView;

  /** @param copyBytes bodies up to this size are copied into a buffer that stays: cheaper than two views per request */
  constructor(private readonly copyBytes = 0) {
    this.ownBytes = new Uint8Array(copyBytes === 0 ? 0 : copyBytes + OVERREAD);
    this.ownView = new DataView(this.ownBytes.buffer);
  }

  attach(body: Uint8Array): void {
    this.size = body.length;
    if (body.length <= this.copyBytes) {
      this.ownBytes.set(body);
      this.bytes = this.ownBytes;
      this.view = this.ownView;
      return;
    }
    // A plain Uint8Array whatever the caller passes: one hidden class on the hot path.
    this.bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    this.view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  detach(): void {
    this.bytes = this.ownBytes;
    this.view = this.ownView;
    this.size = 0;
  }

  /** Opens the length-delimited payload at `p`: returns its start, leaves its end in `limit`. */
  open(p: number, end: number): number {
    const { bytes } = this;
    let length = p < end ? bytes[p] : 0x80;
    let start = p + 1;
    if (length > 0x7f) {
      // Two bytes here, the rest apart: what is called seldom is not inlined, so that this is.
      if (start >= end || bytes[start] > 0x7f) return this.openLong(p, end);
      length = (length & 0x7f) | (bytes[start++] << 7);
    }
    if (length > end - start) throw truncated(p);
    this.limit = start + length;
    return start;
  }

  private openLong(p: number, end: number): number {
    const start = this.varint(p, end);
    const length = this.lo >>> 0;
    if (this.hi !== 0 || length > end - start) throw truncated(p);
    this.limit = start + length;
    return start;
  }

  /** Reads a varint of up to 64 bits into `lo` and `hi`; returns the offset after it. */
  varint(p: number, end: number): number {
    if (p < end) {
      const first = this.bytes[p];
      if (first < 0x80) {
        this.lo = first;
        this.hi = 0;
        return p + 1;
      }
      if (p + 1 < end && this.bytes[p + 1] < 0x80) {
        this.lo = (first & 0x7f) | (this.bytes[p + 1] << 7);
        this.hi = 0;
        return p + 2;
      }
    }
    return this.longVarint(p, end);
  }

  private longVarint(p: number, end: number): number {
    const { bytes } = this;
    // Three bytes: integers up to two million, which most are that take more than two.
    if (p + 2 < end && bytes[p + 2] < 0x80) {
      this.lo = (bytes[p] & 0x7f) | ((bytes[p + 1] & 0x7f) << 7) | (bytes[p + 2] << 14);
      this.hi = 0;
      return p + 3;
    }
    let lo = 0;
    let hi = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (p >= end) throw truncated(p);
      const byte = bytes[p++];
      const bits = byte & 0x7f;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else {
        if (shift === 63 && byte > 1) break;
        hi |= bits << (shift - 32);
      }
      if (byte < 0x80) {
        this.lo = lo;
        this.hi = hi;
        return p;
      }
    }
    throw new OtlpDecodeError(`varint longer than 64 bits before byte ${p}`);
  }

  /** A varint as an unsigned 32-bit value (higher bits cut off, as protobuf does); the offset after it is in `next`. */
  uint32(p: number, end: number): number {
    this.next = this.varint(p, end);
    return this.lo >>> 0;
  }

  /** Reads a tag of any length at `p`; the offset after it is in `next`. */
  longTag(p: number, end: number): number {
    this.next = this.varint(p, end);
    if (this.hi !== 0) throw new OtlpDecodeError(`field number out of range at byte ${p}`);
    return this.lo >>> 0;
  }

  /** The offset after a value of fixed width at `p`. */
  fixed(p: number, end: number, width: number): number {
    if (p + width > end) throw truncated(p);
    return p + width;
  }

  /**
   * Skips the field of `tag` whose value is at `p`; returns the offset after it.
   *
   * @param known bit n set: field n belongs to `message`, so being here means that its wire type is wrong
   */
  skip(tag: number, p: number, end: number, known: number, message: string): number {
    const field = tag >>> 3;
    if (field === 0) throw new OtlpDecodeError(`field number 0 before byte ${p}`, message);
    if (field < 32 && ((known >>> field) & 1) === 1) {
      throw new OtlpDecodeError(`field ${field} of ${message} has wire type ${tag & 7} before byte ${p}`, message);
    }
    switch (tag & 7) {
      case 0:
        return this.varint(p, end);
      case 1:
        return this.fixed(p, end, 8);
      case 2:
        this.open(p, end);
        return this.limit;
      case 5:
        return this.fixed(p, end, 4);
      default:
        throw new OtlpDecodeError(`wire type ${tag & 7} (a group or unknown) before byte ${p}`, message);
    }
  }

  /** Text of a byte range; for the few strings that are needed once per request or on slow paths. */
  text(start: number, end: number, encoding: 'utf8' | 'latin1' = 'utf8'): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString(encoding);
  }
}

function truncated(p: number): OtlpDecodeError {
  return new OtlpDecodeError(`truncated: the value at byte ${p} runs over the end of its message`);
}
