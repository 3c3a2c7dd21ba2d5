import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { API_KEY_PERMISSIONS } from '@telemetryflow/contracts';
import type { Logger } from 'pino';
import { PlaceDirectory, type SeededPlaces } from '../modules/100-core/index.js';
import { DeniedRequests } from '../modules/200-auth/index.js';
import { ApiKeyAuthenticator } from '../modules/300-api-keys/index.js';
import { Admission } from '../modules/400-telemetry/ingest/admission/admission.js';
import { TenantUsage } from '../modules/400-telemetry/ingest/admission/tenant-usage.js';
import {
  ApiKeyIngestAuthenticator,
  type ForeignScope,
} from '../modules/400-telemetry/ingest/auth/api-key-ingest-authenticator.js';
import {
  IngestAuthError,
  type IngestHeaders,
  type IngestPrincipal,
} from '../modules/400-telemetry/ingest/auth/ingest-authenticator.js';
import { LimitedAuthenticator } from '../modules/400-telemetry/ingest/auth/limited-authenticator.js';
import { ThrottledError } from '../modules/400-telemetry/ingest/ingest-error.js';
import { PostgresUsageStore } from '../modules/400-telemetry/usage/postgres-usage-store.js';
import { type ActOrigin, Database } from '../shared/platform/database/index.js';
import { DomainError, newId, UnavailableError, type Config, type Runtime } from '../shared/platform/index.js';

/** Who may send to this node's ingest, and how much: keys, the limits of failing, rates and quotas. */
export class IngestGate {
  readonly authenticator: LimitedAuthenticator;
  readonly admission: Admission;
  readonly #usage: TenantUsage;

  constructor(app: NestFastifyApplication, { config }: Runtime, places: SeededPlaces, logger: Logger) {
    const keys = app.get(ApiKeyAuthenticator, { strict: false });
    const denied = app.get(DeniedRequests, { strict: false });
    this.authenticator = new LimitedAuthenticator({
      inner: new ApiKeyIngestAuthenticator({
        keys: { authenticate: (headers) => authenticateKey(keys, headers, config) },
        tenants: app.get(PlaceDirectory, { strict: false }),
        onForeignScope: (refused) =>
          void denied.note(originOf(refused, this.authenticator), {
            method: 'OTLP',
            route: 'Export',
            path: '',
            reason: 'place',
            detail: refused.detail,
          }),
        ...(config.OTLP_ANONYMOUS ? { anonymous: async () => anonymousIn(places) } : {}),
      }),
      failuresPerMinute: config.API_KEY_FAILURES_PER_MINUTE,
      trustProxy: config.TRUST_PROXY,
      isProven: (headers) => keys.isProven(headers),
    });
    this.#usage = new TenantUsage({
      store: new PostgresUsageStore(app.get(Database)),
      logger,
      isLimited: config.INGEST_TENANT_BYTES_PER_DAY > 0 || config.INGEST_TENANT_BYTES_PER_MONTH > 0,
    });
    this.admission = new Admission(
      {
        keyRequestsPerMinute: config.THROTTLE_INGESTION_LIMIT,
        keyRequestsPerHour: config.API_KEY_RATE_LIMIT_PER_HOUR,
        tenantRequestsPerMinute: config.INGEST_TENANT_REQUESTS_PER_MINUTE,
        tenantItemsPerSecond: config.INGEST_TENANT_ITEMS_PER_SECOND,
        tenantBytesPerDay: config.INGEST_TENANT_BYTES_PER_DAY,
        tenantBytesPerMonth: config.INGEST_TENANT_BYTES_PER_MONTH,
      },
      this.#usage,
    );
  }

  /** Knows what was sent before, as far as the database answers. */
  start(): Promise<void> {
    return this.#usage.start();
  }

  /** Writes down what was sent. After ingest has stopped. */
  stop(): Promise<void> {
    return this.#usage.stop();
  }

  /** Requests refused since the start, by the limit that they came up against. */
  get refusals(): { readonly kind: string; readonly requests: number }[] {
    return [...this.admission.refusals, { kind: 'authentication_failures', requests: this.authenticator.refusals }];
  }
}

/** Who was refused, for the trail. */
function originOf(
  { sender, keyId, headers, remoteAddress }: ForeignScope,
  authenticator: LimitedAuthenticator,
): ActOrigin {
  const { apiKeyId, organizationId, workspaceId, tenantId } = sender;
  return {
    requestId: newId(),
    ip: authenticator.addressOf(headers, remoteAddress),
    userAgent: String(headers['user-agent'] ?? ''),
    organizationId,
    workspaceId,
    tenantId,
    ...(apiKeyId === null || keyId === undefined ? {} : { actor: { type: 'api-key', id: apiKeyId, keyId } }),
  };
}

async function authenticateKey(keys: ApiKeyAuthenticator, headers: IngestHeaders, config: Config) {
  try {
    return await keys.authenticate(headers);
  } catch (error) {
    if (error instanceof UnavailableError) throw new IngestAuthError(503, error.message, { cause: error });
    if (error instanceof DomainError && error.code === 'RATE_LIMIT_EXCEEDED') {
      const resetMs = (error.retryAfterSeconds ?? 1) * 1000;
      throw new ThrottledError(error.message, { limit: config.API_KEY_FAILURES_PER_MINUTE, remaining: 0, resetMs });
    }
    throw error;
  }
}

/** What programs on this machine send without a key goes to the default tenant. */
function anonymousIn({ default: place }: SeededPlaces): IngestPrincipal {
  const writes = API_KEY_PERMISSIONS.filter((permission) => permission.endsWith(':write'));
  const { organizationId, workspaceId, tenantId } = place;
  return { apiKeyId: null, organizationId, workspaceId, tenantId, permissions: new Set(writes) };
}
