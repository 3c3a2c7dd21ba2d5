import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { TABLES, type TableName } from '@telemetryflow/otlp';
import { failureKind, InsertError } from './store-error.js';

const REQUEST_TIMEOUT_MS = 120_000;
/** More than segments are ever under way at once. */
const CONNECTIONS = 16;
const ALL_ROWS = '1000000000000';

/** FUNCTION_THROW_IF_VALUE_IS_NON_ZERO */
const THROW_IF = 395;

/** Where the rows of sealed segments go. */
export interface SegmentStore {
  /**
   * Inserts RowBinary rows. The same token never inserts twice.
   *
   * @throws InsertError
   */
  insert(table: TableName, rows: Buffer, token: string): Promise<void>;
  /**
   * Whether the bytes are rows of the table at all, and as many; nothing is stored. What is not can't have been inserted:
   * the store reads the whole of an insert before it writes any of it.
   *
   * @throws InsertError when the store can't tell
   */
  reads(table: TableName, rows: Buffer, count: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface ClickHouseAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** When the store is on this machine and reads files: where to put them, and the header that names one. */
  readonly handover?: { readonly dir: string; readonly header: string };
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
  // Skip indexes are built by merges: fresh parts are small, and most of them are merged within seconds.
  materialize_skip_indexes_on_insert: 0,
  // The status of the answer is that of the finished insert.
  wait_end_of_query: 1,
} as const;

/** Counts rows by reading them. */
const READ_EVERY_BYTE = {
  async_insert: 0,
  allow_suspicious_low_cardinality_types: 1,
  input_format_parallel_parsing: 0,
  optimize_count_from_files: 0,
  optimize_trivial_count_query: 0,
  wait_end_of_query: 1,
} as const;

/** The store over ClickHouse's HTTP interface, the embedded one or a cluster's. */
export class ClickHouseSegmentStore implements SegmentStore {
  readonly #client: ClickHouseClient;
  readonly #database: string;
  readonly #handover: ClickHouseAddress['handover'];

  constructor(address: ClickHouseAddress) {
    this.#database = address.database;
    this.#handover = address.handover;
    this.#client = createClient({
      url: address.url,
      username: address.username,
      password: address.password,
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: CONNECTIONS,
      application: 'telemetryflow-ingest',
      // The client's own log lines would bypass ours; errors reach us by exception.
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  async insert(table: TableName, rows: Buffer, token: string): Promise<void> {
    const columns = TABLES[table].columns.map((column) => `\`${column}\``).join(', ');
    try {
      await this.#send(`INSERT INTO \`${this.#database}\`.\`${table}\` (${columns}) FORMAT RowBinary`, rows, {
        ...ONE_TOKENED_BLOCK,
        insert_deduplication_token: token,
      });
    } catch (error) {
      throw insertErrorOf(error, table);
    }
  }

  async reads(table: TableName, rows: Buffer, count: number): Promise<boolean> {
    try {
      const structure = await this.#structureOf(table);
      await this.#send(
        `INSERT INTO FUNCTION null('n UInt8') SELECT throwIf(count() != ${count}) FROM input('${structure}') FORMAT RowBinary`,
        rows,
        READ_EVERY_BYTE,
      );
      return true;
    } catch (error) {
      if (error instanceof ClickHouseError && Number(error.code) === THROW_IF) return false;
      const failure = insertErrorOf(error, table);
      if (failure.kind === 'data') return false;
      throw failure;
    }
  }

  /** The table's columns with their types, as the inside of an SQL string. */
  async #structureOf(table: TableName): Promise<string> {
    const answer = await this.#client.query({
      query: 'SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}',
      query_params: { database: this.#database, table },
      format: 'JSONEachRow',
    });
    const types = new Map((await answer.json<{ name: string; type: string }>()).map(({ name, type }) => [name, type]));
    const columns = TABLES[table].columns.map((name) => `\`${name}\` ${types.get(name) ?? 'String'}`);
    return columns.join(', ').replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  }

  async #send(query: string, rows: Buffer, settings: ClickHouseSettings): Promise<void> {
    if (this.#handover !== undefined) return this.#handOver(this.#handover, query, rows, settings);
    const values = Readable.from([rows]);
    const { stream } = await this.#client.exec({ query, values, clickhouse_settings: settings });
    for await (const _ of stream) void _; // an insert answers nothing; the connection is free once it is read
  }

  /** The same statement, its rows in a file that the engine reads where it lies. */
  async #handOver(
    { dir, header }: NonNullable<ClickHouseAddress['handover']>,
    query: string,
    rows: Buffer,
    settings: ClickHouseSettings,
  ): Promise<void> {
    const name = `handed-${randomUUID()}`;
    const path = join(dir, name);
    try {
      await writeFile(path, rows, { flag: 'wx', mode: 0o600 });
      const http_headers = { [header]: name };
      const { stream } = await this.#client.exec({ query, http_headers, clickhouse_settings: settings });
      for await (const _ of stream) void _;
    } finally {
      await rm(path, { force: true });
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

function insertErrorOf(error: unknown, table: TableName): InsertError {
  const code = error instanceof ClickHouseError ? Number(error.code) : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return new InsertError(failureKind(code), table, message, { cause: error });
}
