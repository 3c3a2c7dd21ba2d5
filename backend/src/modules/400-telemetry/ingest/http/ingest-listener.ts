import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeExportResponse, encodeStatus, type Encoding, type Signal } from '@telemetryflow/otlp';
import type { IngestAuthenticator } from '../auth/ingest-authenticator.js';
import { singleValuedHeaders } from '../auth/single-valued-headers.js';
import type { Deadlines } from '../deadlines.js';
import { contentCoding } from '../decode/content-coding.js';
import { errorHeaders, IngestError, OverloadedError, rateLimitHeaders, statusOf } from '../ingest-error.js';
import type { IngestLogger } from '../ingest-logger.js';
import { partialSuccess } from '../ingest-outcome.js';
import type { IngestStats, Protocol, Sender } from '../ingest-stats.js';
import type { Ingest } from '../ingest.js';
import type { MemoryBudget } from '../memory-budget.js';
import { signalOfUrl } from './ingest-path.js';
import { CONTENT_TYPES, encodingOf } from './media-type.js';
import { readBody, type BodyLimits } from './read-body.js';

/** What a refused request may still send before its connection is cut. */
const DISCARD_MAX_BYTES = 8 * 1024 * 1024;
const DISCARD_MAX_MS = 5_000;
const EXPOSED_HEADERS = 'Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset';
const PREFLIGHT_AGE_SECONDS = 86_400;

export interface IngestListenerOptions {
  readonly ingest: Ingest;
  readonly authenticator: IngestAuthenticator;
  readonly stats: IngestStats;
  readonly budget: MemoryBudget;
  readonly deadlines: Deadlines;
  readonly limits: BodyLimits;
  readonly logger: IngestLogger;
}

/** What is known of a request besides its bytes. */
interface Call {
  readonly startedAtMs: number;
  /** Once it is let in. */
  sender: Sender | undefined;
}

/** OTLP/HTTP on any server: the request is answered here when its path is one of ingest. */
export class IngestListener {
  readonly #options: IngestListenerOptions;
  readonly #inFlight = new Map<IncomingMessage, Promise<void>>();
  #isOpen = false;

  constructor(options: IngestListenerOptions) {
    this.#options = options;
  }

  /** Until this is called, and after {@link close}, ingest answers 503. */
  open(): void {
    this.#isOpen = true;
  }

  /** Takes nothing more and waits for the requests under way; those that take longer than `graceMs` are cut off. */
  async close(graceMs: number): Promise<void> {
    this.#isOpen = false;
    const timer = setTimeout(() => {
      for (const req of this.#inFlight.keys()) req.destroy();
    }, graceMs);
    await Promise.all(this.#inFlight.values());
    clearTimeout(timer);
  }

  /** Answers the request and returns true when its path is one of ingest; otherwise touches nothing. */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const signal = signalOfUrl(req.url ?? '');
    if (signal === undefined) return false;
    this.#inFlight.set(
      req,
      this.#answer(req, res, signal).finally(() => this.#inFlight.delete(req)),
    );
    return true;
  }

  /** Answers a request that no path of this server fits. */
  refuseUnknownPath(req: IncomingMessage, res: ServerResponse): void {
    const error = new IngestError('not_found', 'No such path: OTLP is taken at /v1/traces, /v1/metrics and /v1/logs');
    this.#refuse(req, res, 'none', encodingOf(req.headers['content-type']) ?? 'json', error);
  }

