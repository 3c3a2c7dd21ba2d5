import { ClickHouseError } from '@clickhouse/client';
import { DomainError, UnavailableError } from '../platform/index.js';

export type QueryLimit = 'time' | 'memory' | 'rows' | 'size';

/** Error codes of ClickHouse (src/Common/ErrorCodes.cpp) that mean: the query asked for too much, and of what. */
const LIMIT_CODES: ReadonlyMap<string, QueryLimit> = new Map([
  ['158', 'rows'], // TOO_MANY_ROWS
  ['159', 'time'], // TIMEOUT_EXCEEDED
  ['160', 'time'], // TOO_SLOW
  ['241', 'memory'], // MEMORY_LIMIT_EXCEEDED
  ['307', 'rows'], // TOO_MANY_BYTES
  ['396', 'size'], // TOO_MANY_ROWS_OR_BYTES: of the result
]);

/** A query reached its limit. */
export class QueryLimitError extends DomainError {
  constructor(readonly limit: QueryLimit) {
    super('QUERY_LIMIT_EXCEEDED', `The query reached its limit of ${limit}; narrow the time range or the filter`);
  }
}
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
    const limit = LIMIT_CODES.get(code);
    if (limit !== undefined) return new QueryLimitError(limit);
    return BUSY_CODES.has(code) ? new UnavailableError('The telemetry store is busy', 2) : error;
  }
  if (isNetworkError(error)) return new UnavailableError('The telemetry store is away; it is retried', 2);
  return error;
}

/**
 * Whether the connection broke before there was an answer, as one that was kept alive may. What only reads can be asked again.
 */
export function isBrokenConnection(error: unknown): boolean {
  return tells(error, /^(ECONNRESET|EPIPE)$/, /socket hang up/i);
}

function isNetworkError(error: unknown): boolean {
  return tells(error, /^(ECONN|EPIPE|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|UND_)/, /socket hang up|timeout error/i);
}

function tells(error: unknown, code: RegExp, message: RegExp): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && code.test(String(error.code))) || message.test(error.message);
}
