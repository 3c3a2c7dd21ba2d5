import { ClickHouseError, SettingsMap } from '@clickhouse/client';
import { Injectable } from '@nestjs/common';
import { parseTfql, TfqlSyntaxError, type TfqlExpression } from '@telemetryflow/contracts';
import { ClickHouseService, type QueryResult } from '../../../shared/clickhouse/index.js';
import { DomainError, UnavailableError } from '../../../shared/platform/index.js';
import type { Statement } from './compiler/parameters.js';

/** Whose data is read, and what ends the reading early. */
export interface ReadScope {
  readonly tenantId: string;
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 10_000;
const MAX_MEMORY_BYTES = 512 * 1024 ** 2;
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
  constructor(private readonly clickhouse: ClickHouseService) {}

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
    try {
      return await this.clickhouse.query<T>(
        statement.sql,
        { ...statement.params },
        {
          ...(scope.signal === undefined ? {} : { signal: scope.signal }),
          timeoutMs: TIMEOUT_MS,
          maxMemoryBytes: MAX_MEMORY_BYTES,
          settings: { additional_table_filters: tenantFilters(scope.tenantId) },
        },
      );
    } catch (error) {
      if (scope.signal?.aborted === true) throw new UnavailableError('The caller left before the answer');
      throw explain(error);
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

function explain(error: unknown): unknown {
  if (error instanceof ClickHouseError && String(error.code) === CANNOT_COMPILE_REGEXP) {
    return filterProblem('The regular expression is not valid RE2 syntax; check its brackets and escapes');
  }
  if (error instanceof DomainError && error.code === 'QUERY_LIMIT_EXCEEDED') {
    return new DomainError(
      'QUERY_LIMIT_EXCEEDED',
      `The query needs more than ${TIMEOUT_MS / 1000} s or ${MAX_MEMORY_BYTES / 1024 ** 2} MiB of memory; ` +
        'choose a shorter time range, filter by service.name, or group by fewer keys',
    );
  }
  return error;
}
