import { z } from 'zod';
import { Instant, PageQuery, pageOf } from './common.js';

export const QUEUE_NAMES = ['otlp-ingestion', 'alert-evaluation', 'aggregation', 'cleanup', 'notification'] as const;
export const QueueName = z.enum(QUEUE_NAMES);
export type QueueName = z.infer<typeof QueueName>;

export const QueueStats = z.object({
  queueName: QueueName,
  waiting: z.int(),
  active: z.int(),
  completed: z.int(),
  failed: z.int(),
  delayed: z.int(),
  total: z.int(),
  paused: z.boolean(),
});
export type QueueStats = z.infer<typeof QueueStats>;

export const QueueList = z.object({
  data: z.array(QueueStats),
  summary: z.object({
    totalQueues: z.int(),
    totalJobs: z.int(),
    totalWaiting: z.int(),
    totalActive: z.int(),
    totalCompleted: z.int(),
    totalFailed: z.int(),
    totalDelayed: z.int(),
  }),
});
export type QueueList = z.infer<typeof QueueList>;

export const JobState = z.enum(['waiting', 'active', 'completed', 'failed', 'delayed']);
export type JobState = z.infer<typeof JobState>;

export const QueueJob = z.object({
  id: z.string(),
  name: z.string(),
  state: JobState,
  /**
   * What the job is about. A `set-aside` job of `otlp-ingestion` names the rows that the store refused: `segment`, `table`,
   * `reason`, `sizeBytes`, `rows`, `items`; retrying it inserts them once the store takes them.
   */
  data: z.record(z.string(), z.unknown()),
  attempts: z.int(),
  failedReason: z.string().nullable(),
  addedAt: Instant,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
});
export type QueueJob = z.infer<typeof QueueJob>;

export const QueueJobPage = pageOf(QueueJob);
export type QueueJobPage = z.infer<typeof QueueJobPage>;

export const QueueJobQuery = PageQuery.extend({ state: JobState.default('failed') });
export type QueueJobQuery = z.infer<typeof QueueJobQuery>;

/** Which ended jobs go. Jobs that hold telemetry stay: they are removed one by one. */
export const CleanQueueRequest = z
  .object({
    state: z.enum(['completed', 'failed']).default('completed'),
    olderThanSeconds: z.int().min(0).default(0),
    limit: z.int().min(1).max(10_000).default(1000),
  })
  .prefault({});
export type CleanQueueRequest = z.infer<typeof CleanQueueRequest>;

export const CleanQueueResult = z.object({ removed: z.int() });
export type CleanQueueResult = z.infer<typeof CleanQueueResult>;
