import { OtlpDecodeError, SegmentIdentities, Transcoder } from '@telemetryflow/otlp';
import type { Encoding, Signal, TranscodeResult } from '@telemetryflow/otlp';
import { IngestError } from '../ingest-error.js';
import type { ContentCoding } from './content-coding.js';
import { inflate } from './inflate.js';
import { assertJsonFits } from './json-weight.js';

const FREED_FROM_BYTES = 1024 * 1024;

/** A request body as it came, and what its rows need to know. */
export interface EncodedBody {
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly coding: ContentCoding;
  readonly body: Uint8Array;
  /** 16 bytes as the rows hold them. */
  readonly tenantId: Uint8Array;
  readonly receivedAtMs: number;
}

export interface DecodeLimits {
  /** Of a body, inflated. */
  readonly maxBytes: number;
  /** Items whose time is further back are refused. */
  readonly maxPastMs: number;
  readonly maxFutureMs: number;
}

export interface DecodedBody extends TranscodeResult {
  /** After inflating. */
  readonly bodyBytes: number;
}

/** Bodies to rows, on the thread that it is made on. What it returns is valid until its next `decode`. */
export class BodyDecoder {
  /** What the segment holds that the rows go into. Clear it when that is another one. */
  readonly identities = new SegmentIdentities();
  readonly #transcoder = new Transcoder();

  constructor(private readonly limits: DecodeLimits) {}

  /**
   * @param maxBytes a lower limit than the usual one
   * @throws IngestError `too_large`, `bad_data`; then the identities are as before
   */
  decode(encoded: EncodedBody, maxBytes = this.limits.maxBytes): DecodedBody {
    const { maxPastMs, maxFutureMs } = this.limits;
    const { signal, encoding, coding, tenantId, receivedAtMs } = encoded;
    const body = inflate(encoded.body, coding, Math.min(maxBytes, this.limits.maxBytes));
    const { identities } = this;
    try {
      if (encoding === 'json') assertJsonFits(body);
      const result = this.#transcoder.transcode(signal, encoding, body, {
        tenantId,
        receivedAtMs,
        identities,
        maxPastMs,
        maxFutureMs,
      });
      return { ...result, bodyBytes: body.length };
    } catch (error) {
      if (error instanceof OtlpDecodeError) {
        throw new IngestError('bad_data', error.message, undefined, { cause: error });
      }
      throw error;
    } finally {
      if (body !== encoded.body) free(body);
    }
  }
}

/**
 * Large memory that nothing refers to any more. The collector of a busy thread comes late: many bodies of the largest size
 * would lie there for a while.
 */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= FREED_FROM_BYTES) buffer.transfer(0);
}
