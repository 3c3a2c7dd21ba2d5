import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import { SeedService, type SeedResult } from '../modules/100-core/index.js';
import { StoredKeys } from '../modules/300-api-keys/index.js';
import type { IngestServer } from '../modules/400-telemetry/ingest/ingest-server.js';
import { ClickHouseMigrator } from '../shared/clickhouse/index.js';
import { SelfTracing } from '../shared/otel/index.js';
import { migratePostgres } from '../shared/platform/database/index.js';
import { ApiDocument } from '../shared/platform/docs/api-document.js';
import {
  ConfigError,
  Endpoints,
  listenHost,
  playsRole,
  SeedLogins,
  type Addresses,
  type Config,
  type Runtime,
} from '../shared/platform/index.js';
import { describeApi } from './api-document.js';
import { createApplication } from './application.js';
import { buildCanary } from './canary.js';
import { claimDataDir, settleSecret } from './data-dir.js';
import { startStores } from './engines.js';
import { IngestGate } from './ingest-gate.js';
import { buildIngest, startIngest } from './ingest.js';
import { observe } from './observe.js';
import { observeIngest } from './observe-ingest.js';
import { assertPortsFree, portFault } from './ports.js';
import { SegmentJobs } from './segment-jobs.js';
import type { ShutdownSteps } from './shutdown-steps.js';
import { version } from './version.js';

export interface Platform extends Addresses {
  readonly app: NestFastifyApplication;
  readonly runtime: Runtime;
  readonly seeded: SeedResult;
  /** May send all signals to the default tenant; outside production only. */
  readonly developmentKey: DevelopmentKey | null;
}

interface DevelopmentKey {
  readonly keyId: string;
  readonly keySecret: string;
}

/**
 * Starts everything this node is made of, in the order in which one part needs another, and registers with `steps` how
 * each is stopped. When it rejects, the caller runs the steps.
 *
 * @throws ConfigError when the operator has to change something
 */
export async function startPlatform(config: Config, logger: Logger, steps: ShutdownSteps): Promise<Platform> {
  const runtime = await settleRuntime(config, logger, steps);

  // The server exists before ingest does: what arrives in between is not ingest's yet.
  let ingest: IngestServer | undefined;
  const tracing = new SelfTracing();
  const app = await createApplication(runtime, logger, (req, res) => ingest?.handle(req, res) ?? false, tracing);
  const segments = new SegmentJobs(app, runtime, logger.child({ part: 'ingest' }), () => ingest);
  await steps.add('application', async () => {
    await app.close();
    // After the workers: a segment that they have begun comes to its end.
    await segments.close();
  });
  app.get(ApiDocument).publish(describeApi(AppModule));
  await app.init();
  const seeded = await app.get(SeedService, { strict: false }).seed();
  app.get(SeedLogins).publish(seeded.seedLogins);
  // A store of somebody else's may be away for long; our own is up, and its tables are a moment's work.
  if (config.CLICKHOUSE_URL === '') await app.get(ClickHouseMigrator).ready;

  const host = listenHost(config);
  if (playsRole(config, 'ingest')) {
    const gate = new IngestGate(app, runtime, seeded.places, logger.child({ part: 'ingest' }));
    await gate.start();
    await steps.add('ingest gate', () => gate.stop());
    const started = buildIngest(app, runtime, gate, logger, segments);
    ingest = started;
    await startIngest(started, host);
    await steps.add('ingest', () => started.stop());
    const canary = buildCanary(app, runtime, started, logger.child({ part: 'canary' }));
    canary?.start();
    await steps.add('canary', () => canary?.stop());
    observeIngest(app, started, gate, canary);
  }
  observe(app, runtime);
  const keys = app.get(StoredKeys, { strict: false });
  const developmentKey =
    config.NODE_ENV === 'production' ? null : await keys.ensureDevelopmentKey(seeded.places.default.tenantId);
  const traced = config.OTEL_SELF && ingest !== undefined;
  const ownKey = traced
    ? await keys.ensureStoredKey('platform', seeded.places.platform.tenantId, ['traces:write'])
    : null;

  // Last: whoever gets an answer finds everything there.
  const addresses = await listen(app, config, ingest);
  app.get(Endpoints).publish(addresses);
  if (ownKey !== null) {
    // The platform's own requests go into its reserved workspace, with a key that it keeps for itself.
    tracing.start({ otlpHttpUrl: addresses.otlpHttpUrl, ...ownKey, version, environment: config.NODE_ENV });
    await steps.add('self-tracing', () => tracing.stop());
  }
  return { app, runtime, seeded, developmentKey, ...addresses };
}

/** Everything that has to be there before the application is built. */
async function settleRuntime(config: Config, logger: Logger, steps: ShutdownSteps): Promise<Runtime> {
  const { dataDir, lock } = await claimDataDir(config);
  await steps.add('data directory lock', () => lock.release());
  // After the lock: a predecessor that is still stopping holds both, and the lock is what is waited for.
  await assertPortsFree(config);
  const jwtSecret = await settleSecret(config.JWT_SECRET, dataDir, 'jwt-secret');
  const encryptionKey = await settleSecret(config.ENCRYPTION_KEY, dataDir, 'encryption-key');
  const stores = await startStores(config, dataDir, logger, steps);
  await migratePostgres(stores.postgres, logger);
  return { config, version, dataDir, jwtSecret, encryptionKey, ...stores };
}

async function listen(
  app: NestFastifyApplication,
  config: Config,
  ingest: IngestServer | undefined,
): Promise<Addresses> {
  const host = listenHost(config);
  try {
    await app.listen({ port: config.PORT, host });
  } catch (error) {
    // Taken between the check and now.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EADDRINUSE' || code === 'EACCES') throw new ConfigError([portFault('PORT', config.PORT, host, code)]);
    throw error;
  }
  const base = `http://${clientHost(host)}`;
  return {
    url: `${base}:${portOf(app)}`,
    otlpHttpUrl: ingest === undefined ? '' : `${base}:${ingest.ports.http}`,
    otlpGrpcUrl: ingest === undefined ? '' : `${base}:${ingest.ports.grpc}`,
  };
}

function portOf(app: NestFastifyApplication): number {
  const address: AddressInfo | string | null = app.getHttpServer().address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen on a port');
  return address.port;
}

/** The name by which a client on this machine reaches an address that is listened on. */
function clientHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
