import type { StatusDetail } from '@telemetryflow/otlp';

/** Why a request is refused as a whole. */
export type RefusalReason =
  | 'bad_data'
  | 'unauthenticated'
  | 'forbidden'
  | 'method_not_allowed'
  | 'not_found'
  | 'timeout'
  | 'cancelled'
  | 'too_large'
  | 'unsupported_media'
  | 'throttled'
  | 'quota_exceeded'
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
  // Not 408: OTLP clients drop what is answered so, and there is nothing wrong with the data.
  timeout: { http: 503, grpc: 4 },
  // The client is gone; the HTTP code is for the statistics alone.
  cancelled: { http: 499, grpc: 1 },
  too_large: { http: 413, grpc: 8 },
  unsupported_media: { http: 415, grpc: 3 },
  throttled: { http: 429, grpc: 8 },
  quota_exceeded: { http: 429, grpc: 8 },
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

/** A limit as clients are told of it. */
export interface RateLimitStatus {
  readonly limit: number;
  /** How much of it is left. */
  readonly remaining: number;
  /** Milliseconds until more of it is left; 0 when all is. */
  readonly resetMs: number;
}

/** More came than a limit allows. It is over soon, and then the same request is welcome. */
export class ThrottledError extends IngestError {
  override readonly name = 'ThrottledError';

  constructor(
    message: string,
    readonly rateLimit: RateLimitStatus,
  ) {
    super('throttled', message, wholeSeconds(rateLimit.resetMs));
  }
}

/**
 * A quota is used up, and it will be for long. gRPC clients are told not to retry (no RetryInfo): they would hold on to
 * what nobody takes; HTTP clients are told when it begins anew.
 */
export class QuotaExceededError extends IngestError {
  override readonly name = 'QuotaExceededError';

  constructor(
    message: string,
    readonly rateLimit: RateLimitStatus,
  ) {
    super('quota_exceeded', message);
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

/** `X-RateLimit-*` of a limit; the reset is in epoch seconds. */
export function rateLimitHeaders({ limit, remaining, resetMs }: RateLimitStatus): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(Math.max(0, remaining)),
    'X-RateLimit-Reset': String(Math.ceil((Date.now() + resetMs) / 1000)),
  };
}

/** Headers that an HTTP answer to this error carries: `Retry-After` and, for a limit, `X-RateLimit-*`. */
export function errorHeaders(error: IngestError): Record<string, string> {
  const { retryAfterSeconds: seconds } = error;
  if (!(error instanceof ThrottledError || error instanceof QuotaExceededError)) {
    return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
  }
  const { rateLimit } = error;
  return { ...rateLimitHeaders(rateLimit), 'Retry-After': String(seconds ?? wholeSeconds(rateLimit.resetMs)) };
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
