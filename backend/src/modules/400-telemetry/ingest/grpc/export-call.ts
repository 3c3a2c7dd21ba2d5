import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { encodeExportResponse, encodeStatus, type Signal } from '@telemetryflow/otlp';
import type { IngestAuthenticator, IngestHeaders } from '../auth/ingest-authenticator.js';
import { singleValuedHeaders } from '../auth/single-valued-headers.js';
import type { Deadline, Deadlines } from '../deadlines.js';
import { codingOf, type ContentCoding } from '../decode/content-coding.js';
import { IngestError, OverloadedError, statusOf } from '../ingest-error.js';
import type { IngestLogger } from '../ingest-logger.js';
import { partialSuccess, type IngestOutcome } from '../ingest-outcome.js';
import type { IngestStats, Sender } from '../ingest-stats.js';
import type { Ingest } from '../ingest.js';
import type { MemoryBudget, MemoryLease } from '../memory-budget.js';
import { MessageReader } from './message-reader.js';
import { encodeBinary, encodeMessage, GRPC_OK, GRPC_UNIMPLEMENTED, single, timeoutMs } from './metadata.js';

export const GRPC_CONTENT_TYPE = 'application/grpc';
const ACCEPT_ENCODING = 'identity,gzip,deflate,zstd';
/** How long a message waits for memory before its call is sent away. */
const PATIENCE_FOR_MEMORY_MS = 2_000;
const NO_COMPRESSION_FLAG = 0;

export interface CallLimits {
  /** Applies to a message as it comes and, again, inflated. */
  readonly maxMessageBytes: number;
  /** From the headers to the end of the message. */
  readonly messageTimeoutMs: number;
  /** From the answer to its being taken. */
  readonly answerTimeoutMs: number;
  /** Bytes that a client may send before any of them is looked at: they are on the budget from the start. */
  readonly windowBytes: number;
}

export interface CallOptions {
  readonly ingest: Ingest;
  readonly authenticator: IngestAuthenticator;
  readonly stats: IngestStats;
  readonly budget: MemoryBudget;
  readonly deadlines: Deadlines;
  readonly limits: CallLimits;
  readonly logger: IngestLogger;
}

const OK_HEADERS: OutgoingHttpHeaders = {
  ':status': 200,
  'content-type': GRPC_CONTENT_TYPE,
  'grpc-accept-encoding': ACCEPT_ENCODING,
};
const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': String(GRPC_OK) };

/** Answers with a status and no message ("Trailers-Only"), and lets the client stop sending. */
export function answerStatus(stream: ServerHttp2Stream, code: number, message: string, details?: Uint8Array): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ...OK_HEADERS,
      'grpc-status': String(code),
      'grpc-message': encodeMessage(message),
      ...(details === undefined ? {} : { 'grpc-status-details-bin': encodeBinary(details) }),
    },
    { endStream: true },
  );
  stop(stream);
}

