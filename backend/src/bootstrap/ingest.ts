import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '@nestjs/cqrs';
import { API_KEY_PERMISSIONS } from '@telemetryflow/contracts';
import type { Logger } from 'pino';
import { PlaceDirectory, type SeededPlaces } from '../modules/100-core/index.js';
import { ApiKeyAuthenticator } from '../modules/300-api-keys/index.js';
import { ApiKeyIngestAuthenticator } from '../modules/400-telemetry/ingest/auth/api-key-ingest-authenticator.js';
import {
  IngestAuthError,
  type IngestHeaders,
  type IngestPrincipal,
} from '../modules/400-telemetry/ingest/auth/ingest-authenticator.js';
import { IngestServer, PortError } from '../modules/400-telemetry/ingest/ingest-server.js';
import { ClickHouseMigrator } from '../shared/clickhouse/index.js';
import { TelemetryIngested } from '../shared/messaging/index.js';
import { ConfigError, listenHost, UnavailableError, type Runtime } from '../shared/platform/index.js';
import { portFault } from './ports.js';

const DAY_MS = 24 * 3600 * 1000;
/** Old data is welcome (imports, replays); what is older than this has a broken clock. */
const MAX_PAST_MS = 20 * 365 * DAY_MS;
const MAX_FUTURE_MS = DAY_MS;

/** Ingest, tied to the keys, the store and the events of this application; it does not listen yet. */
export function buildIngest(
  app: NestFastifyApplication,
  runtime: Runtime,
  places: SeededPlaces,
  logger: Logger,
): IngestServer {
  const bus = app.get(EventBus);
  return new IngestServer({
    settings: runtime.config,
    host: listenHost(runtime.config),
    dataDir: runtime.dataDir,
    clickhouse: runtime.clickhouse,
    authenticator: new ApiKeyIngestAuthenticator({
      keys: { authenticate: (headers) => authenticateKey(app.get(ApiKeyAuthenticator, { strict: false }), headers) },
      tenants: app.get(PlaceDirectory, { strict: false }),
      ...(runtime.config.OTLP_ANONYMOUS ? { anonymous: async () => anonymousIn(places) } : {}),
    }),
    storeReady: app.get(ClickHouseMigrator).ready,
    logger: logger.child({ part: 'ingest' }),
    maxPastMs: MAX_PAST_MS,
    maxFutureMs: MAX_FUTURE_MS,
    onIngested: (ingested) => bus.publish(new TelemetryIngested(ingested)),
  });
}

/** @throws ConfigError that names the taken port's variable */
export async function startIngest(ingest: IngestServer, host: string): Promise<void> {
  try {
    await ingest.start();
  } catch (error) {
    if (error instanceof PortError) throw new ConfigError([portFault(error.variable, error.port, host, error.code)]);
    throw error;
  }
}

async function authenticateKey(keys: ApiKeyAuthenticator, headers: IngestHeaders) {
  try {
    return await keys.authenticate(headers);
  } catch (error) {
    if (error instanceof UnavailableError) throw new IngestAuthError(503, error.message, { cause: error });
    throw error;
  }
}

/** What programs on this machine send without a key goes to the default tenant. */
function anonymousIn({ default: place }: SeededPlaces): IngestPrincipal {
  const writes = API_KEY_PERMISSIONS.filter((permission) => permission.endsWith(':write'));
  const { organizationId, workspaceId, tenantId } = place;
  return { apiKeyId: null, organizationId, workspaceId, tenantId, permissions: new Set(writes) };
}
