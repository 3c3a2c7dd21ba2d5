import { IngestError } from '../ingest-error.js';

/** What parsing a body may take of the heap: what goes beyond the heap takes the whole process with it. */
const HEAP_MAX_BYTES = 768 * 1024 * 1024;
/** Of V8 with pointers of 8 bytes: an empty object, an empty array, a member's place, a string's head. */
const OBJECT_BYTES = 64;
const ARRAY_BYTES = 40;
const MEMBER_BYTES = 16;
const STRING_BYTES = 24;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Refuses JSON whose values would take far more memory than its text: `[{},{},…]` takes twenty times as much. What
 * exporters send takes three to five times as much, so a body of 64 MiB passes.
 *
 * @throws IngestError `too_large`
 */
export function assertJsonFits(body: Uint8Array, heapMaxBytes = HEAP_MAX_BYTES): void {
  // The worst: every third byte begins an object.
  if (body.length * ((OBJECT_BYTES + MEMBER_BYTES) / 3) <= heapMaxBytes) return;
  let bytes = body.length;
  let isText = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) {
      isText = !isText;
      if (isText) bytes += STRING_BYTES;
    } else if (isText) {
      if (byte === BACKSLASH) i += 1;
    } else if (byte === BRACE) bytes += OBJECT_BYTES;
    else if (byte === BRACKET) bytes += ARRAY_BYTES;
    else if (byte === COMMA) bytes += MEMBER_BYTES;
  }
  if (bytes > heapMaxBytes) {
    throw new IngestError('too_large', 'The JSON has too many values for its size: send less at once, or protobuf');
  }
}
