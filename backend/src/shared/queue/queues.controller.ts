import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Injectable,
  Param,
  Post,
  Query,
  type PipeTransform,
} from '@nestjs/common';
import {
  CleanQueueRequest,
  CleanQueueResult,
  QueueJobPage,
  QueueJobQuery,
  QueueList,
  PageQuery,
  QueueName,
  QueueStats,
} from '@telemetryflow/contracts';
import { z } from 'zod';
import { Database, recordAct } from '../platform/database/index.js';
import {
  Context,
  Describe,
  NotFoundError,
  pageMeta,
  RequirePermission,
  type RequestContext,
} from '../platform/index.js';
import { QueueAdmin, type ListedState } from './queue-admin.js';
import { QueueService } from './queue.service.js';

const TAG = 'Queues';
const QueueParams = z.object({ name: QueueName });
const JobParams = z.object({ name: QueueName, jobId: z.string() });

/** An unknown queue answers 404, as every unknown name in a path does. */
@Injectable()
class QueueNamePipe implements PipeTransform<unknown, QueueName> {
  transform(value: unknown): QueueName {
    const { success, data } = QueueName.safeParse(value);
    if (!success) throw new NotFoundError('The queue');
    return data;
  }
}

/** The administration of the queues, for who runs the platform. */
@Controller('api/v2/admin/queues')
export class QueuesController {
  constructor(
    private readonly queues: QueueService,
    private readonly admin: QueueAdmin,
    private readonly database: Database,
  ) {}

  @Get()
  @RequirePermission('queues:read')
  @Describe({ summary: 'The queues with their counts', tag: TAG, response: QueueList })
  async list(): Promise<QueueList> {
    const data = await this.queues.stats();
    const sum = (of: (stats: QueueStats) => number) => data.reduce((total, stats) => total + of(stats), 0);
    return {
      data,
      summary: {
        totalQueues: data.length,
        totalJobs: sum(({ total }) => total),
        totalWaiting: sum(({ waiting }) => waiting),
        totalActive: sum(({ active }) => active),
        totalCompleted: sum(({ completed }) => completed),
        totalFailed: sum(({ failed }) => failed),
        totalDelayed: sum(({ delayed }) => delayed),
      },
    };
  }

  @Get(':name/stats')
  @RequirePermission('queues:read')
  @Describe({ summary: 'The counts of one queue', tag: TAG, params: QueueParams, response: QueueStats })
  stats(@Param('name', QueueNamePipe) name: QueueName): Promise<QueueStats> {
    return this.queues.statsOf(name);
  }

  @Get(':name/jobs')
  @RequirePermission('queues:read')
  @Describe({
    summary: 'Jobs of a state, newest first',
    tag: TAG,
    params: QueueParams,
    query: QueueJobQuery,
    response: QueueJobPage,
  })
  jobs(
    @Param('name', QueueNamePipe) name: QueueName,
    @Query({ schema: QueueJobQuery }) { state, ...page }: QueueJobQuery,
  ): Promise<QueueJobPage> {
    return this.#page(name, state, page);
  }

  @Get(':name/failed')
  @RequirePermission('queues:read')
  @Describe({
    summary: 'Failed jobs, newest first: the dead letters',
    tag: TAG,
    params: QueueParams,
    query: PageQuery,
    response: QueueJobPage,
  })
  failed(
    @Param('name', QueueNamePipe) name: QueueName,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<QueueJobPage> {
    return this.#page(name, 'failed', page);
  }

  @Post(':name/pause')
  @HttpCode(200)
  @RequirePermission('queues:update')
  @Describe({ summary: 'Let no more jobs begin', tag: TAG, params: QueueParams, response: QueueStats })
  async pause(@Context() context: RequestContext, @Param('name', QueueNamePipe) name: QueueName): Promise<QueueStats> {
    await this.#act(context, 'paused', name, () => this.queues.pause(name));
    return this.queues.statsOf(name);
  }

  @Post(':name/resume')
  @HttpCode(200)
  @RequirePermission('queues:update')
  @Describe({ summary: 'Let jobs begin again', tag: TAG, params: QueueParams, response: QueueStats })
  async resume(@Context() context: RequestContext, @Param('name', QueueNamePipe) name: QueueName): Promise<QueueStats> {
    await this.#act(context, 'resumed', name, () => this.queues.resume(name));
    return this.queues.statsOf(name);
  }

  @Post(':name/clean')
  @HttpCode(200)
  @RequirePermission('queues:update')
  @Describe({
    summary: 'Remove jobs that have ended, except those that hold telemetry',
    tag: TAG,
    params: QueueParams,
    body: CleanQueueRequest,
    response: CleanQueueResult,
  })
  async clean(
    @Context() context: RequestContext,
    @Param('name', QueueNamePipe) name: QueueName,
    @Body({ schema: CleanQueueRequest }) { state, olderThanSeconds, limit }: CleanQueueRequest,
  ): Promise<CleanQueueResult> {
    return this.#act(context, 'cleaned', name, async (details) => {
      const removed = await this.admin.clean(name, { state, olderThanMs: olderThanSeconds * 1000, limit });
      Object.assign(details, { state, olderThanSeconds, removed });
      return { removed };
    });
  }

  @Post(':name/retry/:jobId')
  @HttpCode(202)
  @RequirePermission('queues:update')
  @Describe({ summary: 'Have a failed job run again', tag: TAG, params: JobParams, status: 202 })
  async retry(
    @Context() context: RequestContext,
    @Param('name', QueueNamePipe) name: QueueName,
    @Param('jobId') jobId: string,
  ): Promise<void> {
    await this.#act(context, 'job_retried', name, () => this.admin.retry(name, jobId), { jobId });
  }

  @Delete(':name/jobs/:jobId')
  @HttpCode(204)
  @RequirePermission('queues:update')
  @Describe({ summary: 'Remove a job, and for good the telemetry it holds', tag: TAG, params: JobParams, status: 204 })
  async remove(
    @Context() context: RequestContext,
    @Param('name', QueueNamePipe) name: QueueName,
    @Param('jobId') jobId: string,
  ): Promise<void> {
    await this.#act(context, 'job_removed', name, () => this.admin.remove(name, jobId), { jobId });
  }

  async #page(name: QueueName, state: ListedState, { page, limit }: PageQuery): Promise<QueueJobPage> {
    const { jobs, total } = await this.admin.list(name, state, (page - 1) * limit, limit);
    return { data: jobs, meta: pageMeta(page, limit, total) };
  }

  /** Acts and records it: in the trail is what was done, and nothing is done that can't be recorded. */
  #act<T>(
    context: RequestContext,
    what: string,
    queue: QueueName,
    work: (details: Record<string, unknown>) => Promise<T>,
    details: Record<string, unknown> = {},
  ): Promise<T> {
    return this.database.transaction(context, async (manager) => {
      const done = await work(details);
      const resource = { type: 'queue', id: queue, name: queue };
      await recordAct(manager, context, { action: `queue.${what}`, resource, details });
      return done;
    });
  }
}
