import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { JobHandlers, QueueService } from '../../../shared/queue/index.js';
import { ApiKeys } from './api-keys.js';
import { ExpireApiKeys } from './commands/expire-api-keys.js';

const EXPIRE = 'expire-api-keys';
const EXPIRE_EVERY_MS = 60_000;
const MAINTAIN_USAGE = 'maintain-api-key-usage';
/** Before each midnight: partitions are made a month and more ahead. */
const MAINTAIN_AT = '40 23 * * *';

/** What is done to keys by the clock, once in the whole platform. */
@Injectable()
export class KeyJobs implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly handlers: JobHandlers,
    private readonly queues: QueueService,
    private readonly expire: ExpireApiKeys,
    private readonly keys: ApiKeys,
  ) {}

  onModuleInit(): void {
    this.handlers.register('cleanup', EXPIRE, ({ id }) => this.expire.execute(`job-${id}`));
    this.handlers.register('cleanup', MAINTAIN_USAGE, () => this.keys.maintainUsage());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.queues.schedule('cleanup', EXPIRE, { everyMs: EXPIRE_EVERY_MS }, EXPIRE);
    await this.queues.schedule('cleanup', MAINTAIN_USAGE, { cron: MAINTAIN_AT }, MAINTAIN_USAGE);
    // A server that was off for months finds room for today.
    await this.keys.maintainUsage();
  }
}
