import { ConflictError, newId } from '../../../shared/platform/index.js';
import type { Place } from './access.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Home = Pick<Place, 'organizationId' | 'workspaceId' | 'tenantId'>;

export interface NewUser extends Home {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Somebody vouches for the address; else its owner has yet to prove it. */
  readonly emailVerified: boolean;
  readonly forcePasswordChange: boolean;
}

export interface UserChanges {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly timezone?: string | undefined;
  readonly locale?: string | undefined;
  /** The place a login starts in; of the user's own organization. */
  readonly home?: Home | undefined;
}

/** Fields by name. */
export interface Changed {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** A person, as those who administer people see them. Passwords are `PasswordHistory`'s, sessions 200-auth's. */
export class User {
  readonly id: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly timezone: string;
  readonly locale: string;
  readonly emailVerifiedAt: Date | null;
  readonly isActive: boolean;
  readonly forcePasswordChange: boolean;
  readonly failedLoginAttempts: number;
  readonly lockedUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;

  private constructor(draft: NewUser, now: Date) {
    this.id = newId(now.getTime());
    this.organizationId = draft.organizationId;
    this.workspaceId = draft.workspaceId;
    this.tenantId = draft.tenantId;
    this.email = draft.email;
    this.firstName = draft.firstName;
    this.lastName = draft.lastName;
    this.timezone = 'UTC';
    this.locale = 'en-US';
    this.emailVerifiedAt = draft.emailVerified ? now : null;
    this.isActive = true;
    this.forcePasswordChange = draft.forcePasswordChange;
    this.failedLoginAttempts = 0;
    this.lockedUntil = null;
    this.createdAt = now;
    this.updatedAt = now;
    this.deletedAt = null;
  }

  static create(draft: NewUser, now: Date): User {
    return new User(draft, now);
  }

  /** The fields that really change, as they were and as they are. */
  change({ home, ...fields }: UserChanges, now: Date): Changed {
    const wanted = {
      ...fields,
      ...(home && { workspaceId: home.workspaceId, tenantId: home.tenantId }),
    };
    const before: Record<string, unknown> = {};
    const after: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(wanted)) {
      const current = this[name as keyof typeof wanted];
      if (value === undefined || value === current) continue;
      before[name] = current;
      after[name] = value;
    }
    set(this, { ...after, updatedAt: now });
    return { before, after };
  }

  /** @throws ConflictError when active already: of two that activate one wins */
  activate(now: Date): void {
    if (this.isActive) throw new ConflictError('The user is active already');
    set(this, { isActive: true, updatedAt: now });
  }

  /** @throws ConflictError when deactivated already */
  deactivate(now: Date): void {
    if (!this.isActive) throw new ConflictError('The user is deactivated already');
    set(this, { isActive: false, updatedAt: now });
  }

  /** Forgets failed logins. False when there were none. */
  unlock(now: Date): boolean {
    if (this.lockedUntil === null && this.failedLoginAttempts === 0) return false;
    set(this, { lockedUntil: null, failedLoginAttempts: 0, updatedAt: now });
    return true;
  }

  /** Softly: the row stays for the audit trail, its address may register again. */
  delete(now: Date): void {
    set(this, { isActive: false, deletedAt: now, updatedAt: now });
  }
}

/** No private method: what the store restores has skipped the constructor, which would install it. */
function set(user: Mutable<User>, changes: Partial<Mutable<User>>): void {
  Object.assign(user, changes);
}
