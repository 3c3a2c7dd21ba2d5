import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Signal } from '@telemetryflow/otlp';
import type { Deadlines } from '../deadlines.js';
import { listen } from '../listen.js';
import { answerStatus, ExportCall, GRPC_CONTENT_TYPE, stop, type CallOptions } from './export-call.js';
import { GRPC_UNIMPLEMENTED, headersOf, single } from './metadata.js';
import { SessionWatch } from './session-watch.js';

const EXPORT_PATHS: ReadonlyMap<string, Signal> = new Map([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
]);
/** `application/grpc`, alone or with a message format that is protobuf. */
const CONTENT_TYPES = /^application\/grpc(?:\+proto)?\s*(?:;|$)/i;
/** What a connection may send beyond what its streams may: one wait for a WINDOW_UPDATE covers so much. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024;
/** Resets that a client may have in its favour, and how many it earns per second: beyond that it is a flood. */
const RESETS = { streamResetBurst: 1000, streamResetRate: 100 };
const INVALID_FRAMES_MAX = 100;
/** A client may open many streams before it has learnt how many it may have. */
const REJECTED_STREAMS_MAX = 1000;
const HEADER_PAIRS_MAX = 100;
const SETTINGS_ENTRIES_MAX = 32;
const SESSION_MEMORY_MIB = 10;

/** Connections beyond the limit that may knock while an idle one is let go for each. */
const KNOCKING_MAX = 64;

export interface GrpcLimits {
  /** Beyond it a new connection takes the place of one without calls. */
  readonly maxSessions: number;
  readonly maxStreamsPerSession: number;
  readonly maxHeaderBytes: number;
  /** From the connection to the end of its preface and settings. */
  readonly prefaceTimeoutMs: number;
  /** How often it is looked whether what comes outside of calls becomes frames; the third time in vain is the last. */
  readonly lookEveryMs: number;
  /** Without a call; a call whose headers never end is none. */
  readonly idleTimeoutMs: number;
  readonly messageTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly windowBytes: number;
}

export const GRPC_LIMITS: GrpcLimits = {
  maxSessions: 4096,
  maxStreamsPerSession: 128,
  maxHeaderBytes: 16 * 1024,
  prefaceTimeoutMs: 10_000,
  lookEveryMs: 5_000,
  idleTimeoutMs: 300_000,
  messageTimeoutMs: 60_000,
  answerTimeoutMs: 10_000,
  windowBytes: 256 * 1024,
};

export interface IngestGrpcOptions extends Omit<CallOptions, 'limits'> {
  readonly maxMessageBytes: number;
  readonly limits?: Partial<GrpcLimits>;
}

/** OTLP/gRPC over HTTP/2 without TLS: unary Export of the three services, nothing else. */
export class IngestGrpcServer {
  readonly #server: Http2Server;
  readonly #limits: GrpcLimits;
  readonly #callOptions: CallOptions;
  readonly #deadlines: Deadlines;
  readonly #sessions = new Map<ServerHttp2Session, SessionWatch>();
  readonly #calls = new Set<Promise<void>>();

