import { Injectable } from '@nestjs/common';
import type { QueueName } from './queues.js';

/** One attempt at a job. Throw to have it tried again, as the queue's options say. */
export interface JobAttempt<T = unknown> {
  readonly id: string;
  readonly name: string;
  readonly data: T;
  /** 1 at first. */
  readonly attempt: number;
  /** Whether this is the last one; a job that fails then stays as failed. */
  readonly isLast: boolean;
}

/** Throw it in a handler to have the job run again after `delayMs`, as often as it takes: this attempt does not count. */
export class PostponedError extends Error {
  override readonly name = 'PostponedError';
  constructor(
    readonly delayMs: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throw it in a handler when trying again makes no sense: the job stays as failed, with this message as its reason. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError';
}

export type JobHandler<T = unknown> = (job: JobAttempt<T>) => Promise<unknown>;

/** Lets go of what lies beside a job that somebody removes. Throw to refuse. */
export type JobRemover = (data: unknown) => Promise<void>;

interface JobKind {
  readonly handler: JobHandler;
  readonly remover: JobRemover | undefined;
}

/** Where modules say which jobs they do. Register in `onModuleInit`: workers start afterwards. */
@Injectable()
export class JobHandlers {
  readonly #kinds = new Map<string, JobKind>();

  /**
   * @param remover for jobs that hold something besides their data: cleaning a queue spares them, removing one calls it
   * @throws Error when the job already has a handler
   */
  register(queue: QueueName, jobName: string, handler: JobHandler, remover?: JobRemover): void {
    const key = `${queue}/${jobName}`;
    if (this.#kinds.has(key)) throw new Error(`The job ${key} has two handlers`);
    this.#kinds.set(key, { handler, remover });
  }

  find(queue: QueueName, jobName: string): JobHandler | undefined {
    return this.#kinds.get(`${queue}/${jobName}`)?.handler;
  }

  removerOf(queue: QueueName, jobName: string): JobRemover | undefined {
    return this.#kinds.get(`${queue}/${jobName}`)?.remover;
  }
}