/** Once the answer is out: nothing that the client still sends is wanted (RFC 9113 section 8.1). */
export function stop(stream: ServerHttp2Stream): void {
  stream.resume();
  if (!stream.readableEnded && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
}

/** One unary Export call, from its headers to its status. */
export class ExportCall {
  readonly #startedAtMs = performance.now();
  readonly #lease: MemoryLease;
  /** Once the call is let in. */
  #sender: Sender | undefined;
  #deadline: Deadline | undefined;
  /** While the message waits for memory. */
  #patience: Deadline | undefined;
  #failMessage: ((error: IngestError) => void) | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly signal: Signal,
    private readonly options: CallOptions,
  ) {
    this.#lease = options.budget.lease();
  }

  /** Never rejects. */
  async run(headers: IngestHeaders, remoteAddress: string): Promise<void> {
    try {
      this.#answer(await this.#take(headers, remoteAddress));
    } catch (error) {
      this.#refuse(this.#asIngestError(error));
    } finally {
      this.#lease.release();
      this.#deadline?.clear();
      this.#patience?.clear();
      this.#expectAnswerTaken();
    }
  }

  async #take(headers: IngestHeaders, remoteAddress: string): Promise<IngestOutcome> {
    const { ingest, authenticator, limits } = this.options;
    this.#lease.grow(limits.windowBytes);
    const giveUpAtMs = performance.now() + (timeoutMs(single(headers['grpc-timeout'])) ?? Number.POSITIVE_INFINITY);
    const coding = messageCoding(single(headers['grpc-encoding']));
    const own = singleValuedHeaders(headers);
    const principal = await authenticator.authenticate(own, remoteAddress);
    const address = authenticator.addressOf?.(own, remoteAddress) ?? remoteAddress;
    this.#sender = { apiKeyId: principal.apiKeyId, address };
    ingest.admit(principal, this.signal);
    this.#lease.assign(principal.organizationId);
    const message = await this.#message(giveUpAtMs);
    if (message.compressed && coding === 'identity') {
      throw new IngestError('bad_data', 'The message says it is compressed, but no grpc-encoding says how: send it');
    }
    if (performance.now() >= giveUpAtMs) throw deadlineExceeded();
    return ingest.ingest({
      signal: this.signal,
      encoding: 'protobuf',
      coding: message.compressed ? coding : 'identity',
      body: message.bytes,
      principal,
      receivedAtMs: Date.now(),
      lease: this.#lease,
    });
  }

  #message(giveUpAtMs: number): Promise<ReturnType<MessageReader['finish']>> {
    const { stream, options } = this;
    const { messageTimeoutMs, maxMessageBytes } = options.limits;
    const reader = new MessageReader(maxMessageBytes);
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        this.#failMessage = undefined;
        stream.pause();
        reject(error);
      };
      this.#failMessage = fail;
      const leftMs = Math.max(0, giveUpAtMs - performance.now());
      this.#deadline = options.deadlines.after(Math.min(leftMs, messageTimeoutMs), () =>
        fail(
          leftMs < messageTimeoutMs ? deadlineExceeded() : new IngestError('timeout', 'The message came too slowly'),
        ),
      );
      if (stream.destroyed || stream.aborted) return fail(cancelled());
      stream.on('close', () => this.#failMessage?.(cancelled()));
      stream.on('aborted', () => this.#failMessage?.(cancelled()));
      stream.on('data', (chunk: Buffer) => {
        if (this.#failMessage === undefined) return;
        try {
          reader.push(chunk);
          this.#account(reader.heldBytes);
        } catch (error) {
          fail(error);
        }
      });
      stream.on('end', () => {
        if (this.#failMessage === undefined || stream.aborted) return;
        try {
          const message = reader.finish();
          this.#failMessage = undefined;
          this.#deadline?.clear();
          resolve(message);
        } catch (error) {
          fail(error);
        }
      });
    });
  }

  /** Without memory for what came, the stream is not read on: its window stays shut until there is some. */
  #account(heldBytes: number): void {
    const { stream } = this;
    const more = heldBytes - this.#lease.bytes;
    if (more <= 0 || this.#patience !== undefined) return;
    const hasRoom = this.#lease.growOrWait(more, () => {
      this.#patience?.clear();
      this.#patience = undefined;
      if (!stream.destroyed) stream.resume();
    });
    if (hasRoom) return;
    stream.pause();
    this.#patience = this.options.deadlines.after(PATIENCE_FOR_MEMORY_MS, () =>
      this.#failMessage?.(new OverloadedError('Too many large requests at once', 1)),
    );
  }

  #answer(outcome: IngestOutcome): void {
    this.options.stats.countRequest(this.signal, 'grpc', GRPC_OK, 'none', this.#startedAtMs, this.#sender);
    const { stream } = this;
    if (stream.destroyed) return;
    const body = encodeExportResponse(this.signal, 'protobuf', partialSuccess(outcome));
    const message = Buffer.allocUnsafe(5 + body.length);
    message.writeUInt8(NO_COMPRESSION_FLAG, 0);
    message.writeUInt32BE(body.length, 1);
    message.set(body, 5);
    stream.on('wantTrailers', () => stream.sendTrailers(OK_TRAILERS));
    stream.respond(OK_HEADERS, { waitForTrailers: true });
    stream.end(message);
  }

  #refuse(error: IngestError): void {
    const code = error.reason === 'unsupported_media' ? GRPC_UNIMPLEMENTED : error.grpcCode;
    this.options.stats.countRequest(this.signal, 'grpc', code, error.reason, this.#startedAtMs, this.#sender);
    answerStatus(this.stream, code, error.message, encodeStatus('protobuf', { ...statusOf(error), code }));
  }

  /** A client that never opens its window for the answer does not keep the stream. */
  #expectAnswerTaken(): void {
    const { stream, options } = this;
    if (stream.closed || stream.destroyed) return;
    const deadline = options.deadlines.after(options.limits.answerTimeoutMs, () => {
      stream.close(constants.NGHTTP2_CANCEL);
      stream.destroy();
    });
    stream.on('close', () => deadline.clear());
  }

  #asIngestError(error: unknown): IngestError {
    if (error instanceof IngestError) return error;
    this.options.logger.error({ err: error }, 'An OTLP call failed');
    return new IngestError('internal', 'The call failed for a reason that is not its own');
  }
}

/** @throws IngestError `unsupported_media`, which gRPC answers with UNIMPLEMENTED */
function messageCoding(header: string | undefined): ContentCoding {
  const coding = codingOf(header);
  if (coding !== undefined) return coding;
  throw new IngestError('unsupported_media', `grpc-encoding ${header} is not supported: use ${ACCEPT_ENCODING}`);
}

function deadlineExceeded(): IngestError {
  return new IngestError('timeout', 'The time that grpc-timeout gives was over before the work began');
}

function cancelled(): IngestError {
  return new IngestError('cancelled', 'The client went away');
}
