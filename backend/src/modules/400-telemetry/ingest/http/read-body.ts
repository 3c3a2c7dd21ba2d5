import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { constants, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { IngestError } from '../ingest-error.js';
import type { MemoryLease } from '../memory-budget.js';

export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'zstd';

export interface BodyLimits {
  /** Applies to the bytes on the wire and, again, to the inflated ones. */
  readonly maxBytes: number;
  /** From now to the last byte. */
  readonly timeoutMs: number;
}

/** RFC 9659: a content coding may ask for a window of 8 MiB at most. */
const ZSTD_MAX_WINDOW_LOG = 23;
const INFLATED_CHUNK_BYTES = 64 * 1024;
const CODINGS: ReadonlyMap<string, ContentCoding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
]);

/** @throws IngestError `unsupported_media` */
export function contentCoding(header: string | undefined): ContentCoding {
  const coding = CODINGS.get((header ?? '').trim().toLowerCase());
  if (coding !== undefined) return coding;
  throw new IngestError(
    'unsupported_media',
    `Content-Encoding ${header} is not supported: use gzip, zstd, deflate or none`,
  );
}

/**
 * Reads and inflates a body. However much it would inflate to, not more than the limit and one chunk is ever held, and
 * all of it is on the lease. The request is left open on failure, so that it can be answered.
 *
 * @throws IngestError `too_large`, `bad_data` (it does not inflate, it was cut short), `timeout`, `overloaded`
 */
export function readBody(
  req: IncomingMessage,
  coding: ContentCoding,
  limits: BodyLimits,
  lease: MemoryLease,
): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > limits.maxBytes) return Promise.reject(tooLarge(limits));
  return new Promise((resolve, reject) => {
    new BodyReader(req, coding, limits, lease).read(resolve, reject);
  });
}

function tooLarge(limits: BodyLimits): IngestError {
  return new IngestError('too_large', `The request is larger than ${limits.maxBytes} bytes: send less at once`);
}

class BodyReader {
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #wireBytes = 0;
  #inflater: Transform | undefined;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (body: Buffer) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    private readonly req: IncomingMessage,
    private readonly coding: ContentCoding,
    private readonly limits: BodyLimits,
    private readonly lease: MemoryLease,
  ) {}

  read(resolve: (body: Buffer) => void, reject: (error: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(
      () => this.#fail(new IngestError('timeout', 'The request came too slowly')),
      this.limits.timeoutMs,
    );
    this.req.on('data', this.#onWire).on('end', this.#onWireEnd).on('error', this.#onCut).on('close', this.#onCut);
  }

  readonly #onWire = (chunk: Buffer): void => {
    this.#wireBytes += chunk.length;
    if (this.#wireBytes > this.limits.maxBytes) return this.#fail(tooLarge(this.limits));
    if (this.coding === 'identity') return this.#hold(chunk);
    this.#inflater ??= this.#openInflater(chunk);
    if (!this.#inflater.write(chunk)) {
      this.req.pause();
      this.#inflater.once('drain', () => this.req.resume());
    }
  };

  readonly #onWireEnd = (): void => {
    if (this.#inflater === undefined) this.#finish();
    else this.#inflater.end();
  };

  readonly #onCut = (): void => {
    if (!this.req.complete) this.#fail(new IngestError('bad_data', 'The request was cut short'));
  };

  readonly #hold = (chunk: Buffer): void => {
    if (this.#settled) return;
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > this.limits.maxBytes) return this.#fail(tooLarge(this.limits));
    try {
      this.lease.grow(chunk.length);
    } catch (error) {
      return this.#fail(error);
    }
    this.#chunks.push(chunk);
  };

  #openInflater(firstChunk: Buffer): Transform {
    const inflater = inflaterOf(this.coding, firstChunk);
    inflater.on('data', this.#hold);
    inflater.on('end', () => this.#finish());
    inflater.on('error', (error) => {
      this.#fail(new IngestError('bad_data', `The body is not valid ${this.coding}`, undefined, { cause: error }));
    });
    return inflater;
  }

  #finish(): void {
    if (this.#settled) return;
    const [only, second] = this.#chunks;
    this.#settle();
    this.#resolve(only !== undefined && second === undefined ? only : Buffer.concat(this.#chunks, this.#heldBytes));
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#chunks = [];
    this.#reject(error);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#inflater?.destroy();
    this.req.off('data', this.#onWire).off('end', this.#onWireEnd).off('close', this.#onCut);
    // The 'error' listener stays: an error after this moment is of no interest, but must not be uncaught.
  }
}

function inflaterOf(coding: ContentCoding, firstChunk: Buffer): Transform {
  const chunkSize = INFLATED_CHUNK_BYTES;
  switch (coding) {
    case 'gzip':
      return createGunzip({ chunkSize });
    case 'zstd':
      return createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_MAX_WINDOW_LOG } });
    default: {
      // RFC 9110 section 8.4.1.2 means the zlib format; some senders leave its wrapper away.
      const hasWrapper = ((firstChunk[0] ?? 0) & 0x0f) === 8;
      return hasWrapper ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize });
    }
  }
}
