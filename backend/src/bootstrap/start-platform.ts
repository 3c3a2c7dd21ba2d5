import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import { SeedService, type SeedResult } from '../modules/100-core/index.js';
import { ClickHouseMigrator } from '../shared/clickhouse/index.js';
import { migratePostgres } from '../shared/platform/database/index.js';
import { ApiDocument } from '../shared/platform/docs/api-document.js';
import {
  ConfigError,
  SeedLogins,
  Endpoints,
  listenHost,
  type Addresses,
  type Config,
  type Runtime,
} from '../shared/platform/index.js';
import { describeApi } from './api-document.js';
import { createApplication } from './application.js';
import { claimDataDir, settleJwtSecret } from './data-dir.js';
import { startStores } from './engines.js';
import { assertPortsFree, portFault } from './ports.js';
import type { ShutdownSteps } from './shutdown-steps.js';
import { version } from './version.js';

export interface Platform extends Addresses {
  readonly app: NestFastifyApplication;
  readonly runtime: Runtime;
  /** Set once, by the production start that created it. */
  readonly superAdministrator: SeedResult['superAdministrator'];
}

/**
 * Starts everything this node is made of, in the order in which one part needs another, and registers with `steps` how
 * each is stopped. When it rejects, the caller runs the steps.
 *
 * @throws ConfigError when the operator has to change something
 */
export async function startPlatform(config: Config, logger: Logger, steps: ShutdownSteps): Promise<Platform> {
  await assertPortsFree(config);
  const { dataDir, lock } = await claimDataDir(config);
  await steps.add('data directory lock', () => lock.release());
  const jwtSecret = await settleJwtSecret(config, dataDir);
  const stores = await startStores(config, dataDir, logger, steps);
  await migratePostgres(stores.postgres, logger);
  const runtime: Runtime = { config, version, dataDir, jwtSecret, ...stores };

  const app = await createApplication(runtime, logger, () => false);
  await steps.add('application', () => app.close());
  app.get(ApiDocument).publish(describeApi(AppModule));
  await app.init();
  const { seedLogins, superAdministrator } = await app.get(SeedService).seed();
  app.get(SeedLogins).publish(seedLogins);
  if (config.CLICKHOUSE_URL === '') await app.get(ClickHouseMigrator).ready;

  const addresses = await listen(app, runtime);
  app.get(Endpoints).publish(addresses);
  return { app, runtime, superAdministrator, ...addresses };
}

async function listen(app: NestFastifyApplication, runtime: Runtime): Promise<Addresses> {
  const { PORT: port } = runtime.config;
  const host = listenHost(runtime.config);
  try {
    await app.listen({ port, host });
  } catch (error) {
    // Taken between the check and now.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EADDRINUSE' || code === 'EACCES') throw new ConfigError([portFault('PORT', port, host, code)]);
    throw error;
  }
  const bound = app.getHttpServer().address() as AddressInfo;
  return { url: `http://${clientHost(host)}:${bound.port}`, otlpHttpUrl: '', otlpGrpcUrl: '' };
}

/** The name by which a client on this machine reaches an address that is listened on. */
function clientHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
