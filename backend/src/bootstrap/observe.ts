import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database } from '../shared/platform/database/index.js';
import { HealthRegistry, MetricsRegistry, type Runtime } from '../shared/platform/index.js';

/** Health and metrics of what the application itself does not own: the database, the engines. */
export function observe(app: NestFastifyApplication, runtime: Runtime): void {
  const health = app.get(HealthRegistry);
  const metrics = app.get(MetricsRegistry);
  const database = app.get(Database);
  health.register({
    name: 'postgres',
    critical: true,
    check: async () => {
      await database.ping();
    },
  });
  metrics.observe({
    name: 'engine_restarts_total',
    help: 'How often an embedded engine was started again after it died',
    type: 'counter',
    labelNames: ['engine'],
    observe: () => runtime.engines.map(({ name, restarts }) => ({ labels: { engine: name }, value: restarts })),
  });
}
