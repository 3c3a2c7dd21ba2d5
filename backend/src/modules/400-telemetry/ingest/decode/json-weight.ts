import { IngestError } from '../ingest-error.js';

/** What parsing a body may take of the heap: what goes beyond the heap takes the whole process with it. */
const HEAP_MAX_BYTES = 768 * 1024 * 1024;
/** Of V8 with pointers of 8 bytes: an empty object, an empty array, a member's place, a string's head. */
const OBJECT_BYTES = 64;
const ARRAY_BYTES = 40;
const MEMBER_BYTES = 16;
const STRING_BYTES = 24;
/**
 * When the text has integers that a double cannot hold, parsing keeps the source of every value until its end: per value
 * some 250 bytes at the peak, of a heap of twice HEAP_MAX_BYTES.
 */
const SOURCED_VALUE_BYTES = 128;
const WIDE_DIGITS = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;

/**
 * Refuses JSON whose values would take far more memory than its text: `[{},{},…]` takes twenty times as much. What
 * exporters send takes three to five times as much, so a body of 64 MiB passes.
 *
 * @throws IngestError `too_large`
 */
export function assertJsonFits(body: Uint8Array, heapMaxBytes = HEAP_MAX_BYTES): void {
  // The worst: every other byte ends a value.
  if ((body.length * SOURCED_VALUE_BYTES) / 2 <= heapMaxBytes) return;
  let bytes = body.length;
  let values = 0;
  let isText = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) {
      isText = !isText;
      if (isText) bytes += STRING_BYTES;
    } else if (isText) {
      if (byte === BACKSLASH) i += 1;
    } else if (byte === BRACE || byte === BRACKET || byte === COMMA) {
      values += 1;
      bytes += byte === BRACE ? OBJECT_BYTES : byte === BRACKET ? ARRAY_BYTES : MEMBER_BYTES;
    }
  }
  const sourced = body.length + values * SOURCED_VALUE_BYTES;
  if (bytes > heapMaxBytes || (sourced > heapMaxBytes && hasWideInteger(body))) {
    throw new IngestError('too_large', 'The JSON has too many values for its size: send less at once, or protobuf');
  }
}

/** Whether the parser will find an integer of 16 digits or more that stands unquoted, or text that looks like one. */
function hasWideInteger(body: Uint8Array): boolean {
  let isOpen = false;
  let digits = 0;
  for (const byte of body) {
    if (byte === COLON || byte === COMMA || byte === BRACKET) {
      isOpen = true;
      digits = 0;
    } else if (!isOpen) continue;
    else if (byte >= ZERO && byte <= NINE) {
      digits += 1;
      if (digits === WIDE_DIGITS) return true;
    } // White space, of which Unicode has more.
    else if (digits > 0 || (byte > SPACE && byte < 0x80 && byte !== MINUS)) isOpen = false;
  }
  return false;
}
