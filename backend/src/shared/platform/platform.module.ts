import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { ApiDocument } from './docs/api-document.js';
import { DocsController } from './docs/docs.controller.js';
import { Endpoints } from './endpoints.js';
import { HealthRegistry } from './health-registry.js';
import { ConfigController } from './health/config.controller.js';
import { HealthController } from './health/health.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { IdParameterPipe, schemaValidationPipe } from './http/validation.js';
import { MetricsRegistry } from './metrics-registry.js';
import { LOGGER, RUNTIME, type Runtime } from './runtime.js';
import { SeedLogins } from './seed-logins.js';

/** What was settled before the application was built. */
@Global()
@Module({})
export class RuntimeModule {
  static forRoot(runtime: Runtime, logger: Logger): DynamicModule {
    const providers = [
      { provide: RUNTIME, useValue: runtime },
      { provide: LOGGER, useValue: logger },
    ];
    return { module: RuntimeModule, providers, exports: [RUNTIME, LOGGER] };
  }
}

/** The floor every module stands on: health, metrics, documentation, errors, validation. */
@Global()
@Module({
  controllers: [HealthController, MetricsController, ConfigController, DocsController],
  providers: [
    ApiDocument,
    Endpoints,
    HealthRegistry,
    MetricsRegistry,
    SeedLogins,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useFactory: schemaValidationPipe },
    { provide: APP_PIPE, useClass: IdParameterPipe },
  ],
  exports: [ApiDocument, Endpoints, HealthRegistry, MetricsRegistry, SeedLogins],
})
export class PlatformModule {}
