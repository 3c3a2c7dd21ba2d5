import {
  createPostgresBackend,
  Queue,
  runMigrations,
  Worker,
  type Job,
  type Processor,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import pg from 'pg';
import type { Logger } from 'pino';
import { PatientClient } from '../platform/database/index.js';
import { closePromptly, closeWithoutRedis } from './close-promptly.js';

/** What both stores' queues have in common in BullMQ's types. */
export interface JobQueue extends Pick<
  Queue,
  | 'add'
  | 'close'
  | 'getJob'
  | 'getJobCounts'
  | 'getJobs'
  | 'isPaused'
  | 'pause'
  | 'removeJobScheduler'
  | 'resume'
  | 'upsertJobScheduler'
  | 'waitUntilReady'
> {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface JobWorker extends Pick<Worker, 'close' | 'run' | 'waitUntilReady'> {
  on(event: 'completed', listener: () => void): unknown;
  on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Where BullMQ keeps its jobs: one of two stores behind the same classes. */
export interface QueueBackend {
  readonly kind: 'postgres' | 'redis';
  /** Resolves when jobs can be added. */
  prepare(): Promise<void>;
  queue(name: string, options: Omit<QueueOptions, 'connection'>): JobQueue;
  /** It begins with `run`. */
  worker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection' | 'autorun'>): JobWorker;
  /** Resolves when `part` may be used, which it must not be before. */
  ready(part: JobQueue | JobWorker): Promise<void>;
  close(): Promise<void>;
}

const SCHEMA = 'bullmq';
/** Workers wait for jobs on a connection each; the rest is for statements. */
const POOL_SIZE = 16;

/** Jobs in a schema of their own in the metadata database, which only the owner role enters. */
export function postgresBackend(ownerUrl: string, logger: Logger): QueueBackend {
  const pool = new pg.Pool({
    Client: PatientClient,
    connectionString: ownerUrl,
    max: POOL_SIZE,
    keepAlive: true,
    application_name: 'telemetryflow-queue',
    options: `-c search_path=${SCHEMA}`,
  });
  // Each of the ten queues and workers listens to the pool's errors.
  pool.setMaxListeners(0);
  let closing = false;
  pool.on('error', (err) => {
    // The pool's end does not wait for the last goodbyes; a server that stops meanwhile is no news.
    if (!closing) logger.debug({ err }, 'an idle queue connection was lost');
  });
  return {
    kind: 'postgres',
    async prepare() {
      const client = await pool.connect();
      try {
        await runMigrations(client, SCHEMA);
      } finally {
        client.release();
      }
    },
    queue: (name, options) => new Queue(name, { ...options, connection: pool }, createPostgresBackend),
    worker: (name, processor, options) =>
      closePromptly(
        new Worker(name, processor, { ...options, autorun: false, connection: pool }, createPostgresBackend),
      ),
    async ready(part) {
      // BullMQ remembers how this ended. A worker whose connection broke here would ask again and again in one turn of the
      // event loop, and nothing else would ever run.
      await part.waitUntilReady();
    },
    close() {
      closing = true;
      return pool.end();
    },
  };
}

export function redisBackend(url: string): QueueBackend {
  // A queue fails fast when Redis is away; a worker waits for its return.
  const producer = { url, maxRetriesPerRequest: 3, enableOfflineQueue: true };
  const consumer = { url, maxRetriesPerRequest: null };
  return {
    kind: 'redis',
    prepare: () => Promise.resolve(),
    queue: (name, options) => new Queue(name, { ...options, connection: producer, prefix: 'telemetry:queue' }),
    worker: (name, processor, options) =>
      closeWithoutRedis(
        closePromptly(
          new Worker(name, processor, { ...options, autorun: false, connection: consumer, prefix: 'telemetry:queue' }),
        ),
      ),
    // Redis may be away at the start.
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
