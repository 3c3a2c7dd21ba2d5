import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClusterEvents } from '../../../shared/messaging/index.js';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { MetricsRegistry } from '../../../shared/platform/index.js';
import { PlaceChanges } from '../../100-core/index.js';
import { ApiKeys, type KeyRecord } from './api-keys.js';
import { type CredentialHeaders, keyCredentialOf } from './key-headers.js';
import { KeyVerifier } from './key-verifier.js';

/** What an authenticated key may do, and where. */
export interface ApiKeyPrincipal {
  readonly apiKeyId: string;
  readonly keyId: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  /** For a workspace-wide key: the tenant it acts in unless the request names another of the workspace. */
  readonly tenantId: string;
  readonly scope: 'tenant' | 'workspace';
  readonly permissions: ReadonlySet<string>;
  readonly expiresAt: Date | null;
  /** The key's own limit; absent: the platform's. */
  readonly requestsPerMinute?: number;
}

interface Remembered {
  readonly record: KeyRecord | null;
  readonly principal: ApiKeyPrincipal | null;
}

/**
 * What another node did to a key is seen when its event comes, and after this at the latest should the event be lost; what
 * this node did, at once.
 */
const RECORD_TTL_MS = 2_000;

/**
 * Authenticates API keys from request headers or gRPC metadata. Cheap to refuse: a malformed key costs a regular
 * expression, an unknown one a remembered lookup; only a known key's first secret in a minute costs an Argon2 run.
 */
@Injectable()
export class ApiKeyAuthenticator implements OnModuleInit {
  readonly #records = new ExpiringMap<Remembered>({ ttlMs: RECORD_TTL_MS, maxEntries: 20_000 });

  constructor(
    private readonly keys: ApiKeys,
    private readonly verifier: KeyVerifier,
    private readonly metrics: MetricsRegistry,
    places: PlaceChanges,
    cluster: ClusterEvents,
  ) {
    places.listen(() => this.#records.clear());
    // What another node did to a key; what this one did is forgotten before the event comes.
    cluster.listen('api_key.*', ({ payload }) => this.evict(String(payload['keyId'])));
  }

  onModuleInit(): void {
    this.metrics.observe({
      name: 'api_key_secret_checks_total',
      help: 'Argon2 runs for the secrets of API keys',
      type: 'counter',
      observe: () => [{ value: this.verifier.checks }],
    });
  }

  /**
   * Null: no key, a malformed, unknown, expired or revoked one, or a wrong secret.
   *
   * @throws UnavailableError when the database is away or too many first checks are waiting
   * @throws DomainError RATE_LIMIT_EXCEEDED when the key's first check is held up by too many wrong guesses
   */
  async authenticate(headers: CredentialHeaders): Promise<ApiKeyPrincipal | null> {
    const credential = keyCredentialOf(headers);
    if (!credential) return null;
    const { record, principal } = await this.#records.load(credential.keyId, () => this.#load(credential.keyId));
    if (!record?.key.usableAt(new Date())) {
      this.verifier.disprove(credential);
      return null;
    }
    if (!(await this.verifier.verify(record.key.secretHash, credential))) return null;
    return principal;
  }

  /** Whether the headers hold a key that was let in lately; asks nobody, so it may be asked in a flood. */
  isProven(headers: CredentialHeaders): boolean {
    const credential = keyCredentialOf(headers);
    return credential !== null && this.verifier.hasProven(credential);
  }

  /** After the key was created, changed or revoked. */
  evict(keyId: string): void {
    this.#records.delete(keyId);
  }

  async #load(keyId: string): Promise<Remembered> {
    const record = await this.keys.record(keyId);
    return { record, principal: record && principalOf(record) };
  }
}

function principalOf({ key, defaultTenantId }: KeyRecord): ApiKeyPrincipal {
  return {
    apiKeyId: key.id,
    keyId: key.keyId,
    organizationId: key.organizationId,
    workspaceId: key.workspaceId,
    tenantId: defaultTenantId,
    scope: key.scopeType,
    permissions: new Set(key.permissions),
    expiresAt: key.expiresAt,
    ...(key.rateLimit === null ? {} : { requestsPerMinute: key.rateLimit }),
  };
}
