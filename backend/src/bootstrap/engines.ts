import { startEmbeddedClickHouse, startEmbeddedPostgres, type Engine } from '@telemetryflow/embedded';
import type { Logger } from 'pino';
import type { Config, Runtime } from '../shared/platform/index.js';
import type { ShutdownSteps } from './shutdown-steps.js';

type Stores = Pick<Runtime, 'clickhouse' | 'postgres' | 'engines'>;

/** Starts, at the same time, an embedded engine for each store that no URL was given for. */
export async function startStores(
  config: Config,
  dataDir: string,
  logger: Logger,
  steps: ShutdownSteps,
): Promise<Stores> {
  const engines: Engine[] = [];
  const keep = async <E extends Engine>(starting: Promise<E>): Promise<E> => {
    const engine = await starting;
    await steps.add(engine.name, () => engine.stop());
    engines.push(engine);
    return engine;
  };
  // Both are waited for even when one fails: what was started must be known to be stopped.
  const [clickhouse, postgres] = await Promise.allSettled([
    clickhouseOf(config, dataDir, logger, keep),
    postgresOf(config, dataDir, logger, keep),
  ]);
  if (clickhouse.status === 'rejected') throw clickhouse.reason;
  if (postgres.status === 'rejected') throw postgres.reason;
  return { clickhouse: clickhouse.value, postgres: postgres.value, engines };
}

type Keep = <E extends Engine>(starting: Promise<E>) => Promise<E>;

async function clickhouseOf(
  config: Config,
  dataDir: string,
  logger: Logger,
  keep: Keep,
): Promise<Stores['clickhouse']> {
  const database = config.CLICKHOUSE_DATABASE;
  if (config.CLICKHOUSE_URL !== '') {
    return {
      url: config.CLICKHOUSE_URL,
      username: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      database,
    };
  }
  const memory = config.CLICKHOUSE_MEMORY_MB > 0 ? { memoryLimitBytes: config.CLICKHOUSE_MEMORY_MB * 1024 ** 2 } : {};
  const { url, username, password, handover } = await keep(
    startEmbeddedClickHouse({ dataDir, logger: logger.child({ engine: 'clickhouse' }), ...memory }),
  );
  return { url, username, password, database, ...(handover && { handover }) };
}

async function postgresOf(config: Config, dataDir: string, logger: Logger, keep: Keep): Promise<Stores['postgres']> {
  if (config.DATABASE_URL !== '') {
    if (config.DATABASE_APP_URL === '') {
      logger.warn('DATABASE_APP_URL is unset: requests run as the owner role, whom row-level security does not bind');
    }
    return { ownerUrl: config.DATABASE_URL, appUrl: config.DATABASE_APP_URL || config.DATABASE_URL };
  }
  const { ownerUrl, appUrl } = await keep(
    startEmbeddedPostgres({ dataDir, logger: logger.child({ engine: 'postgres' }) }),
  );
  return { ownerUrl, appUrl };
}
