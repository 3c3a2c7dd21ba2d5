import { availableParallelism } from 'node:os';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { ClickHouseSegmentStore } from '../modules/400-telemetry/ingest/drain/clickhouse-segment-store.js';
import type { SetAside } from '../modules/400-telemetry/ingest/drain/poison.js';
import { RefusedError } from '../modules/400-telemetry/ingest/drain/segment-inserter.js';
import { InsertError } from '../modules/400-telemetry/ingest/drain/store-error.js';
import type { IngestServer, SegmentQueue } from '../modules/400-telemetry/ingest/ingest-server.js';
import { RedisSegments } from '../modules/400-telemetry/ingest/transport/redis-segments.js';
import type { SegmentReference } from '../modules/400-telemetry/ingest/transport/segment-queue.js';
import { LostSegmentError, SegmentReceiver } from '../modules/400-telemetry/ingest/transport/segment-receiver.js';
import { ClickHouseMigrator } from '../shared/clickhouse/index.js';
import { TelemetryIngested } from '../shared/messaging/index.js';
import { MetricsRegistry, playsRole, type Config, type Runtime } from '../shared/platform/index.js';
import { GivenUpError, JobHandlers, PostponedError, QueueService, type JobAttempt } from '../shared/queue/index.js';
import { withoutCanary } from './canary.js';

const QUEUE = 'otlp-ingestion';
/** A sealed segment on its way to the store. */
const SEGMENT = 'segment';
/** Rows that the store refused: fails at once, and inserts them when it is retried. */
const SET_ASIDE = 'set-aside';

const STORE_AWAY_MS = 2_000;
const OTHER_NODE_MS = 1_000;
const LOOK_FOR_WISHES_MS = 2_000;
const TELL_EVERY_MS = 10_000;
const ADD_TIMEOUT_MS = 15_000;
const MAX_LANES = 8;

const ENDED: ReadonlySet<string> = new Set(['failed', 'completed', 'unknown']);

/** What the job of set-aside rows says. */
interface SetAsideJob extends Omit<SetAside, 'records'> {
  readonly nodeId: string;
  /** In the poison folder of that node, or beside the job in Redis. */
  readonly keptIn: 'log' | 'redis';
  /** What became of an attempt on the node that keeps the rows; no reason means that they are in. */
  readonly answer?: { readonly attempt: number; readonly reason: string | null };
}

/** Segments inserted at the same time on this node. */
export function insertLanes(config: Config): number {
  if (config.INGEST_PARALLEL_INSERTS > 0) return config.INGEST_PARALLEL_INSERTS;
  return Math.min(MAX_LANES, Math.max(1, Math.floor(availableParallelism() / 2)));
}

/** The queue `otlp-ingestion`: segments handed to worker nodes, and what was set aside on any node. */
export class SegmentJobs {
  readonly #queue: QueueService;
  readonly #redis: RedisSegments | undefined;
  readonly #receiver: SegmentReceiver | undefined;
  readonly #storeReady: Promise<void>;
  #isStoreReady = false;
  #toldOfWaitingAtMs = Number.NEGATIVE_INFINITY;
  readonly #wishTimer: NodeJS.Timeout | undefined;
  #answering: Promise<void> = Promise.resolve();

