import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { TABLES, type TableName } from '@telemetryflow/otlp';
import { failureKind, InsertError } from './store-error.js';

const REQUEST_TIMEOUT_MS = 120_000;
const ALL_ROWS = '1000000000000';

/** Where the rows of sealed segments go. */
export interface SegmentStore {
  /**
   * Inserts RowBinary rows. The same token never inserts twice.
   *
   * @throws InsertError
   */
  insert(table: TableName, rows: Buffer, token: string): Promise<void>;
  close(): Promise<void>;
}

export interface ClickHouseAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** Each insert is one block, so that its token covers it as a whole, in the table and in the views that hang on it. */
const ONE_TOKENED_BLOCK = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  max_insert_block_size: ALL_ROWS,
  min_insert_block_size_rows: ALL_ROWS,
  min_insert_block_size_bytes: ALL_ROWS,
  max_partitions_per_insert_block: '0',
  input_format_parallel_parsing: 0,
  // The status of the answer is that of the finished insert.
  wait_end_of_query: 1,
} as const;

/** The store over ClickHouse's HTTP interface, the embedded one or a cluster's. */
export class ClickHouseSegmentStore implements SegmentStore {
  readonly #client: ClickHouseClient;
  readonly #database: string;

  constructor(address: ClickHouseAddress) {
    this.#database = address.database;
    this.#client = createClient({
      url: address.url,
      username: address.username,
      password: address.password,
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: 2,
      application: 'telemetryflow-ingest',
      // The client's own log lines would bypass ours; errors reach us by exception.
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  async insert(table: TableName, rows: Buffer, token: string): Promise<void> {
    const columns = TABLES[table].columns.map((column) => `\`${column}\``).join(', ');
    try {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO \`${this.#database}\`.\`${table}\` (${columns}) FORMAT RowBinary`,
        values: Readable.from([rows]),
        clickhouse_settings: { ...ONE_TOKENED_BLOCK, insert_deduplication_token: token },
      });
      for await (const _ of stream) void _; // an insert answers nothing; the connection is free once it is read
    } catch (error) {
      const code = error instanceof ClickHouseError ? Number(error.code) : undefined;
      const message = error instanceof Error ? error.message : String(error);
      throw new InsertError(failureKind(code), table, message, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
