import { Global, Module } from '@nestjs/common';
import { JobHandlers } from './job-handlers.js';
import { QueueAdmin } from './queue-admin.js';
import { QueueService } from './queue.service.js';
import { QueuesController } from './queues.controller.js';

/** Background jobs: on the metadata database, or on Redis when REDIS_URL is set. */
@Global()
@Module({
  controllers: [QueuesController],
  providers: [QueueService, QueueAdmin, JobHandlers],
  exports: [QueueService, JobHandlers],
})
export class QueueModule {}
