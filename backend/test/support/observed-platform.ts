/** A server whose store the test can read: the embedded engine, started by the test and given to the server by URL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@telemetryflow/embedded';
import type { Signal } from '@telemetryflow/otlp';
import { OtlpClient } from './otlp-client.js';
import { eventually, TestPlatform } from './platform.js';
import { type Item, StoreReader } from './stored-rows.js';

const DATABASE = 'telemetry';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export class ObservedPlatform {
  private constructor(
    readonly platform: TestPlatform,
    readonly client: OtlpClient,
    readonly store: StoreReader,
    private readonly engine: EmbeddedClickHouse,
    private readonly dir: string,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<ObservedPlatform> {
    const dir = await mkdtemp(join(tmpdir(), 'tf-observed-'));
    const engine = await startEmbeddedClickHouse({ dataDir: dir, logger: quiet });
    const { url, username, password } = engine;
    const platform = await TestPlatform.start({
      CLICKHOUSE_URL: url,
      CLICKHOUSE_USER: username,
      CLICKHOUSE_PASSWORD: password,
      CLICKHOUSE_DATABASE: DATABASE,
      INGEST_SEGMENT_AGE_MS: '20',
      THROTTLE_INGESTION_LIMIT: '0',
      OTEL_SELF: 'false',
      ...env,
    });
    const client = new OtlpClient(platform, await platform.developmentKey());
    return new ObservedPlatform(platform, client, new StoreReader({ url, username, password }, DATABASE), engine, dir);
  }

  /** Waits until the store has exactly these items and exemplars of the services; more of them is an error too. */
  async stored(signal: Signal, services: readonly string[], items: number, exemplars = 0): Promise<void> {
    let found = { items: -1, exemplars: -1 };
    await eventually(`${items} items of ${services.join(', ').slice(0, 200)}`, async () => {
      found = await this.store.count(signal, services);
      return found.items >= items && found.exemplars >= exemplars ? true : undefined;
    });
    if (found.items !== items || found.exemplars !== exemplars) {
      throw new Error(`stored: ${JSON.stringify(found)}, sent: ${JSON.stringify({ items, exemplars })}`);
    }
  }

  /** Waits until exactly these items and exemplars of one service are stored, and reads them. */
  async read(
    signal: Signal,
    service: string,
    items: number,
    exemplars = 0,
  ): Promise<{ items: Item[]; exemplars: Item[] }> {
    await this.stored(signal, [service], items, exemplars);
    // Each table is inserted for itself: the rows that these lead to may come a moment later.
    return eventually(`resources and scopes of ${service}`, () => this.store.items(signal, [service]));
  }

  async dispose(): Promise<void> {
    await this.platform.dispose();
    await this.store.close();
    await this.engine.stop();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
