import type { Encoding, Signal, TranscodeOptions, TranscodeResult } from './api.js';
import { Batch } from './batch.js';
import { RequestWalker, type ItemDecoder } from './envelope/request.js';
import { RequestEncoder } from './json/encode-request.js';
import { parseJson } from './json/parse-json.js';
import { LogRecordDecoder } from './logs/log-record.js';
import { MetricDecoder } from './metrics/metric.js';
import { REQUESTS } from './schema/otlp.js';
import { SpanDecoder } from './traces/span.js';
import { mergeSplitMessages } from './wire/merge-split.js';
import { SPLIT_MESSAGE } from './wire/wire-reader.js';

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
  private readonly jsonEncoder = new RequestEncoder();
  private readonly decoders: Readonly<Record<Signal, ItemDecoder>> = {
    traces: new SpanDecoder(this.batch, this.walker.scope),
    logs: new LogRecordDecoder(this.batch, this.walker.scope),
    metrics: new MetricDecoder(this.batch, this.walker),
  };

  /**
   * Transcodes one request body. Items that cannot be stored are counted in the result and cost the rest nothing.
   *
   * @throws OtlpDecodeError when the body is malformed; then nothing was added to `options.identities`
   */
  transcode(signal: Signal, encoding: Encoding, body: Uint8Array, options: TranscodeOptions): TranscodeResult {
    const { batch } = this;
    const request = encoding === 'json' ? this.jsonEncoder.encode(signal, parseJson(body)) : body;
    try {
      this.run(signal, request, options);
      batch.commit(options.identities);
      const { accepted, rejected, rejections, warnings, services } = batch;
      return { blocks: batch.blocks(), accepted, rejected, rejections, warnings, services };
    } finally {
      batch.wire.detach();
    }
  }

  private run(signal: Signal, request: Uint8Array, options: TranscodeOptions): void {
    try {
      this.batch.begin(request, options);
      this.walker.walk(this.decoders[signal]);
    } catch (error) {
      if (error !== SPLIT_MESSAGE) throw error;
      this.batch.begin(mergeSplitMessages(REQUESTS[signal], request), options);
      this.walker.walk(this.decoders[signal]);
    }
  }
}
