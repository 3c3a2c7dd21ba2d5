import type { QueueName } from '@telemetryflow/contracts';

/** How a queue's jobs run. */
export interface QueueDefinition {
  readonly concurrency: number;
  /** Jobs per second of one worker. */
  readonly perSecond?: number;
  readonly attempts: number;
  readonly backoff: { readonly type: 'exponential' | 'fixed'; readonly delay: number };
  /** 1 is first. */
  readonly priority: number;
  readonly keepCompleted: { readonly count: number; readonly age: number };
  readonly keepFailed: { readonly count: number; readonly age: number };
  /** How soon the jobs of a worker that died go to another one. Default: BullMQ's 30 s each. */
  readonly stalled?: { readonly lockMs: number; readonly checkMs: number; readonly times: number };
}

const KEEP_COMPLETED = { count: 100, age: 3600 };
const KEEP_FAILED = { count: 500, age: 86_400 };
const exponential = (delay: number) => ({ type: 'exponential' as const, delay });

/** The five queues. What failed for good stays as the dead letters, to be looked at and retried by hand. */
export const QUEUES = {
  'otlp-ingestion': {
    concurrency: 10,
    perSecond: 1000,
    attempts: 3,
    backoff: exponential(1000),
    priority: 2,
    keepCompleted: KEEP_COMPLETED,
    keepFailed: KEEP_FAILED,
    // Telemetry that somebody waits for. A segment is not given up because its workers were killed some times.
    stalled: { lockMs: 10_000, checkMs: 5_000, times: 20 },
  },
  'alert-evaluation': {
    concurrency: 5,
    perSecond: 100,
    attempts: 2,
    backoff: { type: 'fixed', delay: 5000 },
    priority: 2,
    keepCompleted: KEEP_COMPLETED,
    keepFailed: KEEP_FAILED,
  },
  aggregation: {
    concurrency: 3,
    perSecond: 50,
    attempts: 3,
    backoff: exponential(5000),
    priority: 3,
    keepCompleted: KEEP_COMPLETED,
    keepFailed: KEEP_FAILED,
  },
  cleanup: {
    concurrency: 2,
    perSecond: 10,
    attempts: 2,
    backoff: exponential(10_000),
    priority: 4,
    keepCompleted: KEEP_COMPLETED,
    keepFailed: KEEP_FAILED,
  },
  notification: {
    concurrency: 5,
    perSecond: 100,
    attempts: 5,
    backoff: exponential(3000),
    priority: 2,
    keepCompleted: KEEP_COMPLETED,
    keepFailed: { count: 500, age: 172_800 },
  },
} as const satisfies Record<QueueName, QueueDefinition>;

export { QUEUE_NAMES, type QueueName } from '@telemetryflow/contracts';
