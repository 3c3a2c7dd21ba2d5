import { ClickHouseError, SettingsMap } from '@clickhouse/client';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { parseTfql, TfqlSyntaxError, type TfqlExpression } from '@telemetryflow/contracts';
import { ClickHouseService, QueryLimitError, type QueryResult } from '../../../shared/clickhouse/index.js';
import { ConfigSchema, DomainError, UnavailableError } from '../../../shared/platform/index.js';
import type { Statement } from './compiler/parameters.js';
import { readLimitsOf, type ReadLimits } from './read-limits.js';
import { ReadTurns } from './read-turns.js';

/** Whose data is read, and what ends the reading early. */
export interface ReadScope {
  readonly tenantId: string;
  /** The tenant's: with it, cached answers can be told apart by people who look at the cache. */
  readonly workspaceId?: string;
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal;
}

export const READ_LIMITS = Symbol('read-limits');
const CANNOT_COMPILE_REGEXP = '427';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Every table that holds tenants' telemetry and may be read here. */
export const TENANT_TABLES = [
  'resources_v3',
  'scopes_v3',
  'spans_v3',
  'traces_v3',
  'logs_v3',
  'logs_v3_by_trace',
  'series_v3',
  'metrics_v3',
  'metrics_v3_hourly',
  'metrics_v3_daily',
  'histograms_v3',
  'exemplars_v3',
  'attribute_values_v3',
  'services_v3',
] as const;

/** The read side's way to the telemetry tables: limits on every query, and a second tenant filter by the engine itself. */
@Injectable()
export class TelemetryStore {
  readonly #limits: ReadLimits;
  readonly #turns: ReadTurns;

  constructor(
    private readonly clickhouse: ClickHouseService,
    @Optional() @Inject(READ_LIMITS) limits: ReadLimits = readLimitsOf(ConfigSchema.parse({})),
  ) {
    this.#limits = limits;
    this.#turns = new ReadTurns(limits);
  }

  /**
   * Rows of a compiled statement; 64-bit integers are text.
   *
   * @throws DomainError QUERY_LIMIT_EXCEEDED, QUERY_SYNTAX (a regular expression the engine refuses), UNAVAILABLE
   */
  async query<T>(statement: Statement, scope: ReadScope): Promise<T[]> {
    return (await this.read<T>(statement, scope)).rows;
  }

  /** The same, with what the store read for it. */
  async read<T>(statement: Statement, scope: ReadScope): Promise<QueryResult<T>> {
    const { tenantId, signal } = scope;
    const settings = { additional_table_filters: tenantFilters(tenantId) };
    const { timeoutMs, maxMemoryBytes, maxResultBytes } = this.#limits;
    const options = {
      ...(signal === undefined ? {} : { signal }),
      timeoutMs,
      maxMemoryBytes,
      maxResultBytes,
      settings,
    };
    try {
      return await this.#turns.run(
        tenantId,
        () => this.clickhouse.query<T>(statement.sql, { ...statement.params }, options),
        signal,
      );
    } catch (error) {
      if (signal?.aborted === true) throw new UnavailableError('The caller left before the answer');
      throw explain(error, this.#limits);
    }
  }
}

/**
 * Reads a request's filter.
 *
 * @throws DomainError QUERY_SYNTAX
 */
export function parseFilter(filter: string): TfqlExpression {
  return withFilterErrors(() => parseTfql(filter));
}

/** Runs what may throw a TfqlSyntaxError and turns that into the problem of the field `filter`. */
export function withFilterErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TfqlSyntaxError) throw filterProblem(error.message);
    throw error;
  }
}

function filterProblem(message: string): DomainError {
  return new DomainError('QUERY_SYNTAX', 'The filter could not be read', [{ path: 'filter', code: 'syntax', message }]);
}

/** The value of `additional_table_filters`: the tenant, whatever the statement says. */
function tenantFilters(tenantId: string): SettingsMap {
  // The setting is text, not a parameter: nothing but a UUID may become part of it.
  if (!UUID.test(tenantId)) throw new TypeError('A tenant id is a UUID');
  const filter = `tenant_id = toUUID(\\'${tenantId}\\')`;
  return SettingsMap.from(Object.fromEntries(TENANT_TABLES.map((table) => [table, filter])));
}

function explain(error: unknown, limits: ReadLimits): unknown {
  if (error instanceof ClickHouseError && String(error.code) === CANNOT_COMPILE_REGEXP) {
    return filterProblem('The regular expression is not valid RE2 syntax; check its brackets and escapes');
  }
  if (!(error instanceof QueryLimitError)) return error;
  const limit = {
    time: `${limits.timeoutMs / 1000} s`,
    memory: `${limits.maxMemoryBytes / 1024 ** 2} MiB of memory`,
    rows: 'as many rows as may be read',
    size: `${limits.maxResultBytes / 1024 ** 2} MiB for its answer`,
  }[error.limit];
  const remedy =
    error.limit === 'size'
      ? 'ask for fewer records at a time'
      : 'choose a shorter time range, filter by service.name, or group by fewer keys';
  const message = `The query needs more than ${limit}; ${remedy}`;
  return new DomainError('QUERY_LIMIT_EXCEEDED', message, [
    { path: 'queries', code: `${error.limit}_limit`, message: `needs more than ${limit}` },
  ]);
}
