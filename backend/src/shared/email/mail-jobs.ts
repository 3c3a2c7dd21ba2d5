import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Endpoints, LOGGER, RUNTIME, type Runtime } from '../platform/index.js';
import { JobHandlers, PostponedError, QueueService } from '../queue/index.js';
import { EmailService } from './email.service.js';
import type { MailMessage } from './mail-message.js';
import type { MailRenderer } from './mail-renderer.js';

export type MailData = Readonly<Record<string, unknown>>;

/**
 * Makes the message at the moment it is sent, from the ids and facts that its job carries. Links are made here too, so that
 * no job holds a token: an attempt that is tried again makes a new link. Null: there is nobody to write to any more.
 */
export type MailComposer = (data: MailData) => Promise<MailMessage | null>;

interface MailJob {
  readonly mail: string;
  readonly data: MailData;
}

const QUEUE = 'notification';
const JOB = 'mail';
/** With the queue's growing pauses: about six minutes, in which a mail server restarts. */
const ATTEMPTS = 8;
const UNTIL_LISTENING_MS = 1_000;

/** Mails as jobs, tried several times; a request never waits for a mail server. */
@Injectable()
export class MailJobs implements OnModuleInit {
  readonly #composers = new Map<string, MailComposer>();
  #renderer: Promise<MailRenderer> | undefined;

  constructor(
    private readonly queues: QueueService,
    private readonly handlers: JobHandlers,
    private readonly email: EmailService,
    private readonly endpoints: Endpoints,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.handlers.register(QUEUE, JOB, ({ data }) => this.#send(data as MailJob));
    const { NODE_ENV, SMTP_ENABLED, FRONTEND_URL } = this.runtime.config;
    if (NODE_ENV === 'production' && SMTP_ENABLED && FRONTEND_URL === '') {
      this.logger.warn(
        'FRONTEND_URL is not set: the links in mails lead to the address that this machine calls itself',
      );
    }
  }

  /**
   * Says how the mail of this name is made. Register in `onModuleInit`.
   *
   * @throws Error when the name is taken
   */
  register(mail: string, compose: MailComposer): void {
    if (this.#composers.has(mail)) throw new Error(`The mail ${mail} is composed twice`);
    this.#composers.set(mail, compose);
  }

  /**
   * Has a mail composed and sent soon.
   *
   * @param data JSON, and never a secret: the composer looks it up
   * @param id of what the mail tells of: the same mail of the same id is sent once
   */
  async enqueue(mail: string, data: MailData, id: string): Promise<void> {
    await this.queues.add(QUEUE, JOB, { mail, data } satisfies MailJob, {
      jobId: `${mail}-${id}`,
      attempts: ATTEMPTS,
    });
  }

  async #send({ mail, data }: MailJob): Promise<void> {
    const compose = this.#composers.get(mail);
    if (compose === undefined) throw new Error(`Nothing composes the mail ${mail}`);
    const baseUrl = this.#baseUrl();
    if (baseUrl === '') throw new PostponedError(UNTIL_LISTENING_MS, 'this node does not listen yet');
    const message = await compose(data);
    if (message === null) return;
    this.#renderer ??= import('./mail-renderer.js').then((module) => new module.MailRenderer());
    const renderer = await this.#renderer;
    await this.email.send({ to: message.to, ...renderer.render(message, baseUrl) });
  }

  #baseUrl(): string {
    return (this.runtime.config.FRONTEND_URL || this.endpoints.addresses.url).replace(/\/+$/, '');
  }
}
