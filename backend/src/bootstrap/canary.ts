import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { CANARY_TENANT_ID } from '../modules/400-telemetry/ingest/canary/canary-telemetry.js';
import { Canary } from '../modules/400-telemetry/ingest/canary/canary.js';
import { ClickHouseCanaryStore } from '../modules/400-telemetry/ingest/canary/clickhouse-canary-store.js';
import type { IngestPrincipal } from '../modules/400-telemetry/ingest/auth/ingest-authenticator.js';
import type { IngestServer } from '../modules/400-telemetry/ingest/ingest-server.js';
import { ClickHouseService } from '../shared/clickhouse/index.js';
import type { Runtime } from '../shared/platform/index.js';

const OWN: IngestPrincipal = {
  apiKeyId: null,
  tenantId: CANARY_TENANT_ID,
  organizationId: CANARY_TENANT_ID,
  workspaceId: CANARY_TENANT_ID,
  permissions: new Set(),
};

/** The canary of this node's ingest; undefined when there is to be none. */
export function buildCanary(
  app: NestFastifyApplication,
  { config }: Runtime,
  ingest: IngestServer,
  logger: Logger,
): Canary | undefined {
  if (config.INGEST_CANARY_SECONDS === 0) return undefined;
  return new Canary({
    everyMs: config.INGEST_CANARY_SECONDS * 1000,
    activity: () => ingest.stats.snapshot().acceptedItems.reduce((sum, { value }) => sum + value, 0),
    send: async (signal, body, receivedAtMs) => {
      const { rejected, message } = await ingest.takeOwn({ signal, body, principal: OWN, receivedAtMs });
      if (rejected > 0) throw new Error(message);
    },
    store: new ClickHouseCanaryStore(app.get(ClickHouseService, { strict: false })),
    logger,
  });
}

/** What everyone but the canary sent: its telemetry is nobody's business. */
export function withoutCanary<T extends { readonly tenantId: string }>(ingested: readonly T[]): T[] {
  return ingested.filter(({ tenantId }) => tenantId !== CANARY_TENANT_ID);
}
