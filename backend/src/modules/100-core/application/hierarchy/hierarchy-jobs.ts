import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { JobHandlers, QueueService } from '../../../../shared/queue/index.js';
import { PurgeDeleted } from './commands/purge-deleted.js';

const PURGE = 'purge-hierarchy';
/** Once a day, in the quietest hour of UTC. */
const PURGE_AT = '20 3 * * *';

/** What the hierarchy has done by jobs. */
@Injectable()
export class HierarchyJobs implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly handlers: JobHandlers,
    private readonly queues: QueueService,
    private readonly purgeDeleted: PurgeDeleted,
  ) {}

  onModuleInit(): void {
    this.handlers.register('cleanup', PURGE, ({ id }) => this.purgeDeleted.execute(`job-${id}`));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.queues.schedule('cleanup', PURGE, { cron: PURGE_AT }, PURGE);
  }
}
