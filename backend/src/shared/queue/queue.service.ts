import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DelayedError, UnrecoverableError, type Job } from 'bullmq';
import type { Logger } from 'pino';
import {
  HealthRegistry,
  LOGGER,
  MetricsRegistry,
  NotFoundError,
  playsRole,
  runInScope,
  RUNTIME,
  type Runtime,
} from '../platform/index.js';
import { postgresBackend, redisBackend, type JobQueue, type JobWorker, type QueueBackend } from './backend.js';
import { GivenUpError, JobHandlers, PostponedError } from './job-handlers.js';
import { QUEUE_NAMES, QUEUES, type QueueDefinition, type QueueName } from './queues.js';

export interface QueueStats {
  readonly queueName: QueueName;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  readonly delayed: number;
  readonly total: number;
  readonly paused: boolean;
}

export interface AddOptions {
  /** A job of this id that is still kept is not added again. */
  readonly jobId?: string;
  readonly delayMs?: number;
  readonly priority?: number;
  /** Default: the queue's. */
  readonly attempts?: number;
  /** Once failed, the job stays until somebody retries or removes it. */
  readonly keepFailed?: boolean;
}

/** A cron pattern (UTC) or a period. */
export type Schedule = { readonly cron: string } | { readonly everyMs: number };

const TROUBLE_EVERY_MS = 10_000;
/** How soon a worker asks again for a job after its store failed; BullMQ's own 15 s are long for a store that restarts. */
const RETRY_STORE_MS = 1_000;

