import type { Permission } from '@telemetryflow/contracts';
import { DomainError, PermissionDeniedError } from '../../../shared/platform/index.js';
import { type Access, type Area, areaWithin } from './access.js';

/** Refused for what the caller is or holds, in words that a permission's name does not say. */
export class NotAllowedError extends DomainError {
  constructor(message: string) {
    super('PERMISSION_DENIED', message);
  }
}

/** What one caller may do to others' access, at this moment. */
export class Authority {
  constructor(
    readonly userId: string,
    private readonly access: Access,
    /** Unix milliseconds. */
    readonly now: number,
  ) {}

  holds(permission: Permission, area: Area): boolean {
    return this.access.permissionsThroughout(area, this.now).has(permission);
  }

  /** @throws PermissionDeniedError */
  assertHolds(permission: Permission, area: Area): void {
    if (!this.holds(permission, area)) throw new PermissionDeniedError(permission);
  }

  /**
   * Nobody gives what they lack: each permission must be held by scopes that contain the area.
   *
   * @throws PermissionDeniedError that names the first one lacking
   */
  assertMayGive(permissions: readonly string[], area: Area): void {
    const held = this.access.permissionsThroughout(area, this.now);
    const lacking = permissions.find((permission) => !held.has(permission));
    if (lacking !== undefined) throw new PermissionDeniedError(lacking);
  }

  /**
   * Whoever can sign in as somebody has all that is theirs: a tier says how strong a role is meant to be, not what it holds.
   *
   * @param theirs of a user of the organization
   * @throws PermissionDeniedError that names the first permission lacking
   */
  assertMayTakeOver(theirs: Access, organizationId: string): void {
    for (const { scope, permissions } of theirs.holdingsNow(this.now)) {
      this.assertMayGive(permissions, areaWithin(scope, organizationId));
    }
  }

  /**
   * The tier rule: nobody gives, changes or takes a role stronger than their own strongest there, nor manages whoever
   * holds one.
   *
   * @param level 1 is the strongest tier
   * @throws NotAllowedError
   */
  assertNotOutranked(level: number, area: Area): void {
    const own = this.access.strongestLevelOver(area, this.now);
    if (level >= own) return;
    throw new NotAllowedError(`This is of tier ${level}; yours is ${own}, and only a stronger or equal one may do it`);
  }

  /** @throws NotAllowedError when `userId` is the caller's own: nobody gives themself anything */
  assertIsSomebodyElse(userId: string): void {
    if (userId === this.userId)
      throw new NotAllowedError('Nobody changes their own access; ask somebody else to do it');
  }
}