  constructor(options: IngestGrpcOptions) {
    const { maxMessageBytes, limits: changes, ...shared } = options;
    const limits = { ...GRPC_LIMITS, ...changes };
    this.#limits = limits;
    this.#deadlines = options.deadlines;
    this.#callOptions = { ...shared, limits: { maxMessageBytes, ...limits } };
    this.#server = createServer({
      ...RESETS,
      maxSessionInvalidFrames: INVALID_FRAMES_MAX,
      maxSessionRejectedStreams: REJECTED_STREAMS_MAX,
      maxHeaderListPairs: HEADER_PAIRS_MAX,
      maxSettings: SETTINGS_ENTRIES_MAX,
      maxSessionMemory: SESSION_MEMORY_MIB,
      strictSingleValueFields: false,
      settings: {
        maxConcurrentStreams: limits.maxStreamsPerSession,
        maxHeaderListSize: limits.maxHeaderBytes,
        initialWindowSize: limits.windowBytes,
        enablePush: false,
      },
    });
    this.#server.maxConnections = limits.maxSessions + KNOCKING_MAX;
    this.#server.on('session', (session) => this.#welcome(session));
    this.#server.on('stream', (stream, _headers, _flags, rawHeaders) => this.#take(stream, rawHeaders));
  }

  /**
   * Listens; resolves with the port.
   *
   * @throws Error with `code` as `listen` gives it
   */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port);
  }

  /** Says GOAWAY and waits for the calls under way; those that take longer than `graceMs` are cut off. */
  async close(graceMs: number): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const session of this.#sessions.keys()) session.close();
    const timer = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy();
    }, graceMs);
    await closed;
    await Promise.all(this.#calls);
    clearTimeout(timer);
  }

  /** How many connections there are. */
  get sessions(): number {
    return this.#sessions.size;
  }

  #welcome(session: ServerHttp2Session): void {
    const { prefaceTimeoutMs, idleTimeoutMs, lookEveryMs, maxSessions } = this.#limits;
    if (this.#sessions.size >= maxSessions && !this.#letOneGo()) return session.destroy();
    const watch = new SessionWatch(session, this.#deadlines, lookEveryMs);
    this.#sessions.set(session, watch);
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    const preface = this.#deadlines.after(prefaceTimeoutMs, () => session.destroy());
    session.once('remoteSettings', () => preface.clear());
    session.on('error', () => {}); // a client that breaks the protocol has ended its own connection
    session.on('close', () => {
      preface.clear();
      watch.stop();
      this.#sessions.delete(session);
    });
    session.setTimeout(idleTimeoutMs, () => {
      session.close();
      // Calls whose headers never end do not hold it open.
      this.#deadlines.after(prefaceTimeoutMs, () => session.destroy());
    });
  }

  /** The oldest connection that never had a call, or else has none now; false: all are in use. */
  #letOneGo(): boolean {
    const idle = [...this.#sessions].filter(([, watch]) => watch.isIdle);
    const [session] = idle.find(([, watch]) => !watch.hadCalls) ?? idle[0] ?? [];
    if (session === undefined) return false;
    this.#sessions.delete(session);
    session.destroy();
    return true;
  }

  #take(stream: ServerHttp2Stream, rawHeaders: string[]): void {
    stream.on('error', () => {}); // what it means is told by 'close'
    const { method, path } = requestLine(rawHeaders);
    const headers = headersOf(rawHeaders);
    if (method !== 'POST') return answerHttp(stream, 405, { allow: 'POST' });
    if (!CONTENT_TYPES.test(single(headers['content-type']) ?? '')) return answerHttp(stream, 415);
    const signal = EXPORT_PATHS.get(path);
    if (signal === undefined) {
      this.#callOptions.stats.countRequest('none', 'grpc', GRPC_UNIMPLEMENTED, 'not_found');
      return answerStatus(stream, GRPC_UNIMPLEMENTED, `No such method: ${path.slice(0, 200)}`);
    }
    const remoteAddress = stream.session?.socket.remoteAddress ?? '';
    const call = new ExportCall(stream, signal, this.#callOptions).run(headers, remoteAddress);
    this.#calls.add(call);
    void call.finally(() => this.#calls.delete(call));
  }
}

function requestLine(rawHeaders: readonly string[]): { method: string; path: string } {
  let method = '';
  let path = '';
  for (let i = 0; i + 1 < rawHeaders.length && rawHeaders[i]?.charCodeAt(0) === 0x3a; i += 2) {
    if (rawHeaders[i] === ':method') method = rawHeaders[i + 1] ?? '';
    else if (rawHeaders[i] === ':path') path = rawHeaders[i + 1] ?? '';
  }
  return { method, path };
}

function answerHttp(stream: ServerHttp2Stream, status: number, headers: Record<string, string> = {}): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, 'content-type': GRPC_CONTENT_TYPE, ...headers }, { endStream: true });
  stop(stream);
}
