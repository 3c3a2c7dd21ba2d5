import { pino } from 'pino';
import { CacheService } from '../../../../shared/cache/index.js';
import { HealthRegistry, MetricsRegistry, type Runtime } from '../../../../shared/platform/index.js';

/** The platform's cache in this process's memory alone. Who opens it shuts it down. */
export function memoryCache(runtime: Runtime): CacheService {
  const cache = new CacheService(runtime, pino({ level: 'silent' }), new HealthRegistry(), new MetricsRegistry());
  cache.onModuleInit();
  return cache;
}
