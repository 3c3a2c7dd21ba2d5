import { API_KEY_PERMISSIONS, type ApiKeyScope, type ApiKeyStatus } from '@telemetryflow/contracts';
import { ConflictError, newId, PermissionDeniedError, ValidationError } from '../../../shared/platform/index.js';

const DAY_MS = 86_400_000;
const DEFAULT_LIFE_DAYS = 365;
const MAX_LIFE_DAYS = 730;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a new key is to be. `tenantId` null: valid in every tenant of the workspace. */
export interface ApiKeyDraft {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string | null;
  /** Default: in 365 days. */
  readonly expiresAt?: Date;
  /** OTLP requests per minute; null: the platform's limit. */
  readonly rateLimit: number | null;
  readonly createdBy: string | null;
  /** What the creator holds where the key will act. */
  readonly grantable: ReadonlySet<string>;
}

export interface IssuedCredential {
  readonly keyId: string;
  readonly secretHash: string;
  readonly keyHint: string;
}

/**
 * A program's key. `create` enforces the rules, `restore` trusts what was stored; a revoked key never comes back.
 */
export class ApiKey {
  readonly id: string;
  readonly keyId: string;
  readonly secretHash: string;
  readonly keyHint: string;
  readonly name: string;
  readonly description: string;
  readonly scopeType: 'tenant' | 'workspace';
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string | null;
  readonly permissions: readonly string[];
  readonly status: ApiKeyStatus;
  readonly isSystem: boolean;
  /** OTLP requests per minute; null: the platform's limit. */
  readonly rateLimit: number | null;
  readonly expiresAt: Date | null;
  readonly gracePeriodExpiresAt: Date | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  readonly revokedReason: string | null;

  private constructor(state: ApiKeyState) {
    this.id = state.id;
    this.keyId = state.keyId;
    this.secretHash = state.secretHash;
    this.keyHint = state.keyHint;
    this.name = state.name;
    this.description = state.description;
    this.scopeType = state.scopeType;
    this.organizationId = state.organizationId;
    this.workspaceId = state.workspaceId;
    this.tenantId = state.tenantId;
    this.permissions = state.permissions;
    this.status = state.status;
    this.isSystem = state.isSystem;
    this.rateLimit = state.rateLimit;
    this.expiresAt = state.expiresAt;
    this.gracePeriodExpiresAt = state.gracePeriodExpiresAt;
    this.createdBy = state.createdBy;
    this.createdAt = state.createdAt;
    this.revokedAt = state.revokedAt;
    this.revokedBy = state.revokedBy;
    this.revokedReason = state.revokedReason;
  }

  /**
   * What `create` will refuse, before anyone pays for hashing a secret.
   *
   * @throws PermissionDeniedError when the creator lacks a permission it would give
   * @throws ValidationError for an unknown permission or an expiry that is past or more than 730 days ahead
   */
  static assertLawful({ permissions, grantable, expiresAt }: ApiKeyDraft, now: Date): void {
    refuseUnknown(permissions);
    const lacking = permissions.find((permission) => !grantable.has(permission));
    if (lacking !== undefined) throw new PermissionDeniedError(lacking);
    lawfulExpiry(expiresAt, now);
  }

  /** Throws as {@link ApiKey.assertLawful}. */
  static create(draft: ApiKeyDraft, credential: IssuedCredential, now: Date): ApiKey {
    ApiKey.assertLawful(draft, now);
    const { grantable: _, expiresAt, permissions, ...rest } = draft;
    return new ApiKey({
      ...rest,
      ...credential,
      id: newId(now.getTime()),
      scopeType: draft.tenantId === null ? 'workspace' : 'tenant',
      permissions: [...new Set(permissions)].sort(),
      status: 'active',
      isSystem: draft.createdBy === null,
      expiresAt: lawfulExpiry(expiresAt, now),
      gracePeriodExpiresAt: null,
      createdAt: now,
      revokedAt: null,
      revokedBy: null,
      revokedReason: null,
    });
  }

  static restore(state: ApiKeyState): ApiKey {
    return new ApiKey(state);
  }

  get scope(): ApiKeyScope {
    return this.tenantId === null
      ? { type: 'workspace', workspaceId: this.workspaceId }
      : { type: 'tenant', tenantId: this.tenantId };
  }

  /** What the key is at this moment, whether or not a job has written the expiry down yet. */
  statusAt(now: Date): ApiKeyStatus {
    if (this.status === 'revoked' || this.status === 'expired') return this.status;
    if (this.expiresAt !== null && this.expiresAt <= now) return 'expired';
    if (this.status === 'rotated' && (this.gracePeriodExpiresAt === null || this.gracePeriodExpiresAt <= now)) {
      return 'expired';
    }
    return this.status;
  }

  usableAt(now: Date): boolean {
    const status = this.statusAt(now);
    return status === 'active' || status === 'rotated';
  }

  /**
   * Ends the key at once and for good.
   *
   * @throws ConflictError when it was revoked before
   */
  revoke(by: string | null, reason: string, now: Date): void {
    if (this.status === 'revoked') throw new ConflictError('The API key is revoked already');
    const self: Mutable<ApiKey> = this;
    self.status = 'revoked';
    self.revokedAt = now;
    self.revokedBy = by;
    self.revokedReason = reason;
  }
}

export type ApiKeyState = Pick<
  ApiKey,
  | 'id'
  | 'keyId'
  | 'secretHash'
  | 'keyHint'
  | 'name'
  | 'description'
  | 'scopeType'
  | 'organizationId'
  | 'workspaceId'
  | 'tenantId'
  | 'permissions'
  | 'status'
  | 'isSystem'
  | 'rateLimit'
  | 'expiresAt'
  | 'gracePeriodExpiresAt'
  | 'createdBy'
  | 'createdAt'
  | 'revokedAt'
  | 'revokedBy'
  | 'revokedReason'
>;

function refuseUnknown(permissions: readonly string[]): void {
  const known: readonly string[] = API_KEY_PERMISSIONS;
  const unknown = permissions.filter((permission) => !known.includes(permission));
  if (permissions.length > 0 && unknown.length === 0) return;
  const message = permissions.length === 0 ? 'name at least one permission' : `a key can't hold ${unknown.join(', ')}`;
  throw new ValidationError([{ path: 'permissions', code: 'invalid', message }]);
}

function lawfulExpiry(wanted: Date | undefined, now: Date): Date {
  const expiresAt = wanted ?? new Date(now.getTime() + DEFAULT_LIFE_DAYS * DAY_MS);
  const latest = now.getTime() + MAX_LIFE_DAYS * DAY_MS;
  const fault =
    expiresAt <= now
      ? 'must be in the future'
      : expiresAt.getTime() > latest
        ? `must be at most ${MAX_LIFE_DAYS} days ahead`
        : null;
  if (fault !== null) throw new ValidationError([{ path: 'expiresAt', code: 'out_of_range', message: fault }]);
  return expiresAt;
}
