import type { Fingerprint } from '../wire/fingerprint.js';
import { writeDoubleText, writeInt64Text, writeSmallIntString } from '../wire/number-text.js';
import type { RowWriter } from '../wire/row-writer.js';
import { SPLIT_MESSAGE, type WireReader } from '../wire/wire-reader.js';
import { writeBase64 } from './base64.js';
import { JsonText } from './json-text.js';
import { StringReferences } from './string-references.js';

/*
 * AnyValue { oneof { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
 *            ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
 *            int32 string_value_strindex = 8; } }   for 8 see StringReferences
 */

/** Field number of the value that is set (0: none) to the type letter stored beside it. */
export const TYPE_LETTERS = Uint8Array.from('esbidjjy', (letter) => letter.charCodeAt(0));

export const NO_VALUE = 0;
export const STRING_VALUE = 1;
const BOOL_VALUE = 2;
const INT_VALUE = 3;
const DOUBLE_VALUE = 4;
const ARRAY_VALUE = 5;
const KVLIST_VALUE = 6;
const BYTES_VALUE = 7;

/** Finds and writes the value an AnyValue message holds. Positions refer to the attached body. */
export class AnyValueReader {
  /** What `parse` found: field number and payload range (a varint, 8 bytes, or the contents of a message). */
  kind = NO_VALUE;
  start = 0;
  end = 0;
  readonly references: StringReferences;
  private readonly json: JsonText;

  constructor(private readonly wire: WireReader) {
    this.references = new StringReferences(wire);
    this.json = new JsonText(wire, this.references);
  }

  /** True once a value nested deeper than MAX_DEPTH was met since the last `resetDepth`. */
  get tooDeep(): boolean {
    return this.json.tooDeep;
  }

  resetDepth(): void {
    this.json.tooDeep = false;
  }

  /** Reads the AnyValue at [p, end): the last member of the oneof wins. */
  parse(p: number, end: number): void {
    const { wire } = this;
    this.kind = NO_VALUE;
    this.start = this.end = p;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x0a:
        case 0x3a:
          this.start = wire.open(p, end);
          p = wire.limit;
          break;
        case 0x2a:
        case 0x32:
          if (this.kind === tag >>> 3) throw SPLIT_MESSAGE;
          this.start = wire.open(p, end);
          p = wire.limit;
          break;
        case 0x10:
        case 0x18:
          this.start = p;
          p = wire.varint(p, end);
          break;
        case 0x21:
          this.start = p;
          p = wire.fixed(p, end, 8);
          break;
        default:
          p = this.references.skipInValue(tag, p, end);
          continue;
      }
      this.kind = tag >>> 3;
      this.end = p;
    }
  }

  /** Writes a value found earlier as a RowBinary string of its text. Room for it as for its encoded size is reserved. */
  write(out: RowWriter, kind: number, start: number, end: number): void {
    switch (kind) {
      case STRING_VALUE:
        if (end - start < 0x80) out.string(this.wire, start, end);
        else out.longString(this.wire, start, end);
        return;
      case BOOL_VALUE:
        this.wire.varint(start, end);
        this.short(out, (this.wire.lo | this.wire.hi) !== 0 ? 'true' : 'false');
        return;
      case INT_VALUE: {
        this.wire.varint(start, end);
        if (this.wire.hi === 0 && this.wire.lo >= 0 && this.wire.lo < 1000) {
          writeSmallIntString(out, this.wire.lo);
          return;
        }
        const at = out.pos++;
        writeInt64Text(out, this.wire.lo, this.wire.hi);
        out.bytes[at] = out.pos - at - 1;
        return;
      }
      case DOUBLE_VALUE: {
        const at = out.pos++;
        writeDoubleText(out, this.wire.view, start);
        out.bytes[at] = out.pos - at - 1;
        return;
      }
      case ARRAY_VALUE:
      case KVLIST_VALUE:
        this.json.write(out, kind === ARRAY_VALUE, start, end);
        return;
      case BYTES_VALUE:
        out.varint(Math.ceil((end - start) / 3) * 4);
        writeBase64(out, this.wire.bytes, start, end);
        return;
      default:
        out.u8(0);
    }
  }

  /**
   * Adds a value found earlier to a hash, by what it means and not by how it was encoded: integers by value, nested
   * values by their JSON text.
   */
  fingerprint(hash: Fingerprint, kind: number, start: number, end: number): void {
    const { wire, json } = this;
    switch (kind) {
      case NO_VALUE:
        return;
      case BOOL_VALUE:
        wire.varint(start, end);
        hash.word((wire.lo | wire.hi) === 0 ? 0 : 1);
        return;
      case INT_VALUE:
        wire.varint(start, end);
        hash.word(wire.lo);
        hash.word(wire.hi);
        return;
      case ARRAY_VALUE:
      case KVLIST_VALUE:
        json.render(kind === ARRAY_VALUE, start, end);
        hash.range(json.text, 0, json.text.pos);
        return;
      default:
        hash.range(wire, start, end);
    }
  }

  private short(out: RowWriter, text: string): void {
    out.u8(text.length);
    out.ascii(text);
  }
}
