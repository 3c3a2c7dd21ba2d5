import type { WireReader } from '../wire/wire-reader.js';

const VALUE_KNOWN = 0b11111110;
const PAIR_KNOWN = 0b110;
/** AnyValue.string_value_strindex = 8, as a varint. */
const VALUE_REFERENCE_TAG = 0x40;
/** KeyValue.key_strindex = 3, as a varint. */
const PAIR_REFERENCE_TAG = 0x18;

/**
 * Skips the fields of AnyValue and KeyValue that nobody reads, and notes references into a string table among them:
 * only profiles have such a table, so elsewhere what is referred to is absent, and its sender is to be told.
 */
export class StringReferences {
  /** True once a reference was skipped. */
  met = false;

  constructor(private readonly wire: WireReader) {}

  /** As {@link WireReader.skip}, in an AnyValue. */
  skipInValue(tag: number, p: number, end: number): number {
    const next = this.wire.skip(tag, p, end, VALUE_KNOWN, 'AnyValue');
    if (tag === VALUE_REFERENCE_TAG) this.met = true;
    return next;
  }

  /** As {@link WireReader.skip}, in a KeyValue. Index 0 says that there is no reference. */
  skipInPair(tag: number, p: number, end: number): number {
    const { wire } = this;
    const next = wire.skip(tag, p, end, PAIR_KNOWN, 'KeyValue');
    if (tag === PAIR_REFERENCE_TAG && (wire.lo | wire.hi) !== 0) this.met = true;
    return next;
  }
}
