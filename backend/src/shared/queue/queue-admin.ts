import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { ConflictError, NotFoundError } from '../platform/index.js';
import { JobHandlers } from './job-handlers.js';
import { QueueService } from './queue.service.js';
import type { QueueName } from './queues.js';

export type ListedState = 'waiting' | 'active' | 'completed' | 'failed' | 'delayed';

export interface ListedJob {
  readonly id: string;
  readonly name: string;
  readonly state: ListedState;
  readonly data: Record<string, unknown>;
  readonly attempts: number;
  readonly failedReason: string | null;
  readonly addedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface CleanOptions {
  readonly state: 'completed' | 'failed';
  /** Only what ended longer ago. */
  readonly olderThanMs: number;
  readonly limit: number;
}

const CLEAN_BATCH = 100;

/** What administrators do with jobs. */
@Injectable()
export class QueueAdmin {
  constructor(
    private readonly queues: QueueService,
    private readonly handlers: JobHandlers,
  ) {}

  /** Jobs of a state, newest first. `first` counts from 0. */
  async list(
    queue: QueueName,
    state: ListedState,
    first: number,
    limit: number,
  ): Promise<{ readonly jobs: ListedJob[]; readonly total: number }> {
    const [found, stats] = await Promise.all([
      this.queues.queue(queue).getJobs(statesOf(state), first, first + limit - 1, false),
      this.queues.statsOf(queue),
    ]);
    return { jobs: found.slice(0, limit).map((job) => listed(job, state)), total: stats[state] };
  }

  /**
   * Has a failed job run again.
   *
   * @throws NotFoundError when there is no such job
   * @throws ConflictError when it has not failed
   */
  async retry(queue: QueueName, jobId: string): Promise<void> {
    const job = await this.#job(queue, jobId);
    const state = await job.getState();
    if (state !== 'failed') throw new ConflictError(`The job is ${state}; only a failed one can be retried`);
    await job.retry('failed');
  }

  /**
   * Takes a job away, and what it holds.
   *
   * @throws NotFoundError when there is no such job
   * @throws ConflictError while a worker has it, or when what it holds is kept elsewhere
   */
  async remove(queue: QueueName, jobId: string): Promise<void> {
    const job = await this.#job(queue, jobId);
    if ((await job.getState()) === 'active') throw new ConflictError('A worker has the job; try again when it is done');
    await this.handlers.removerOf(queue, job.name)?.(job.data);
    await job.remove();
  }

  /** Removes jobs that have ended, oldest first, except those that hold something; answers how many. */
  async clean(queue: QueueName, { state, olderThanMs, limit }: CleanOptions): Promise<number> {
    const until = Date.now() - olderThanMs;
    let removed = 0;
    for (let first = 0; removed < limit;) {
      const batch = await this.queues.queue(queue).getJobs([state], first, first + CLEAN_BATCH - 1, true);
      if (batch.length === 0) break;
      const due = batch.filter((job) => (job.finishedOn ?? 0) <= until && !this.#holdsSomething(queue, job));
      const going = due.slice(0, limit - removed);
      await Promise.all(going.map((job) => job.remove()));
      removed += going.length;
      first += batch.length - going.length;
    }
    return removed;
  }

  #holdsSomething(queue: QueueName, job: Pick<Job, 'name' | 'failedReason'>): boolean {
    return Boolean(job.failedReason) && this.handlers.removerOf(queue, job.name) !== undefined;
  }

  async #job(queue: QueueName, jobId: string) {
    const job = await this.queues.queue(queue).getJob(jobId);
    if (!job) throw new NotFoundError('The job');
    return job;
  }
}

function statesOf(state: ListedState): (ListedState | 'prioritized')[] {
  return state === 'waiting' ? ['waiting', 'prioritized'] : [state];
}

type Shown = Pick<
  Job,
  'id' | 'name' | 'data' | 'attemptsMade' | 'failedReason' | 'timestamp' | 'processedOn' | 'finishedOn'
>;

function listed(job: Shown, state: ListedState): ListedJob {
  return {
    id: job.id ?? '',
    name: job.name,
    state,
    data: { ...(job.data as object) },
    attempts: job.attemptsMade,
    failedReason: job.failedReason || null,
    addedAt: new Date(job.timestamp).toISOString(),
    startedAt: timeOf(job.processedOn),
    finishedAt: timeOf(job.finishedOn),
  };
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
