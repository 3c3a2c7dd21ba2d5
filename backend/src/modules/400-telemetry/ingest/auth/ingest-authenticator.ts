import { IngestError, type RefusalReason } from '../ingest-error.js';

/** On whose behalf telemetry comes in. */
export interface IngestPrincipal {
  /** `null` for anonymous ingest. */
  readonly apiKeyId: string | null;
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly permissions: ReadonlySet<string>;
  /** The key's own limit; absent: the platform's. */
  readonly requestsPerMinute?: number;
}

/** HTTP headers or gRPC metadata, names in lower case. */
export type IngestHeaders = Record<string, string | string[] | undefined>;

/** Finds out who sends. Called before a byte of the body is read. */
export interface IngestAuthenticator {
  /**
   * @param remoteAddress IP address of the directly connected peer
   * @throws IngestAuthError
   */
  authenticate(headers: IngestHeaders, remoteAddress: string): Promise<IngestPrincipal>;
  /** The client's address, when there is more to know of it than the peer's. */
  addressOf?(headers: IngestHeaders, remoteAddress: string): string;
}

const REASONS = {
  401: 'unauthenticated',
  403: 'forbidden',
  429: 'throttled',
  503: 'overloaded',
} as const satisfies Record<number, RefusalReason>;

/** The sender is not let in: unknown (401), not allowed (403), too often (429), or nobody can tell now (503). */
export class IngestAuthError extends IngestError {
  override readonly name = 'IngestAuthError';

  constructor(
    readonly status: keyof typeof REASONS,
    message: string,
    options?: ErrorOptions,
  ) {
    super(REASONS[status], message, status === 429 || status === 503 ? 5 : undefined, options);
  }
}
