import type { IncomingMessage, ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { IngestAuthenticator } from './auth/ingest-authenticator.js';
import { Deadlines } from './deadlines.js';
import { BodyDecoder } from './decode/body-decoder.js';
import { DecodePool } from './decode/decode-pool.js';
import { ClickHouseSegmentStore, type ClickHouseAddress } from './drain/clickhouse-segment-store.js';
import { Drain } from './drain/drain.js';
import { PoisonBox, type SetAside } from './drain/poison.js';
import type { Ingested } from './drain/segment-content.js';
import { IngestGrpcServer, type GrpcLimits } from './grpc/ingest-grpc-server.js';
import { IngestHttpServer, type HttpLimits } from './http/ingest-http-server.js';
import { IngestListener } from './http/ingest-listener.js';
import type { IngestLogger } from './ingest-logger.js';
import type { IngestOutcome } from './ingest-outcome.js';
import { IngestStats, type IngestObservers } from './ingest-stats.js';
import { Ingest, type IngestAdmission, type IngestRequest } from './ingest.js';
import { MemoryBudget } from './memory-budget.js';
import { SealPace } from './seal-pace.js';
import { SegmentLog, type SealedSegment } from './segment-log/segment-log.js';
import { LocalCarrier } from './transport/local-carrier.js';
import { QueueCarrier } from './transport/queue-carrier.js';
import type { SegmentBytes, SegmentReference } from './transport/segment-queue.js';

const BODIES_IN_FLIGHT_BYTES = 256 * 1024 * 1024;
const BODY_TIMEOUT_MS = 60_000;
const REQUEST_GRACE_MS = 5_000;
const DRAIN_GRACE_MS = 5_000;
/** Segments that are sent to the workers at the same time. */
const SENDING_LANES = 2;

export interface IngestSettings {
  readonly OTLP_HTTP_PORT: number;
  readonly OTLP_GRPC_PORT: number;
  readonly INGEST_LOG_MAX_BYTES: number;
  readonly INGEST_MIN_FREE_BYTES: number;
  readonly INGEST_MAX_BODY_BYTES: number;
  readonly INGEST_SEGMENT_AGE_MS: number;
  readonly INGEST_SEGMENT_BYTES: number;
  /** 0: everything is decoded on the main thread; -1: as many as there are processors but one, one to four. */
  readonly INGEST_DECODE_THREADS: number;
}

/** The way to the worker nodes. */
export interface SegmentQueue {
  readonly bytes: SegmentBytes;
  addJob(reference: SegmentReference): Promise<void>;
}

export interface IngestServerOptions extends IngestObservers {
  readonly settings: IngestSettings;
  /** Address to listen on. */
  readonly host: string;
  /** The log lives in its folder `ingest`. */
  readonly dataDir: string;
  readonly clickhouse: ClickHouseAddress;
  readonly authenticator: IngestAuthenticator;
  /** Absent: nobody is limited. */
  readonly admission?: IngestAdmission;
  /** Resolves when the store's tables are there; until then everything waits in the log. */
  readonly storeReady: Promise<void>;
  /** Segments that are inserted at the same time; default 1. */
  readonly lanes?: number;
  /** Given, segments go to worker nodes instead of straight into the store. */
  readonly queue?: SegmentQueue;
  /** What differs from the usual limits of the two transports. */
  readonly limits?: {
    readonly http?: Partial<HttpLimits & { bodyTimeoutMs: number }>;
    readonly grpc?: Partial<GrpcLimits>;
  };
  readonly logger: IngestLogger;
  /** Items whose time is further back, or further ahead, than this are refused. */
  readonly maxPastMs: number;
  readonly maxFutureMs: number;
  /** After a segment's rows can be queried. */
  onIngested(ingested: readonly Ingested[]): void;
  /** Rows of a segment were set aside on this node, now or in an earlier run; see {@link IngestServer.replay}. */
  onSetAside?(entries: readonly SetAside[]): void;
}

/** A port that cannot be listened on. `variable` names the setting to change. */
export class PortError extends Error {
  override readonly name = 'PortError';

  constructor(
    readonly variable: 'OTLP_HTTP_PORT' | 'OTLP_GRPC_PORT',
    readonly port: number,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(`${variable} is ${port}, which cannot be listened on (${code}): set ${variable} to a free port`, options);
  }
}

/** All of ingest: two ports and a front door in, the store out, the log between. */
export class IngestServer {
  readonly stats: IngestStats;
  readonly #options: IngestServerOptions;
  readonly #budget = new MemoryBudget(BODIES_IN_FLIGHT_BYTES);
  readonly #log: SegmentLog;
  readonly #pool: DecodePool | undefined;
  /** For what the platform itself sends. */
  readonly #own: Ingest;
  readonly #listener: IngestListener;
  readonly #grpc: IngestGrpcServer;
  readonly #http: IngestHttpServer;
  readonly #poison: PoisonBox;
  readonly #pace = new SealPace(() => this.#log.sealIfDue());
  #local: LocalCarrier | undefined;
  #drain: Drain | undefined;
  #ports: { readonly http: number; readonly grpc: number } | undefined;

  constructor(options: IngestServerOptions) {
    this.#options = options;
    this.stats = new IngestStats(options);
    const { settings, authenticator, logger, maxPastMs, maxFutureMs } = options;
    const dir = join(options.dataDir, 'ingest');
    const maxBytes = settings.INGEST_MAX_BODY_BYTES;
    const limits = { maxBytes, maxPastMs, maxFutureMs };
    const decoder = new BodyDecoder(limits);
    this.#poison = new PoisonBox(dir);
    this.#log = new SegmentLog({
      dir,
      segmentBytes: settings.INGEST_SEGMENT_BYTES,
      segmentAgeMs: settings.INGEST_SEGMENT_AGE_MS,
      maxBytes: settings.INGEST_LOG_MAX_BYTES,
      minFreeBytes: settings.INGEST_MIN_FREE_BYTES,
      logger,
      onBegin: () => decoder.identities.clear(),
      onSealed: (segment) => this.#drain?.push(segment),
      maySeal: (sizeBytes) => this.#hasFreeLane && this.#pace.maySeal(sizeBytes),
    });
    const deadlines = new Deadlines();
    const threads = decodeThreads(settings.INGEST_DECODE_THREADS);
    this.#pool = threads === 0 ? undefined : new DecodePool({ threads, limits, log: this.#log, deadlines, logger });
    const pool = this.#pool === undefined ? {} : { pool: this.#pool };
    const { admission } = options;
    const ingest = new Ingest({
      log: this.#log,
      decoder,
      ...pool,
      stats: this.stats,
      logger,
      ...(admission === undefined ? {} : { admission }),
    });
    this.#own = new Ingest({ log: this.#log, decoder, stats: new IngestStats(), logger });
    const shared = { ingest, authenticator, stats: this.stats, budget: this.#budget, deadlines, logger };
    const { bodyTimeoutMs: timeoutMs = BODY_TIMEOUT_MS, ...httpLimits } = options.limits?.http ?? {};
    this.#listener = new IngestListener({ ...shared, limits: { maxBytes, timeoutMs } });
    this.#grpc = new IngestGrpcServer({ ...shared, maxMessageBytes: maxBytes, limits: options.limits?.grpc ?? {} });
    this.#http = new IngestHttpServer((req, res) => {
      if (!this.handle(req, res)) this.#listener.refuseUnknownPath(req, res);
    }, httpLimits);
  }

  /** The ports that are listened on; known after {@link start}. */
  get ports(): { readonly http: number; readonly grpc: number } {
    if (this.#ports === undefined) throw new Error('Ingest is not started');
    return this.#ports;
  }

  /**
   * Answers a request of any HTTP server and returns true when its path is one of ingest; otherwise touches nothing.
   * Answers 503 before {@link start} and after {@link stop}.
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    return this.#listener.handle(req, res);
  }

  /**
   * Takes what the platform itself sends, past authentication, limits and counters. Resolves when it is on the disk.
   *
   * @throws IngestError as {@link Ingest.ingest}
   */
  async takeOwn(
    request: Pick<IngestRequest, 'signal' | 'body' | 'principal' | 'receivedAtMs'>,
  ): Promise<IngestOutcome> {
    const lease = this.#budget.lease();
    try {
      return await this.#own.ingest({ ...request, encoding: 'json', coding: 'identity', lease });
    } finally {
      lease.release();
    }
  }

  /**
   * Takes over what an earlier process left in the log and opens both ports.
   *
   * @throws PortError when one of them is taken; nothing is left open then
   */
  async start(): Promise<void> {
    const left = await this.#log.start();
    const setAside = await this.#poison.open();
    const drain = this.#newDrain();
    this.#drain = drain;
    if (left.length > 0)
      this.#options.logger.info({ segments: left.length }, 'The ingest log has segments of an earlier run');
    for (const segment of left) drain.push(segment);
    this.#announce(setAside, left);
    try {
      this.#ports = await this.#listen();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#pool?.start();
    this.#listener.open();
  }

  /** Takes nothing more, finishes what is under way, flushes the log and gives the drain a short while. */
  async stop(): Promise<void> {
    await Promise.all([
      this.#http.close(() => this.#listener.close(REQUEST_GRACE_MS)),
      this.#grpc.close(REQUEST_GRACE_MS),
    ]);
    await this.#pool?.close();
    this.#pace.stop();
    await this.#log.close();
    await this.#drain?.stop(DRAIN_GRACE_MS);
  }

  /** Names this node in deduplication tokens; known after {@link start}. */
  get nodeId(): string {
    return this.#log.nodeId;
  }

  /**
   * Inserts what was set aside on this node under `token`; false when this node does not keep it.
   *
   * @throws InsertError when the store still refuses it or is away
   */
  async replay(token: string): Promise<boolean> {
    return (await this.#local?.replay(token)) ?? false;
  }

  /** Tokens of what was set aside on this node. */
  get keptAside(): readonly string[] {
    return this.#poison.tokens;
  }

  /** Deletes what was set aside on this node under `token`: its rows are given up. */
  async giveUp(token: string): Promise<void> {
    await this.#poison.drop(token);
  }

  /** All numbers, for metrics and health. */
  snapshot() {
    const { space, counters, oldestOpenAtMs } = this.#log;
    const drain = this.#drain;
    const oldestAtMs = drain?.oldestAtMs ?? oldestOpenAtMs;
    return {
      ...this.stats.snapshot(),
      bodiesInFlightBytes: this.#budget.usedBytes,
      logBytes: space.usedBytes,
      freeDiskBytes: space.freeBytes,
      appends: counters.appends,
      fdatasyncs: counters.syncs,
      bodiesWaiting: this.#pool?.waiting ?? 0,
      decodeThreadRestarts: this.#pool?.crashes ?? 0,
      grpcConnections: this.#grpc.sessions,
      segmentsWaiting: drain?.waiting ?? 0,
      segmentsInserted: drain?.counters.segmentsInserted ?? 0,
      segmentsSent: drain?.counters.segmentsSent ?? 0,
      segmentsPoisoned: this.#poison.count,
      damagedRegions: drain?.counters.damagedRegions ?? 0,
      insertFailures: drain?.counters.insertFailures ?? { store: 0, data: 0, unknown: 0 },
      /** Age of the oldest acknowledged record that cannot be queried yet; 0 only when there is none. */
      oldestPendingMs: oldestAtMs === undefined ? 0 : Math.max(1, Date.now() - oldestAtMs),
      lastLagMs: drain?.counters.lastLagMs ?? 0,
    };
  }

  /** A segment grows until somebody is there to take it: what waits at the door is only seen later. */
  get #hasFreeLane(): boolean {
    return (this.#drain?.waiting ?? 0) < this.#lanes;
  }

  get #lanes(): number {
    return this.#options.queue === undefined ? (this.#options.lanes ?? 1) : SENDING_LANES;
  }

  #newDrain(): Drain {
    const { clickhouse, storeReady, logger, onIngested, queue } = this.#options;
    const { nodeId } = this.#log;
    const local = new LocalCarrier({
      store: new ClickHouseSegmentStore(clickhouse),
      poison: this.#poison,
      nodeId,
      ready: storeReady,
      logger,
      onIngested,
      onSetAside: (entries) => this.#options.onSetAside?.(entries),
    });
    this.#local = local;
    return new Drain({
      carrier: queue === undefined ? local : new QueueCarrier({ ...queue, nodeId, local }),
      lanes: this.#lanes,
      logger,
      onGone: ({ sizeBytes }, tookMs) => {
        this.#log.space.shrink(sizeBytes);
        this.#pace.inserted(sizeBytes, tookMs);
        this.#log.sealIfDue();
      },
    });
  }

  /** What earlier runs set aside of segments that have left the log since. */
  #announce(setAside: readonly SetAside[], left: readonly SealedSegment[]): void {
    const { nodeId } = this.#log;
    const inLog = new Set(left.map(({ seq }) => `${nodeId}-${seq}`));
    const settled = setAside.filter(({ tokenPrefix }) => !inLog.has(tokenPrefix));
    if (settled.length > 0) this.#options.onSetAside?.(settled);
  }

  async #listen(): Promise<{ http: number; grpc: number }> {
    const { host, settings } = this.#options;
    const http = await portOrFault(
      'OTLP_HTTP_PORT',
      settings.OTLP_HTTP_PORT,
      this.#http.listen(host, settings.OTLP_HTTP_PORT),
    );
    const grpc = await portOrFault(
      'OTLP_GRPC_PORT',
      settings.OTLP_GRPC_PORT,
      this.#grpc.listen(host, settings.OTLP_GRPC_PORT),
    );
    return { http, grpc };
  }
}

/** Unless told, decoding takes what the rest of the server leaves. */
function decodeThreads(wanted: number): number {
  return wanted >= 0 ? wanted : Math.min(4, Math.max(1, availableParallelism() - 1));
}

async function portOrFault(variable: PortError['variable'], port: number, listening: Promise<number>): Promise<number> {
  try {
    return await listening;
  } catch (error) {
    const code = /\bE[A-Z]{4,}\b/.exec(
      error instanceof Error ? `${'code' in error ? error.code : ''} ${error.message}` : '',
    );
    throw new PortError(variable, port, code?.[0] ?? 'unknown error', { cause: error });
  }
}
