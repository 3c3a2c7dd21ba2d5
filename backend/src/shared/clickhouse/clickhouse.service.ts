import { createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { HealthRegistry, MetricsRegistry, RUNTIME, type Runtime } from '../platform/index.js';
import { isBrokenConnection, QueryLimitError, translateError } from './errors.js';

export interface QueryOptions {
  readonly settings?: ClickHouseSettings;
  /** Aborting cancels the query in the engine. */
  readonly signal?: AbortSignal;
  /** Time limit; default 30 s. */
  readonly timeoutMs?: number;
  /** Memory limit of this query in bytes; default 1 GiB. */
  readonly maxMemoryBytes?: number;
  /** Limit of the answer in bytes; default 128 MiB. */
  readonly maxResultBytes?: number;
}

interface QueryStats {
  readonly elapsedMs: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface QueryResult<T> {
  readonly rows: T[];
  readonly stats: QueryStats;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MEMORY_BYTES = 1024 ** 3;
/** It becomes text, then objects, several times as large: all of them live at once. */
const DEFAULT_RESULT_BYTES = 128 * 1024 ** 2;
const PING_TIMEOUT_MS = 2_000;
/** The engine ends a query at its own limit first, so that the client learns why. */
const CLIENT_GRACE_MS = 5_000;

/** The one client of the telemetry store. */
@Injectable()
export class ClickHouseService implements OnModuleInit, OnApplicationShutdown {
  readonly #client: ClickHouseClient;
  readonly #queries: Counter<'outcome'>;
  readonly #duration: Histogram<'outcome'>;

  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    private readonly health: HealthRegistry,
    metrics: MetricsRegistry,
  ) {
    this.#client = connect(runtime, runtime.clickhouse.database);
    this.#queries = metrics.counter('clickhouse_queries_total', 'Queries sent to the telemetry store', ['outcome']);
    this.#duration = metrics.durationMs('clickhouse_queries_duration_ms', 'Time of queries to the telemetry store', [
      'outcome',
    ]);
  }

  onModuleInit(): void {
    // Not critical: while the store is away ingest goes on into its log, and metadata is served.
    this.health.register({ name: 'clickhouse', critical: false, check: () => this.ping() });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#client.close();
  }

  /**
   * Runs a SELECT with typed `{name:Type}` parameters. 64-bit integers arrive as strings.
   *
   * @throws DomainError QUERY_LIMIT_EXCEEDED over time, memory or size; UNAVAILABLE when the store is away
   */
  async query<T>(
    sql: string,
    params: Record<string, unknown> = {},
    options: QueryOptions = {},
  ): Promise<QueryResult<T>> {
    return this.#measured(async () => {
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const maxResultBytes = options.maxResultBytes ?? DEFAULT_RESULT_BYTES;
      const ask = () =>
        this.#client.query({
          query: sql,
          query_params: params,
          format: 'JSON',
          abort_signal: withTimeout(options.signal, timeoutMs + CLIENT_GRACE_MS),
          clickhouse_settings: {
            output_format_json_quote_64bit_integers: 1,
            // Threads cost a small answer more than they save.
            output_format_parallel_formatting: 0,
            max_execution_time: Math.max(1, Math.ceil(timeoutMs / 1000)),
            max_result_bytes: String(maxResultBytes),
            max_memory_usage: String(options.maxMemoryBytes ?? DEFAULT_MEMORY_BYTES),
            cancel_http_readonly_queries_on_client_close: 1,
            readonly: '2',
            ...options.settings,
          },
        });
      const result = await ask().catch((error: unknown) => {
        if (options.signal?.aborted === true || !isBrokenConnection(error)) throw error;
        return ask();
      });
      // The embedded engine knows its size beforehand, and nothing of the setting.
      if (Number(result.response_headers['content-length'] ?? 0) > maxResultBytes) {
        result.close();
        throw new QueryLimitError('size');
      }
      const body = await result.json<T>();
      return {
        rows: body.data,
        stats: {
          elapsedMs: Math.round((body.statistics?.elapsed ?? 0) * 1e6) / 1e3,
          rowsRead: body.statistics?.rows_read ?? 0,
          bytesRead: body.statistics?.bytes_read ?? 0,
        },
      };
    });
  }

  /** Runs a statement that answers nothing. */
  async exec(sql: string, params: Record<string, unknown> = {}, options: QueryOptions = {}): Promise<void> {
    await this.#measured(async () => {
      await this.#client.command({
        query: sql,
        query_params: params,
        abort_signal: withTimeout(options.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
        ...(options.settings === undefined ? {} : { clickhouse_settings: options.settings }),
      });
    });
  }

  /**
   * Inserts rows, a column left out gets its default. Resolves when they are stored.
   *
   * @throws UnavailableError when the store is away
   */
  async insert(table: string, rows: readonly object[]): Promise<void> {
    await this.#measured(async () => {
      await this.#client.insert({
        table,
        values: rows,
        format: 'JSONEachRow',
        abort_signal: AbortSignal.timeout(DEFAULT_TIMEOUT_MS),
        clickhouse_settings: { async_insert: 0, wait_end_of_query: 1 },
      });
    });
  }

  /** @throws when the store does not answer within two seconds */
  async ping(): Promise<void> {
    const answer = await this.#client.ping({ select: true, abort_signal: AbortSignal.timeout(PING_TIMEOUT_MS) });
    if (!answer.success) throw answer.error;
  }

  async #measured<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    let outcome = 'error';
    try {
      const value = await work();
      outcome = 'ok';
      return value;
    } catch (error) {
      throw translateError(error);
    } finally {
      this.#queries.inc({ outcome });
      this.#duration.observe({ outcome }, performance.now() - startedAt);
    }
  }
}

/** A client for `database`, or for none in particular. */
export function connect(runtime: Pick<Runtime, 'clickhouse'>, database?: string): ClickHouseClient {
  const { url, username, password } = runtime.clickhouse;
  return createClient({
    url,
    username,
    password,
    ...(database === undefined ? {} : { database }),
    application: 'telemetryflow',
    request_timeout: 120_000,
    max_open_connections: 10,
    // The client's own log lines would bypass ours; errors reach us by exception.
    log: { level: OFF },
  });
}

const OFF = 127;

function withTimeout(signal: AbortSignal | undefined, timeoutMs: number): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
