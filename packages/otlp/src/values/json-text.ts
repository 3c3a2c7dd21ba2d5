import { writeDoubleText, writeInt64Text } from '../wire/number-text.js';
import { RowWriter } from '../wire/row-writer.js';
import { SPLIT_MESSAGE, type WireReader } from '../wire/wire-reader.js';
import { writeBase64 } from './base64.js';
import type { StringReferences } from './string-references.js';

/*
 * ArrayValue   { repeated AnyValue values = 1; }
 * KeyValueList { repeated KeyValue values = 1; }
 * KeyValue     { string key = 1; AnyValue value = 2; int32 key_strindex = 3; }   for 3 see StringReferences
 */
const LIST_KNOWN = 0b10;

/** An attribute's value may nest arrays and key-value lists this deep; its own level is 1. */
export const MAX_DEPTH = 64;

/**
 * Writes nested attribute values as compact natural JSON: strings, booleans, null for an empty value, base64 strings
 * for bytes, 64-bit integers as bare digits, NaN and the infinities as strings. Pairs keep their order; a repeated key
 * is repeated. Strings that are not valid UTF-8 keep their bytes.
 *
 * A value deeper than MAX_DEPTH becomes null and sets `tooDeep`.
 */
export class JsonText {
  tooDeep = false;
  /** The text is built here, because a RowBinary string starts with its length. Reused; reserved token by token. */
  readonly text = new RowWriter(4096);
  /** What `openValue` and `openPair` found. */
  private kind = 0;
  private start = 0;
  private end = 0;
  private keyStart = 0;
  private keyEnd = 0;

  constructor(
    private readonly wire: WireReader,
    private readonly references: StringReferences,
  ) {}

  /** Writes the contents of an ArrayValue or KeyValueList at [start, end) as a RowBinary string. */
  write(out: RowWriter, isArray: boolean, start: number, end: number): void {
    const { text } = this;
    this.render(isArray, start, end);
    out.expand(text.pos + 5);
    out.varint(text.pos);
    out.copy(text, 0, text.pos);
  }

  /** Leaves the text, without a length, in `text`. */
  render(isArray: boolean, start: number, end: number): void {
    this.text.reset();
    if (isArray) this.array(start, end, 1);
    else this.object(start, end, 1);
  }

  private array(p: number, end: number, depth: number): void {
    const { text, wire } = this;
    text.reserve(2);
    text.u8(0x5b);
    let first = true;
    while (p < end) {
      wire.next = p;
      if (!this.nextElement(end)) {
        p = wire.next;
        continue;
      }
      const stop = wire.limit;
      this.comma(first);
      first = false;
      this.value(wire.next, stop, depth + 1);
      p = stop;
    }
    text.reserve(1);
    text.u8(0x5d);
  }

  private object(p: number, end: number, depth: number): void {
    const { text, wire } = this;
    text.reserve(2);
    text.u8(0x7b);
    let first = true;
    while (p < end) {
      wire.next = p;
      if (!this.nextElement(end)) {
        p = wire.next;
        continue;
      }
      const stop = wire.limit;
      this.comma(first);
      first = false;
      this.openPair(wire.next, stop);
      const { start, end: valueEnd } = this;
      this.quoted(this.keyStart, this.keyEnd);
      text.reserve(1);
      text.u8(0x3a);
      this.value(start, valueEnd, depth + 1);
      p = stop;
    }
    text.reserve(1);
    text.u8(0x7d);
  }

  /** At wire.next: opens the next list element (start in wire.next, end in wire.limit), or skips an unknown field. */
  private nextElement(end: number): boolean {
    const { wire } = this;
    let p = wire.next;
    let tag = wire.bytes[p++];
    if (tag > 0x7f) {
      tag = wire.longTag(p - 1, end);
      p = wire.next;
    }
    if (tag === 0x0a) {
      wire.next = wire.open(p, end);
      return true;
    }
    wire.next = wire.skip(tag, p, end, LIST_KNOWN, 'ArrayValue');
    return false;
  }

