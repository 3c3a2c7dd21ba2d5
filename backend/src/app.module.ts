import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { ClickHouseModule } from './shared/clickhouse/clickhouse.module.js';
import { DatabaseModule } from './shared/platform/database/database.module.js';
import type { Runtime } from './shared/platform/index.js';
import { PlatformModule } from './shared/platform/platform.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static forRoot(runtime: Runtime, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [PlatformModule.forRoot(runtime, logger), DatabaseModule, ClickHouseModule],
    };
  }
}
