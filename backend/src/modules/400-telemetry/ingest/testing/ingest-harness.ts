import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@telemetryflow/embedded';
import { migrateClickHouse } from '../../../../shared/clickhouse/migrator.js';
import {
  IngestAuthError,
  type IngestAuthenticator,
  type IngestHeaders,
  type IngestPrincipal,
} from '../auth/ingest-authenticator.js';
import type { ClickHouseAddress } from '../drain/clickhouse-segment-store.js';
import type { Ingested } from '../drain/segment-content.js';
import { IngestServer, type IngestServerOptions, type IngestSettings } from '../ingest-server.js';

export const DATABASE = 'telemetry';
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
};

/** Lets `tfk-good` in with every permission and `tfk-readonly` with none. */
export class FixedAuthenticator implements IngestAuthenticator {
  constructor(readonly tenantId: string) {}

  async authenticate(headers: IngestHeaders): Promise<IngestPrincipal> {
    const keyId = headers['x-api-key-id'];
    if (keyId !== 'tfk-good' && keyId !== 'tfk-readonly') throw new IngestAuthError(401, 'The API key is not valid');
    const permissions = keyId === 'tfk-good' ? ['traces:write', 'metrics:write', 'logs:write'] : [];
    const organizationId = this.tenantId;
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

/** The embedded store with its tables, a data folder, and a tenant of its own. */
export class StoreHarness {
  readonly tenantId = randomUUID();
  readonly ingested: Ingested[] = [];
  readonly #client: ClickHouseClient;
  readonly #servers: IngestServer[] = [];

  private constructor(
    readonly dir: string,
    readonly engine: EmbeddedClickHouse,
    readonly address: ClickHouseAddress,
  ) {
    const { url, username, password, database } = address;
    this.#client = createClient({ url, username, password, database });
  }

  static async start(): Promise<StoreHarness> {
    const dir = await mkdtemp(join(tmpdir(), 'tf-ingest-'));
    const engine = await startEmbeddedClickHouse({ dataDir: dir, logger: quiet });
    const { url, username, password } = engine;
    const clickhouse = { url, username, password, database: DATABASE };
    await migrateClickHouse({ clickhouse, config: { CLICKHOUSE_CLUSTER: '' } } as Parameters<typeof migrateClickHouse>[0], quiet);
    return new StoreHarness(dir, engine, clickhouse);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop();
    await this.#client.close();
    await this.engine.stop();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A started ingest server over this store; it is stopped with the harness. */
  async server(dataDir: string, changes: ServerChanges = {}): Promise<IngestServer> {
    const onIngested = (ingested: readonly Ingested[]) => void this.ingested.push(...ingested);
    const server = newIngestServer(join(this.dir, dataDir), this.address, this.tenantId, {
      ...changes,
      options: { onIngested, ...changes.options },
    });
    await server.start();
    this.#servers.push(server);
    return server;
  }

  /** Rows of a SELECT. */
  async rows<T>(query: string): Promise<T[]> {
    const result = await this.#client.query({ query, format: 'JSONEachRow' });
    return result.json<T>();
  }

  async count(query: string): Promise<number> {
    const [row] = await this.rows<{ n: string }>(`SELECT count() AS n FROM ${query}`);
    return Number(row?.n);
  }
}
