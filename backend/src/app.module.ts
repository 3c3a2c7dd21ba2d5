import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { CacheModule } from './shared/cache/cache.module.js';
import { ClickHouseModule } from './shared/clickhouse/clickhouse.module.js';
import { EmailModule } from './shared/email/email.module.js';
import { MessagingModule } from './shared/messaging/messaging.module.js';
import { DatabaseModule } from './shared/platform/database/database.module.js';
import type { Runtime } from './shared/platform/index.js';
import { PlatformModule } from './shared/platform/platform.module.js';
import { QueueModule } from './shared/queue/queue.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static forRoot(runtime: Runtime, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(runtime, logger),
        DatabaseModule,
        ClickHouseModule,
        CacheModule,
        QueueModule,
        MessagingModule,
        EmailModule,
      ],
    };
  }
}
