import type { Signal } from '@telemetryflow/otlp';
import type { KeyUsage } from '../modules/300-api-keys/index.js';
import type { KeyObserver } from '../modules/400-telemetry/ingest/ingest-stats.js';

/** One name each, whichever of its paths a request came in by. */
const HTTP_ENDPOINTS: Record<Signal, string> = {
  traces: 'POST /v1/traces',
  metrics: 'POST /v1/metrics',
  logs: 'POST /v1/logs',
};
const GRPC_ENDPOINTS: Record<Signal, string> = {
  traces: 'gRPC TraceService/Export',
  metrics: 'gRPC MetricsService/Export',
  logs: 'gRPC LogsService/Export',
};
/** `google.rpc.Code` by number. */
const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** Counts what keys are used for at ingest. */
export function observeKeys(usage: KeyUsage): KeyObserver {
  return (apiKeyId, signal, protocol, code, isError, address) => {
    const isGrpc = protocol === 'grpc';
    const endpoint = (isGrpc ? GRPC_ENDPOINTS : HTTP_ENDPOINTS)[signal];
    const status = isGrpc ? (GRPC_STATUSES[code] ?? String(code)) : String(code);
    usage.answered(apiKeyId, endpoint, status, isError, address);
  };
}
