import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { Endpoints } from './endpoints.js';
import { HealthRegistry } from './health-registry.js';
import { ConfigController } from './health/config.controller.js';
import { HealthController } from './health/health.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ScopeInterceptor } from './http/scope.interceptor.js';
import { IdParameterPipe, schemaValidationPipe } from './http/validation.js';
import { MetricsRegistry } from './metrics-registry.js';
import { LOGGER, RUNTIME, type Runtime } from './runtime.js';
import { SeedLogins } from './seed-logins.js';

/** The floor every module stands on: runtime, logger, health, metrics, errors, validation. */
@Module({})
export class PlatformModule {
  static forRoot(runtime: Runtime, logger: Logger): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController, MetricsController, ConfigController],
      providers: [
        { provide: RUNTIME, useValue: runtime },
        { provide: LOGGER, useValue: logger },
        Endpoints,
        HealthRegistry,
        MetricsRegistry,
        SeedLogins,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: ScopeInterceptor },
        { provide: APP_PIPE, useFactory: schemaValidationPipe },
        { provide: APP_PIPE, useClass: IdParameterPipe },
      ],
      exports: [RUNTIME, LOGGER, Endpoints, HealthRegistry, MetricsRegistry, SeedLogins],
    };
  }
}
