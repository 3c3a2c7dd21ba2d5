import {
  IngestAuthError,
  type IngestAuthenticator,
  type IngestHeaders,
  type IngestPrincipal,
} from '../auth/ingest-authenticator.js';
import type { ClickHouseAddress } from '../drain/clickhouse-segment-store.js';
import { IngestServer, type IngestServerOptions, type IngestSettings } from '../ingest-server.js';

export const GOOD_KEY = { 'x-api-key-id': 'tfk-good', 'x-api-key-secret': 'tfs-good' };
export const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const DEFAULTS: IngestSettings = {
  OTLP_HTTP_PORT: 0,
  OTLP_GRPC_PORT: 0,
  INGEST_LOG_MAX_BYTES: 1 << 30,
  INGEST_MIN_FREE_BYTES: 0,
  INGEST_MAX_BODY_BYTES: 4 << 20,
  INGEST_SEGMENT_AGE_MS: 50,
  INGEST_SEGMENT_BYTES: 16 << 20,
  INGEST_DECODE_THREADS: 1,
};

const KEYS: ReadonlySet<string> = new Set(['tfk-good', 'tfk-other', 'tfk-readonly']);

/** Lets `tfk-good` in with every permission, `tfk-other` as somebody else's, and `tfk-readonly` with none. */
class FixedAuthenticator implements IngestAuthenticator {
  constructor(readonly tenantId: string) {}

  async authenticate(headers: IngestHeaders): Promise<IngestPrincipal> {
    const keyId = headers['x-api-key-id'];
    if (!KEYS.has(String(keyId))) throw new IngestAuthError(401, 'The API key is not valid');
    const permissions = keyId !== 'tfk-readonly' ? ['traces:write', 'metrics:write', 'logs:write'] : [];
    const organizationId = keyId === 'tfk-other' ? 'other' : this.tenantId;
    const ids = { apiKeyId: this.tenantId, tenantId: this.tenantId, organizationId, workspaceId: this.tenantId };
    return { ...ids, permissions: new Set(permissions) };
  }
}

export interface ServerChanges {
  readonly settings?: Partial<IngestSettings>;
  readonly options?: Partial<IngestServerOptions>;
}

/** An ingest server in `dataDir` that was not started yet. */
export function newIngestServer(
  dataDir: string,
  clickhouse: ClickHouseAddress,
  tenantId: string,
  changes: ServerChanges = {},
): IngestServer {
  return new IngestServer({
    settings: { ...DEFAULTS, ...changes.settings },
    host: '127.0.0.1',
    dataDir,
    clickhouse,
    authenticator: new FixedAuthenticator(tenantId),
    storeReady: Promise.resolve(),
    logger: quiet,
    maxPastMs: 30 * 86_400_000,
    maxFutureMs: 3_600_000,
    onIngested: () => {},
    ...changes.options,
  });
}
