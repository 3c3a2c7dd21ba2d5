import { Global, Module } from '@nestjs/common';
import { JobHandlers } from './job-handlers.js';
import { QueueService } from './queue.service.js';

/** Background jobs: on the metadata database, or on Redis when REDIS_URL is set. */
@Global()
@Module({ providers: [QueueService, JobHandlers], exports: [QueueService, JobHandlers] })
export class QueueModule {}
