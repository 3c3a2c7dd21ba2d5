import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@telemetryflow/embedded';
import { migrateClickHouse } from '../../../../shared/clickhouse/migrator.js';
import type { ClickHouseAddress } from '../drain/clickhouse-segment-store.js';
import type { Ingested } from '../drain/segment-content.js';
import type { IngestServer } from '../ingest-server.js';
import { newIngestServer, quiet, type ServerChanges } from './test-server.js';

const DATABASE = 'telemetry';

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
    await migrateClickHouse(
      { clickhouse, config: { CLICKHOUSE_CLUSTER: '' } } as Parameters<typeof migrateClickHouse>[0],
      quiet,
    );
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

  /** A statement that answers nothing. */
  async exec(query: string): Promise<void> {
    await this.#client.command({ query });
  }

  async count(query: string): Promise<number> {
    const [row] = await this.rows<{ n: string }>(`SELECT count() AS n FROM ${query}`);
    return Number(row?.n);
  }
}
