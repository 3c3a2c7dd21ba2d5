import type { Encoding, Signal, TranscodeOptions, TranscodeResult } from './api.js';
import { Batch } from './batch.js';
import { RequestWalker, type ItemDecoder } from './envelope/request.js';
import { SpanDecoder } from './traces/span.js';

/**
 * OTLP export requests to RowBinary blocks, one per table, in the column order of TABLES.
 *
 * A Transcoder owns its buffers and reuses them: the blocks of a result are valid until its next `transcode`. It is
 * synchronous and not reentrant; use one per thread. The body is only read, and not kept.
 *
 * Strings are copied as bytes, so a string that is not valid UTF-8 is stored as it was sent; readers decode it with
 * replacement characters.
 */
export class Transcoder {
  private readonly batch = new Batch();
  private readonly walker = new RequestWalker(this.batch);
  private readonly decoders: Readonly<Record<Signal, ItemDecoder>>;

  constructor() {
    const { batch } = this;
    const { scope } = this.walker;
    const spans = new SpanDecoder(batch, scope);
    this.decoders = { traces: spans, logs: spans, metrics: spans };
  }

  /**
   * @throws OtlpDecodeError when the body is malformed; then nothing was added to `options.identities`
   */
  transcode(signal: Signal, encoding: Encoding, body: Uint8Array, options: TranscodeOptions): TranscodeResult {
    const { batch } = this;
    void encoding;
    batch.begin(body, options);
    this.walker.walk(this.decoders[signal]);
    batch.commit(options.identities);
    const { accepted, rejected, rejections, services } = batch;
    return { blocks: batch.blocks(), accepted, rejected, rejections, services };
  }
}
