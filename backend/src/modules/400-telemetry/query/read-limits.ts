import type { Config } from '../../../shared/platform/index.js';

/** What reading may cost. */
export interface ReadLimits {
  /** Of one statement. */
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
  /** Of its answer. */
  readonly maxResultBytes: number;
  /** Statements that run at once on this node, for everybody. */
  readonly concurrency: number;
  /** Those of one tenant among them. */
  readonly tenantConcurrency: number;
  /** Statements of one tenant that wait for their turn. */
  readonly tenantWaiting: number;
}

/** One connection less than the client of the store has, for what does not wait its turn: liveness. */
const CONCURRENCY = 9;
const MAX_RESULT_BYTES = 128 * 1024 ** 2;

export function readLimitsOf(
  config: Pick<
    Config,
    'QUERY_MAX_SECONDS' | 'QUERY_MAX_MEMORY_MB' | 'QUERY_TENANT_CONCURRENCY' | 'QUERY_TENANT_WAITING'
  >,
): ReadLimits {
  return {
    timeoutMs: config.QUERY_MAX_SECONDS * 1000,
    maxMemoryBytes: config.QUERY_MAX_MEMORY_MB * 1024 ** 2,
    maxResultBytes: MAX_RESULT_BYTES,
    concurrency: CONCURRENCY,
    tenantConcurrency: Math.min(config.QUERY_TENANT_CONCURRENCY, CONCURRENCY),
    tenantWaiting: config.QUERY_TENANT_WAITING,
  };
}