  async #answer(req: IncomingMessage, res: ServerResponse, signal: Signal): Promise<void> {
    const startedAtMs = performance.now();
    const encoding = encodingOf(req.headers['content-type']);
    res.on('error', () => {}); // a client that is gone needs no answer
    if (req.headers.origin !== undefined) {
      // Any page may send: credentials are in headers that a page has to know, never in cookies.
      res.setHeader('Access-Control-Allow-Origin', '*');
      res.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
    }
    if (req.method === 'OPTIONS') return answerPreflight(req, res);
    const call: Call = { startedAtMs, sender: undefined };
    try {
      const outcome = await this.#take(req, res, signal, encoding, call);
      const body = encodeExportResponse(signal, outcome.encoding, partialSuccess(outcome));
      this.#options.stats.countRequest(signal, protocolOf(outcome.encoding), 200, 'none', startedAtMs, call.sender);
      const { rateLimit } = outcome;
      send(res, 200, outcome.encoding, body, rateLimit === undefined ? undefined : rateLimitHeaders(rateLimit));
    } catch (error) {
      this.#refuse(req, res, signal, encoding ?? 'json', this.#asIngestError(error), call);
    }
  }

  async #take(req: IncomingMessage, res: ServerResponse, signal: Signal, encoding: Encoding | undefined, call: Call) {
    const { ingest, authenticator, budget, deadlines, limits } = this.#options;
    if (!this.#isOpen) throw new OverloadedError('The server is starting or stopping', 1);
    if (req.method !== 'POST') {
      res.setHeader('Allow', 'POST, OPTIONS');
      throw new IngestError('method_not_allowed', 'Only POST is allowed here');
    }
    const headers = singleValuedHeaders(req.headers);
    const peer = req.socket.remoteAddress ?? '';
    const principal = await authenticator.authenticate(headers, peer);
    call.sender = { apiKeyId: principal.apiKeyId, address: authenticator.addressOf?.(headers, peer) ?? peer };
    if (encoding === undefined) {
      throw new IngestError('unsupported_media', 'Content-Type must be application/x-protobuf or application/json');
    }
    const coding = contentCoding(req.headers['content-encoding']);
    const rateLimit = ingest.admit(principal, signal);
    const lease = budget.lease(principal.organizationId);
    try {
      if (req.headers.expect !== undefined) res.writeContinue();
      const body = await readBody(req, limits, lease, deadlines);
      const receivedAtMs = Date.now();
      const outcome = await ingest.ingest({ signal, encoding, coding, body, principal, receivedAtMs, lease });
      return { ...outcome, encoding, rateLimit };
    } finally {
      lease.release();
    }
  }

  #asIngestError(error: unknown): IngestError {
    if (error instanceof IngestError) return error;
    this.#options.logger.error({ err: error }, 'An OTLP request failed');
    return new IngestError('internal', 'The request failed for a reason that is not its own');
  }

  #refuse(
    req: IncomingMessage,
    res: ServerResponse,
    signal: Signal | 'none',
    encoding: Encoding,
    error: IngestError,
    call?: Call,
  ): void {
    const { httpStatus, reason } = error;
    this.#options.stats.countRequest(signal, protocolOf(encoding), httpStatus, reason, call?.startedAtMs, call?.sender);
    send(res, httpStatus, encoding, encodeStatus(encoding, statusOf(error)), errorHeaders(error));
    if (!req.complete) discardRest(req, this.#options.deadlines);
  }
}

function protocolOf(encoding: Encoding): Protocol {
  return encoding === 'json' ? 'http/json' : 'http/protobuf';
}

function send(
  res: ServerResponse,
  status: number,
  encoding: Encoding,
  body: Uint8Array,
  headers?: Readonly<Record<string, string>>,
): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'Content-Type': CONTENT_TYPES[encoding], 'Content-Length': body.length, ...headers });
  // Without a body the answer is one write.
  if (body.length === 0) res.end();
  else res.end(body);
}

/** A browser SDK asks before it sends from another origin. */
function answerPreflight(req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(204, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': req.headers['access-control-request-headers'] ?? 'Content-Type',
    'Access-Control-Max-Age': PREFLIGHT_AGE_SECONDS,
    Allow: 'POST, OPTIONS',
    Vary: 'Access-Control-Request-Headers',
  });
  res.end();
}

/**
 * A client may read its answer only after it has sent its body, so the rest is read and thrown away: closing at once
 * would reset the connection and lose the answer. There is an end to patience.
 */
function discardRest(req: IncomingMessage, deadlines: Deadlines): void {
  let discardedBytes = 0;
  const giveUp = () => req.socket.destroy();
  const patience = deadlines.after(DISCARD_MAX_MS, giveUp);
  req.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > DISCARD_MAX_BYTES) giveUp();
  });
  req.on('error', () => {}); // a client that is gone needs no answer
  req.on('close', () => patience.clear());
  req.on('end', () => patience.clear());
  req.resume();
}
