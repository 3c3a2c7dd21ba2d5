import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { CoreModule } from './modules/100-core/100-core.module.js';
import { AuthModule } from './modules/200-auth/200-auth.module.js';
import { ApiKeysModule } from './modules/300-api-keys/300-api-keys.module.js';
import { RealtimeModule } from './modules/400-telemetry/realtime.module.js';
import { TelemetryModule } from './modules/400-telemetry/telemetry.module.js';
import { AuditModule } from './modules/800-audit/800-audit.module.js';
import { QueryBuilderModule } from './modules/1400-query-builder/1400-query-builder.module.js';
import { CacheModule } from './shared/cache/cache.module.js';
import { ClickHouseModule } from './shared/clickhouse/clickhouse.module.js';
import { EmailModule } from './shared/email/email.module.js';
import { MessagingModule } from './shared/messaging/messaging.module.js';
import { DatabaseModule } from './shared/platform/database/database.module.js';
import type { Runtime } from './shared/platform/index.js';
import { PlatformModule, RuntimeModule } from './shared/platform/platform.module.js';
import { QueueModule } from './shared/queue/queue.module.js';

const SHARED = [DatabaseModule, ClickHouseModule, CacheModule, QueueModule, MessagingModule, EmailModule];
const CONTEXTS = [
  CoreModule,
  AuthModule,
  ApiKeysModule,
  TelemetryModule,
  RealtimeModule,
  AuditModule,
  QueryBuilderModule,
];

/** The table of contents. */
@Module({ imports: [PlatformModule, ...SHARED, ...CONTEXTS] })
export class AppModule {
  /** The house with what was settled before it was built. */
  static forRoot(runtime: Runtime, logger: Logger): DynamicModule {
    return { module: AppModule, imports: [RuntimeModule.forRoot(runtime, logger)] };
  }
}
