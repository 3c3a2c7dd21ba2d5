import type { StatusDetail } from '@telemetryflow/otlp';

/** Why a request is refused as a whole. */
export type RefusalReason =
  | 'bad_data'
  | 'unauthenticated'
  | 'forbidden'
  | 'method_not_allowed'
  | 'not_found'
  | 'timeout'
  | 'too_large'
  | 'unsupported_media'
  | 'throttled'
  | 'overloaded'
  | 'internal';

interface WireCodes {
  readonly http: number;
  /** `google.rpc.Code`. */
  readonly grpc: number;
}

/** How each reason is told to clients; OTLP clients retry 429 and 503 (8 with RetryInfo and 14) only. */
const WIRE_CODES: Record<RefusalReason, WireCodes> = {
  bad_data: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  not_found: { http: 404, grpc: 5 },
  method_not_allowed: { http: 405, grpc: 12 },
  timeout: { http: 408, grpc: 4 },
  too_large: { http: 413, grpc: 8 },
  unsupported_media: { http: 415, grpc: 3 },
  throttled: { http: 429, grpc: 8 },
  overloaded: { http: 503, grpc: 14 },
  internal: { http: 500, grpc: 13 },
};

/** A request that is refused as a whole. The message goes to the client. */
export class IngestError extends Error {
  override readonly name: string = 'IngestError';

  constructor(
    readonly reason: RefusalReason,
    message: string,
    /** Whole seconds after which a retry makes sense; present exactly when the client shall retry. */
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The part of the request at fault, where it is known. */
  get field(): string {
    const { cause } = this;
    return cause instanceof Error && 'field' in cause && typeof cause.field === 'string' ? cause.field : '';
  }

  get httpStatus(): number {
    return WIRE_CODES[this.reason].http;
  }

  get grpcCode(): number {
    return WIRE_CODES[this.reason].grpc;
  }
}

/** Ingest has no room now: log full, disk full, memory in use. Clients shall come back. */
export class OverloadedError extends IngestError {
  override readonly name = 'OverloadedError';

  constructor(message: string, retryAfterSeconds = 1, options?: ErrorOptions) {
    super('overloaded', message, retryAfterSeconds, options);
  }
}

export interface RpcStatus {
  /** `google.rpc.Code`. */
  readonly code: number;
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** What a client is told of an error, whatever the transport. */
export function statusOf(error: IngestError): RpcStatus {
  const { grpcCode: code, message, retryAfterSeconds, reason } = error;
  const details: StatusDetail[] = [];
  if (retryAfterSeconds !== undefined) details.push({ type: 'retryInfo', retryDelaySeconds: retryAfterSeconds });
  if (reason === 'bad_data')
    details.push({ type: 'badRequest', violations: [{ field: error.field, description: message }] });
  return { code, message, details };
}
