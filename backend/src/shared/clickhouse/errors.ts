import { ClickHouseError } from '@clickhouse/client';
import { DomainError, UnavailableError } from '../platform/index.js';

/** Error codes of ClickHouse (src/Common/ErrorCodes.cpp) that mean: the query asked for too much. */
const LIMIT_CODES: ReadonlySet<string> = new Set([
  '158', // TOO_MANY_ROWS
  '159', // TIMEOUT_EXCEEDED
  '160', // TOO_SLOW
  '241', // MEMORY_LIMIT_EXCEEDED
  '307', // TOO_MANY_BYTES
  '396', // TOO_MANY_ROWS_OR_BYTES
]);
/** The store refuses for now; the same statement may work in a moment. */
const BUSY_CODES: ReadonlySet<string> = new Set([
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '242', // TABLE_IS_READ_ONLY
  '252', // TOO_MANY_PARTS
  '279', // ALL_CONNECTION_TRIES_FAILED
  '999', // KEEPER_EXCEPTION
]);

/** Whether the statement itself is sound and only the store is away or busy. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ClickHouseError) return BUSY_CODES.has(String(error.code));
  return error instanceof Error;
}

/** What a failed statement means to the caller; a faulty statement stays the error it is (and ends as a 500). */
export function translateError(error: unknown): unknown {
  if (error instanceof ClickHouseError) {
    const code = String(error.code);
    if (LIMIT_CODES.has(code)) {
      return new DomainError(
        'QUERY_LIMIT_EXCEEDED',
        'The query reached its limit of time or memory; narrow the time range or the filter',
      );
    }
    return BUSY_CODES.has(code) ? new UnavailableError('The telemetry store is busy', 2) : error;
  }
  if (isNetworkError(error)) return new UnavailableError('The telemetry store is away; it is retried', 2);
  return error;
}

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(ECONN|EPIPE|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|UND_)/.test(code) ||
    /socket hang up|timeout error/i.test(error.message)
  );
}
