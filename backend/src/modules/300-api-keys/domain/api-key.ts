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
  /** The server's own, which nobody may change or end. Default: no. */
  readonly isSystem?: boolean;
  /** What the creator holds where the key will act. */
  readonly grantable: ReadonlySet<string>;
}

/** What of a key can be changed; absent: stays. */
export interface ApiKeyChanges {
  readonly name?: string;
  readonly description?: string;
  readonly permissions?: readonly string[];
  readonly expiresAt?: Date;
  readonly rateLimit?: number | null;
}

export interface IssuedCredential {
  readonly keyId: string;
  readonly secretHash: string;
  readonly keyHint: string;
}

/**
 * A program's key. `create` enforces the rules, `restore` trusts what was stored; a revoked or expired key never comes
 * back.
 *
 *     active ──rotate──▶ rotated ──grace over──▶ expired      any ──revoke──▶ revoked
 *     active ◀─suspend, reactivate─▶ suspended               active, rotated, suspended ──expiresAt──▶ expired
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
    refuseLacking(permissions, grantable);
    lawfulExpiry(expiresAt, now);
  }

  /** Throws as {@link ApiKey.assertLawful}. */
  static create(draft: ApiKeyDraft, credential: IssuedCredential, now: Date): ApiKey {
    ApiKey.assertLawful(draft, now);
    const { grantable: _, expiresAt, permissions, isSystem = false, ...rest } = draft;
    return new ApiKey({
      ...rest,
      ...credential,
      id: newId(now.getTime()),
      scopeType: draft.tenantId === null ? 'workspace' : 'tenant',
      permissions: sorted(permissions),
      status: 'active',
      isSystem,
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
   * Changes what is named. Nobody gives what they lack: neither a new permission nor more time for the old ones.
   *
   * @throws ValidationError for a key of the server, an unknown permission or an unlawful expiry
   * @throws ConflictError when the key was rotated, revoked or has expired
   * @throws PermissionDeniedError when the caller lacks a permission that they would give
   */
  change(changes: ApiKeyChanges, grantable: ReadonlySet<string>, now: Date): void {
    refuseSystem(this);
    const status = this.statusAt(now);
    if (status !== 'active' && status !== 'suspended') throw stateConflict(status, 'changed');
    const permissions = changes.permissions ?? this.permissions;
    refuseUnknown(permissions);
    const extended = changes.expiresAt !== undefined && (this.expiresAt === null || changes.expiresAt > this.expiresAt);
    refuseLacking(extended ? permissions : permissions.filter((name) => !this.permissions.includes(name)), grantable);
    const expiresAt = changes.expiresAt === undefined ? this.expiresAt : lawfulExpiry(changes.expiresAt, now);
    const self: Mutable<ApiKey> = this;
    self.name = changes.name ?? this.name;
    self.description = changes.description ?? this.description;
    self.permissions = sorted(permissions);
    self.expiresAt = expiresAt;
    self.rateLimit = changes.rateLimit === undefined ? this.rateLimit : changes.rateLimit;
  }

  /**
   * What `rotate` will refuse, before anyone pays for hashing a secret. Whoever rotates learns a secret that holds all of
   * the key's permissions, so they must hold them too.
   *
   * @throws ValidationError for a key of the server, and for one that is not active
   * @throws PermissionDeniedError when the caller lacks one of the key's permissions
   */
  assertRotatable(grantable: ReadonlySet<string>, now: Date): void {
    refuseSystem(this);
    const status = this.statusAt(now);
    if (status !== 'active') {
      const message = `only an active key can be rotated; this one is ${status}`;
      throw new ValidationError([{ path: 'id', code: 'not_active', message }], 'The API key is not active');
    }
    refuseLacking(this.permissions, grantable);
  }

  /**
   * Makes the key's successor, with the same scope, permissions, limit and expiry; this one works on for the grace period.
   * Throws as {@link assertRotatable}.
   */
  rotate(rotation: Rotation, now: Date): ApiKey {
    this.assertRotatable(rotation.grantable, now);
    const self: Mutable<ApiKey> = this;
    const graceEndsAt = new Date(now.getTime() + rotation.graceMs);
    self.status = 'rotated';
    self.gracePeriodExpiresAt = this.expiresAt !== null && this.expiresAt < graceEndsAt ? this.expiresAt : graceEndsAt;
    return new ApiKey({
      ...stateOf(this),
      ...rotation.credential,
      id: newId(now.getTime()),
      name: rotation.name,
      status: 'active',
      gracePeriodExpiresAt: null,
      createdBy: rotation.by,
      createdAt: now,
    });
  }

  /**
   * Stops the key until it is reactivated.
   *
   * @throws ValidationError for a key of the server
   * @throws ConflictError unless the key is active
   */
  suspend(now: Date): void {
    refuseSystem(this);
    const status = this.statusAt(now);
    if (status !== 'active') throw stateConflict(status, 'suspended');
    const self: Mutable<ApiKey> = this;
    self.status = 'suspended';
  }

  /**
   * @throws ValidationError for a key of the server
   * @throws ConflictError unless the key is suspended: what was revoked or has expired never comes back
   */
  reactivate(now: Date): void {
    refuseSystem(this);
    const status = this.statusAt(now);
    if (status !== 'suspended') throw stateConflict(status, 'reactivated');
    const self: Mutable<ApiKey> = this;
    self.status = 'active';
  }

  /**
   * Ends the key at once and for good.
   *
   * @throws ValidationError for a key of the server
   * @throws ConflictError when it was revoked before
   */
  revoke(by: string | null, reason: string, now: Date): void {
    refuseSystem(this);
    if (this.status === 'revoked') throw new ConflictError('The API key is revoked already');
    const self: Mutable<ApiKey> = this;
    self.status = 'revoked';
    self.revokedAt = now;
    self.revokedBy = by;
    self.revokedReason = reason;
  }
}

export interface Rotation {
  readonly credential: IssuedCredential;
  /** Of the successor. */
  readonly name: string;
  /** How long the old pair still works; 0: not at all. */
  readonly graceMs: number;
  readonly by: string | null;
  /** What the caller holds where the key acts. */
  readonly grantable: ReadonlySet<string>;
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

function stateOf(key: ApiKey): ApiKeyState {
  return { ...key };
}

function sorted(permissions: readonly string[]): string[] {
  return [...new Set(permissions)].sort();
}

function stateConflict(status: ApiKeyStatus, wanted: string): ConflictError {
  return new ConflictError(
    status === wanted ? `The API key is ${status} already` : `The API key is ${status}: it can't be ${wanted}`,
  );
}

function refuseSystem({ isSystem }: ApiKey): void {
  if (!isSystem) return;
  const message = 'belongs to the server, which keeps it for itself; it can be neither changed nor ended';
  throw new ValidationError([{ path: 'id', code: 'system_key', message }], 'The API key belongs to the server');
}

function refuseLacking(permissions: readonly string[], grantable: ReadonlySet<string>): void {
  const lacking = permissions.find((permission) => !grantable.has(permission));
  if (lacking !== undefined) throw new PermissionDeniedError(lacking);
}

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
