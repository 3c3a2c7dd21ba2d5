import { constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync, type ZlibOptions } from 'node:zlib';
import { IngestError } from '../ingest-error.js';
import type { ContentCoding } from './content-coding.js';

/** RFC 9659: a content coding may ask for a window of 8 MiB at most. */
const ZSTD_MAX_WINDOW_LOG = 23;
/** What telemetry is compressed by at most; a bomb by ten times as much. */
const USUAL_MAX_RATIO = 100;
/** An exporter sends one. Each costs a decompressor, and the smallest has 9 bytes. */
const ZSTD_MAX_FRAMES = 64;
const SMALLEST_CHUNK_BYTES = 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * Inflates a whole body. Not more than `maxBytes` and one chunk is ever held, whatever it would inflate to.
 *
 * @throws IngestError `too_large`, `bad_data` (it does not inflate, or is cut short, or something follows it)
 */
export function inflate(body: Uint8Array, coding: ContentCoding, maxBytes: number): Uint8Array {
  if (body.length === 0) return body;
  try {
    switch (coding) {
      case 'identity':
        if (body.length > maxBytes) throw tooLarge(maxBytes);
        return body;
      case 'gzip':
        return gunzipSync(body, { maxOutputLength: maxBytes, chunkSize: gzipChunkBytes(body, maxBytes) });
      case 'zstd':
        return unzstd(body, maxBytes);
      case 'deflate':
        return undeflate(body, maxBytes);
    }
  } catch (error) {
    if (error instanceof IngestError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new IngestError('bad_data', `The body is not valid ${coding}: send it as Content-Encoding says`, undefined, {
      cause: error,
    });
  }
}

export function tooLarge(maxBytes: number): IngestError {
  return new IngestError('too_large', `The request is larger than ${maxBytes} bytes: send less at once`);
}

/**
 * A gzip member ends with its inflated size: the right chunk is inflated into once and not put together afterwards. Only
 * where the size is one that telemetry has: of a bomb, whose size is a lie or its purpose, no large chunk is left behind.
 */
function gzipChunkBytes(body: Uint8Array, maxBytes: number): number {
  const { buffer, byteOffset, length } = body;
  if (length < 18) return SMALLEST_CHUNK_BYTES;
  const told = new DataView(buffer, byteOffset, length).getUint32(length - 4, true) + 1;
  if (told > Math.max(CHUNK_BYTES, length * USUAL_MAX_RATIO)) return CHUNK_BYTES;
  return Math.max(SMALLEST_CHUNK_BYTES, Math.min(told, maxBytes + 1));
}

/** RFC 9110 section 8.4.1.2 means the zlib format; some senders leave its wrapper away. */
function undeflate(body: Uint8Array, maxBytes: number): Uint8Array {
  const hasWrapper = ((body[0] ?? 0) & 0x0f) === 8;
  const options = { maxOutputLength: maxBytes, chunkSize: CHUNK_BYTES };
  return whole(body, options, hasWrapper ? inflateSync : inflateRawSync).inflated;
}

/** A zstd body may have several frames; Node inflates one at a time. */
function unzstd(body: Uint8Array, maxBytes: number): Uint8Array {
  const frames: Uint8Array[] = [];
  let heldBytes = 0;
  for (let rest = body; rest.length > 0;) {
    const options = {
      maxOutputLength: maxBytes - heldBytes,
      chunkSize: CHUNK_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: ZSTD_MAX_WINDOW_LOG },
    };
    if (options.maxOutputLength < 1) throw tooLarge(maxBytes);
    const { inflated, usedBytes } = part(rest, options, zstdDecompressSync);
    if (usedBytes === 0) throw new IngestError('bad_data', 'The body is not valid zstd: it stops making sense');
    if (frames.push(inflated) > ZSTD_MAX_FRAMES) {
      throw new IngestError('bad_data', `The body has more than ${ZSTD_MAX_FRAMES} zstd frames: compress it as one`);
    }
    heldBytes += inflated.length;
    rest = rest.subarray(usedBytes);
  }
  const [only, second] = frames;
  return only !== undefined && second === undefined ? only : Buffer.concat(frames, heldBytes);
}

interface Part {
  readonly inflated: Uint8Array;
  /** Bytes of the body that were needed for it. */
  readonly usedBytes: number;
}

function whole(body: Uint8Array, options: ZlibOptions, decompress: (b: Uint8Array, o: ZlibOptions) => unknown): Part {
  const found = part(body, options, decompress);
  if (found.usedBytes < body.length) {
    throw new IngestError(
      'bad_data',
      `${body.length - found.usedBytes} bytes follow the compressed body: leave them away`,
    );
  }
  return found;
}

/** With `info`, Node tells how much of the input was used; its types do not know of that. */
function part<O extends object>(body: Uint8Array, options: O, decompress: (b: Uint8Array, o: O) => unknown): Part {
  const result = decompress(body, { ...options, info: true });
  if (
    typeof result === 'object' &&
    result !== null &&
    'buffer' in result &&
    result.buffer instanceof Uint8Array &&
    'engine' in result &&
    typeof result.engine === 'object' &&
    result.engine !== null &&
    'bytesWritten' in result.engine &&
    typeof result.engine.bytesWritten === 'number'
  ) {
    return { inflated: result.buffer, usedBytes: result.engine.bytesWritten };
  }
  throw new Error('zlib did not tell how much of its input it used');
}