/** The five queues: adding, scheduling, working and administering jobs. */
@Injectable()
export class QueueService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly #backend: QueueBackend;
  readonly #queues = new Map<QueueName, JobQueue>();
  readonly #workers: JobWorker[] = [];
  #closing = false;
  #toldOfTroubleAt = -Infinity;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly handlers: JobHandlers,
    private readonly health: HealthRegistry,
    private readonly metrics: MetricsRegistry,
  ) {
    const { REDIS_URL } = runtime.config;
    this.#backend = REDIS_URL === '' ? postgresBackend(runtime.postgres.ownerUrl, logger) : redisBackend(REDIS_URL);
  }

  async onModuleInit(): Promise<void> {
    await this.#backend.prepare();
    for (const name of QUEUE_NAMES) this.#queues.set(name, this.#open(name, QUEUES[name]));
    await Promise.all([...this.#queues.values()].map((queue) => this.#backend.ready(queue)));
    this.health.register({ name: 'queue', critical: false, check: () => this.#check() });
    this.#contributeMetrics();
  }

  /** Every module has registered its handlers by now. */
  async onApplicationBootstrap(): Promise<void> {
    if (!playsRole(this.runtime.config, 'worker')) return;
    const outcomes = this.metrics.counter('queue_jobs_processed_total', 'Attempts at jobs that succeeded', ['queue']);
    const failures = this.metrics.counter('queue_jobs_failed_total', 'Attempts at jobs that failed', ['queue']);
    for (const name of QUEUE_NAMES) {
      const worker = this.#work(name, QUEUES[name]);
      worker.on('completed', () => outcomes.inc({ queue: name }));
      worker.on('failed', (job, err) => {
        failures.inc({ queue: name });
        this.logger.warn({ err, queue: name, jobId: job?.id, jobName: job?.name }, 'an attempt at a job failed');
      });
      worker.on('error', (err) => this.#trouble(name, err));
      this.#workers.push(worker);
      await this.#backend.ready(worker);
      worker.run().catch((err: unknown) => this.#trouble(name, err));
    }
  }

  /** Lets running jobs finish. */
  async onModuleDestroy(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    await this.#backend.close();
  }

  /** Adds a job and answers its id. `data` must be JSON, and never a secret. */
  async add(queue: QueueName, jobName: string, data: object, options: AddOptions = {}): Promise<string> {
    const job = await this.queue(queue).add(jobName, data, {
      priority: options.priority ?? QUEUES[queue].priority,
      ...(options.jobId === undefined ? {} : { jobId: options.jobId }),
      ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
      ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
      ...(options.keepFailed === true ? { removeOnFail: false } : {}),
    });
    return job.id ?? '';
  }

  /** Has a job added again and again; the same id replaces the former schedule. */
  async schedule(queue: QueueName, id: string, schedule: Schedule, jobName: string, data: object = {}): Promise<void> {
    const repeat = 'cron' in schedule ? { pattern: schedule.cron, tz: 'UTC' } : { every: schedule.everyMs };
    await this.queue(queue).upsertJobScheduler(id, repeat, { name: jobName, data });
  }

  async unschedule(queue: QueueName, id: string): Promise<void> {
    await this.queue(queue).removeJobScheduler(id);
  }

  /** What the queue administration shows. */
  async stats(): Promise<QueueStats[]> {
    return Promise.all(QUEUE_NAMES.map((name) => this.statsOf(name)));
  }

  async statsOf(name: QueueName): Promise<QueueStats> {
    const queue = this.queue(name);
    const [counts, paused] = await Promise.all([
      queue.getJobCounts('waiting', 'prioritized', 'active', 'completed', 'failed', 'delayed'),
      queue.isPaused(),
    ]);
    const of = (state: string) => counts[state] ?? 0;
    const shown = {
      waiting: of('waiting') + of('prioritized'),
      active: of('active'),
      completed: of('completed'),
      failed: of('failed'),
      delayed: of('delayed'),
    };
    return { queueName: name, ...shown, total: Object.values(shown).reduce((sum, count) => sum + count, 0), paused };
  }

  async pause(name: QueueName): Promise<void> {
    await this.queue(name).pause();
  }

  async resume(name: QueueName): Promise<void> {
    await this.queue(name).resume();
  }

  #open(name: QueueName, definition: QueueDefinition): JobQueue {
    const queue = this.#backend.queue(name, {
      defaultJobOptions: {
        attempts: definition.attempts,
        backoff: definition.backoff,
        removeOnComplete: definition.keepCompleted,
        removeOnFail: definition.keepFailed,
      },
    });
    queue.on('error', (err) => this.#trouble(name, err));
    return queue;
  }

  #work(name: QueueName, definition: QueueDefinition): JobWorker {
    const { stalled } = definition;
    return this.#backend.worker(name, (job, token) => this.#run(name, job, token), {
      concurrency: definition.concurrency,
      runRetryDelay: RETRY_STORE_MS,
      ...(stalled === undefined
        ? {}
        : { lockDuration: stalled.lockMs, stalledInterval: stalled.checkMs, maxStalledCount: stalled.times }),
      ...(definition.perSecond === undefined ? {} : { limiter: { max: definition.perSecond, duration: 1000 } }),
    });
  }

  async #run(queue: QueueName, job: Job, token: string | undefined): Promise<unknown> {
    const handler = this.handlers.find(queue, job.name);
    if (handler === undefined) throw new UnrecoverableError(`Nothing handles the job ${queue}/${job.name}`);
    const id = job.id ?? '';
    const attempt = job.attemptsMade + 1;
    const isLast = attempt >= (job.opts.attempts ?? 1);
    try {
      return await runInScope({ requestId: `job-${queue}-${id}` }, () =>
        handler({ id, name: job.name, data: job.data as unknown, attempt, isLast }),
      );
    } catch (error) {
      if (error instanceof GivenUpError) throw new UnrecoverableError(error.message);
      if (!(error instanceof PostponedError)) throw error;
      this.logger.debug({ err: error, queue, jobId: id }, 'a job is postponed');
      await job.moveToDelayed(Date.now() + error.delayMs, token);
      throw new DelayedError();
    }
  }

  /** The store is away or was; BullMQ goes on by itself. Ten queues and workers tell of one outage: one line is enough. */
  #trouble(queue: QueueName, err: unknown): void {
    if (this.#closing) return;
    const now = performance.now();
    const isNews = now - this.#toldOfTroubleAt > TROUBLE_EVERY_MS;
    if (isNews) this.#toldOfTroubleAt = now;
    this.logger[isNews ? 'warn' : 'debug']({ err, queue }, 'the queues have trouble with their store');
  }

  /** @throws NotFoundError when there is no such queue */
  queue(name: QueueName): JobQueue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new NotFoundError(`The queue ${name}`);
    return queue;
  }

  async #check(): Promise<{ detail: string }> {
    const stats = await this.stats();
    return { detail: `${stats.reduce((sum, { waiting }) => sum + waiting, 0)} jobs waiting` };
  }

  #contributeMetrics(): void {
    this.metrics.observe({
      name: 'queue_jobs',
      help: 'Jobs by queue and state',
      type: 'gauge',
      labelNames: ['queue', 'state'],
      observe: async () =>
        (await this.stats()).flatMap(({ queueName: queue, waiting, active, completed, failed, delayed }) =>
          Object.entries({ waiting, active, completed, failed, delayed }).map(([state, value]) => ({
            labels: { queue, state },
            value,
          })),
        ),
    });
  }
}
