import { Injectable } from '@nestjs/common';
import type { QueueName } from './queues.js';

/** One attempt at a job. Throw to have it tried again, as the queue's options say. */
export interface JobAttempt<T = unknown> {
  readonly id: string;
  readonly name: string;
  readonly data: T;
  /** 1 at first. */
  readonly attempt: number;
}

export type JobHandler<T = unknown> = (job: JobAttempt<T>) => Promise<unknown>;

/** Where modules say which jobs they do. Register in `onModuleInit`: workers start afterwards. */
@Injectable()
export class JobHandlers {
  readonly #handlers = new Map<string, JobHandler>();

  /** @throws Error when the job already has a handler */
  register(queue: QueueName, jobName: string, handler: JobHandler): void {
    const key = `${queue}/${jobName}`;
    if (this.#handlers.has(key)) throw new Error(`The job ${key} has two handlers`);
    this.#handlers.set(key, handler);
  }

  find(queue: QueueName, jobName: string): JobHandler | undefined {
    return this.#handlers.get(`${queue}/${jobName}`);
  }
}