  /** Registers the handlers: call it before the application initialises, which starts the workers. */
  constructor(
    app: NestFastifyApplication,
    private readonly runtime: Runtime,
    private readonly logger: Logger,
    /** The ingest of this node, if it has one and once it has. */
    private readonly ingest: () => IngestServer | undefined,
  ) {
    const { config } = runtime;
    this.#queue = app.get(QueueService);
    this.#storeReady = app.get(ClickHouseMigrator).ready;
    this.#storeReady.then(
      () => (this.#isStoreReady = true),
      () => undefined, // told by the migrator; the segments wait
    );
    if (config.REDIS_URL !== '') {
      const redis = new RedisSegments(config.REDIS_URL, config.INGEST_QUEUE_MAX_BYTES, logger);
      this.#redis = redis;
      app.get(MetricsRegistry).observe({
        name: 'otlp_ingestion_queue_bytes',
        help: 'Bytes of segments in Redis that no worker has inserted yet',
        type: 'gauge',
        observe: async () => [{ value: await redis.bytesUnderWay() }],
      });
      const bus = app.get(EventBus);
      this.#receiver = new SegmentReceiver({
        store: new ClickHouseSegmentStore(runtime.clickhouse),
        bytes: redis,
        quarantine: redis,
        lanes: insertLanes(config),
        logger,
        onIngested: (ingested) => bus.publish(new TelemetryIngested(withoutCanary(ingested))),
        onSetAside: (entries) => this.#announce(entries, 'redis'),
      });
    }
    const handlers = app.get(JobHandlers);
    handlers.register(
      QUEUE,
      SEGMENT,
      (job) => this.#insert(job),
      (data) => this.#dropSegment(data),
    );
    handlers.register(
      QUEUE,
      SET_ASIDE,
      (job) => this.#replay(job),
      (data) => this.#giveUp(data),
    );
    if (playsRole(config, 'ingest') && !playsRole(config, 'worker')) {
      this.#wishTimer = setInterval(() => {
        this.#answering = this.#answering
          .then(() => this.#answerWishes())
          .catch((err: unknown) => {
            logger.debug({ err }, 'the retries of rows that were set aside here could not be looked for');
          });
      }, LOOK_FOR_WISHES_MS).unref();
    }
  }

  /** The way to the workers, when the configuration says that segments take it. */
  get transport(): SegmentQueue | undefined {
    const bytes = this.#redis;
    if (this.runtime.config.INGEST_TRANSPORT !== 'queue' || bytes === undefined) return undefined;
    return { bytes, addJob: (reference) => this.#add(SEGMENT, reference, reference.tokenPrefix) };
  }

  /** Makes what a node's ingest set aside visible as failed jobs; what can't be told now is told at the next start. */
  tellSetAside(entries: readonly SetAside[]): void {
    this.#announce(entries, 'log').catch((err: unknown) =>
      this.logger.warn({ err }, 'rows that were set aside could not be entered into the queue; the next start does it'),
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#wishTimer);
    await this.#answering;
    await this.#receiver?.close();
    this.#redis?.close();
  }

  async #announce(entries: readonly SetAside[], keptIn: SetAsideJob['keptIn']): Promise<void> {
    for (const { records: _, ...entry } of entries) {
      const nodeId = entry.tokenPrefix.slice(0, entry.tokenPrefix.lastIndexOf('-'));
      const job: SetAsideJob = { ...entry, nodeId, keptIn };
      await this.#add(SET_ASIDE, job, entry.token, { attempts: 1 });
    }
  }

  /** A client that waits for a silent Redis would wait for ever. Adding again is adding once. */
  async #add(name: string, data: object, jobId: string, options: object = {}): Promise<void> {
    const added = this.#queue.add(QUEUE, name, data, { keepFailed: true, ...options, jobId });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The queue does not answer')), ADD_TIMEOUT_MS);
    });
    added.catch(() => undefined); // heard below, unless it was too late
    await Promise.race([added, tooLate]).finally(() => clearTimeout(timer));
  }

  async #insert({ data, attempt, isLast }: JobAttempt): Promise<void> {
    if (!isSegmentReference(data)) throw new GivenUpError('The job names no segment');
    if (this.#receiver === undefined) throw new GivenUpError('Segments travel over Redis: REDIS_URL is unset here');
    if (!this.#isStoreReady) throw new PostponedError(STORE_AWAY_MS, 'The tables of the store are not there yet');
    try {
      await this.#receiver.receive(data, attempt, isLast);
    } catch (error) {
      if (error instanceof LostSegmentError) throw new GivenUpError(error.message);
      if (error instanceof RefusedError) throw error;
      this.#tellOfWaiting(error, data);
      // The store or Redis is away: as often as it takes.
      throw new PostponedError(STORE_AWAY_MS, 'The segment waits for the store', { cause: error });
    }
  }

  #tellOfWaiting(err: unknown, { tokenPrefix }: SegmentReference): void {
    const now = performance.now();
    if (now - this.#toldOfWaitingAtMs < TELL_EVERY_MS) return;
    this.#toldOfWaitingAtMs = now;
    this.logger.warn({ err, tokenPrefix }, 'a segment could not be inserted yet');
  }

  async #replay({ data, attempt }: JobAttempt): Promise<void> {
    if (!isSetAsideJob(data)) throw new GivenUpError('The job names no rows');
    // The first run is nobody's wish to try again: the job only has to be seen.
    if (attempt === 1) throw new GivenUpError(`${data.table}: ${data.reason}`);
    if (data.answer?.attempt === attempt) {
      if (data.answer.reason !== null) throw new GivenUpError(data.answer.reason);
      return;
    }
    try {
      const isReplayed = await this.#replayWhereKept(data);
      if (!isReplayed) throw new GivenUpError('The rows are not kept any more');
    } catch (error) {
      if (!(error instanceof InsertError)) throw error;
      if (error.kind === 'store') {
        throw new PostponedError(STORE_AWAY_MS, 'The rows wait for the store', { cause: error });
      }
      throw new GivenUpError(`${error.table}: ${error.message}`);
    }
  }

  async #replayWhereKept({ keptIn, nodeId, token }: SetAsideJob): Promise<boolean> {
    if (keptIn === 'redis') return (await this.#receiver?.replay(token)) ?? false;
    const ingest = this.#ingestOf(nodeId);
    if (ingest === undefined) throw new PostponedError(OTHER_NODE_MS, `The rows are kept on the node ${nodeId}`);
    return ingest.replay(token);
  }

  /** Workers can't reach what lies on the disk of a node that has none: it looks for itself whether a retry is wished. */
  async #answerWishes(): Promise<void> {
    const ingest = this.ingest();
    for (const token of ingest?.keptAside ?? []) {
      const job = await this.#queue.queue(QUEUE).getJob(token);
      if (ingest === undefined || !job || job.attemptsMade === 0 || ENDED.has(await job.getState())) continue;
      const reason = await this.#tryReplay(ingest, token);
      if (reason === undefined) continue;
      await job.updateData({ ...(job.data as object), answer: { attempt: job.attemptsMade + 1, reason } });
    }
  }

  /** Null when the rows are in, else why not; undefined when the store is away. */
  async #tryReplay(ingest: IngestServer, token: string): Promise<string | null | undefined> {
    try {
      return (await ingest.replay(token)) ? null : 'The rows are not kept any more';
    } catch (error) {
      if (!(error instanceof InsertError)) throw error;
      return error.kind === 'store' ? undefined : `${error.table}: ${error.message}`;
    }
  }

  async #dropSegment(data: unknown): Promise<void> {
    if (isSegmentReference(data)) await this.#redis?.inserted(data.tokenPrefix);
  }

  async #giveUp(data: unknown): Promise<void> {
    if (!isSetAsideJob(data)) return;
    if (data.keptIn === 'redis') return this.#redis?.drop(data.token);
    // On another node's disk they stay, and that node tells of them again at its next start.
    await this.#ingestOf(data.nodeId)?.giveUp(data.token);
  }

  #ingestOf(nodeId: string): IngestServer | undefined {
    const ingest = this.ingest();
    return ingest?.nodeId === nodeId ? ingest : undefined;
  }
}

function isSegmentReference(data: unknown): data is SegmentReference {
  return isObject(data) && typeof data['tokenPrefix'] === 'string' && typeof data['sizeBytes'] === 'number';
}

function isSetAsideJob(data: unknown): data is SetAsideJob {
  return isObject(data) && typeof data['token'] === 'string' && typeof data['nodeId'] === 'string';
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null;
}