  private openPair(p: number, end: number): void {
    const { wire } = this;
    this.keyStart = this.keyEnd = p;
    let start = p;
    let valueEnd = p;
    let seen = false;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag === 0x0a) {
        this.keyStart = wire.open(p, end);
        this.keyEnd = p = wire.limit;
      } else if (tag === 0x12) {
        if (seen) throw SPLIT_MESSAGE;
        seen = true;
        start = wire.open(p, end);
        valueEnd = p = wire.limit;
      } else {
        p = this.references.skipInPair(tag, p, end);
      }
    }
    this.start = start;
    this.end = valueEnd;
  }

  private value(p: number, end: number, depth: number): void {
    const { text } = this;
    if (depth > MAX_DEPTH) {
      this.tooDeep = true;
      text.reserve(4);
      text.ascii('null');
      return;
    }
    this.openValue(p, end);
    const { kind, start, end: stop, wire } = this;
    switch (kind) {
      case 1:
        this.quoted(start, stop);
        return;
      case 5:
        this.array(start, stop, depth);
        return;
      case 6:
        this.object(start, stop, depth);
        return;
      case 7:
        text.reserve(Math.ceil((stop - start) / 3) * 4 + 2);
        text.u8(0x22);
        writeBase64(text, wire.bytes, start, stop);
        text.u8(0x22);
        return;
      default:
        text.reserve(32);
        this.scalar(kind, start, stop);
    }
  }

  private scalar(kind: number, start: number, end: number): void {
    const { text, wire } = this;
    if (kind === 2) {
      wire.varint(start, end);
      text.ascii((wire.lo | wire.hi) !== 0 ? 'true' : 'false');
    } else if (kind === 3) {
      wire.varint(start, end);
      writeInt64Text(text, wire.lo, wire.hi);
    } else if (kind === 4) {
      const value = wire.view.getFloat64(start, true);
      if (Number.isFinite(value)) writeDoubleText(text, wire.view, start);
      else text.ascii(`"${value}"`);
    } else {
      text.ascii('null');
    }
  }

  /** As AnyValueReader.parse; apart, so that nesting does not disturb the attribute that is being read. */
  private openValue(p: number, end: number): void {
    const { wire } = this;
    let kind = 0;
    let start = p;
    let stop = p;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      const field = tag >>> 3;
      if (tag === 0x0a || tag === 0x2a || tag === 0x32 || tag === 0x3a) {
        if (field === kind && (tag === 0x2a || tag === 0x32)) throw SPLIT_MESSAGE;
        start = wire.open(p, end);
        p = wire.limit;
      } else if (tag === 0x10 || tag === 0x18) {
        start = p;
        p = wire.varint(p, end);
      } else if (tag === 0x21) {
        start = p;
        p = wire.fixed(p, end, 8);
      } else {
        p = this.references.skipInValue(tag, p, end);
        continue;
      }
      kind = field;
      stop = p;
    }
    this.kind = kind;
    this.start = start;
    this.end = stop;
  }

  private comma(first: boolean): void {
    if (first) return;
    this.text.reserve(1);
    this.text.u8(0x2c);
  }

  private quoted(start: number, end: number): void {
    const { text } = this;
    const source = this.wire.bytes;
    text.reserve((end - start) * 6 + 2);
    const target = text.bytes;
    let { pos } = text;
    target[pos++] = 0x22;
    for (let p = start; p < end; p++) {
      const byte = source[p];
      if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) {
        target[pos++] = byte;
        continue;
      }
      target[pos++] = 0x5c;
      const short = SHORT_ESCAPES[byte];
      if (short !== 0) {
        target[pos++] = short;
        continue;
      }
      target[pos++] = 0x75;
      target[pos++] = 0x30;
      target[pos++] = 0x30;
      target[pos++] = HEX[byte >>> 4];
      target[pos++] = HEX[byte & 15];
    }
    target[pos] = 0x22;
    text.pos = pos + 1;
  }
}

const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));
/** Byte to the letter after the backslash, as JSON.stringify has it; 0: \u00xx. */
const SHORT_ESCAPES = new Uint8Array(128);
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
] as const) {
  SHORT_ESCAPES[byte] = letter.charCodeAt(0);
}
