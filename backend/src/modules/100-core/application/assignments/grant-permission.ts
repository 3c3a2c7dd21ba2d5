import { Injectable } from '@nestjs/common';
import { type AccessScope, type GrantPermissionRequest, levelOf, PERMISSIONS } from '@telemetryflow/contracts';
import { type RequestContext, ValidationError } from '../../../../shared/platform/index.js';
import { meansSomethingAt } from '../../domain/access.js';
import { Areas } from '../areas.js';
import { ManagedUsers } from '../users/managed-users.js';
import { expiryOf } from './expiry.js';
import { PermissionGrants } from './permission-grants.js';

/** Gives a user one permission at a place beside their roles, or denies it there whatever their roles give. */
@Injectable()
export class GrantPermission {
  constructor(
    private readonly users: ManagedUsers,
    private readonly areas: Areas,
    private readonly grants: PermissionGrants,
  ) {}

  /**
   * Again with other words, it replaces what was granted there.
   *
   * @returns the grant's id
   * @throws ValidationError for an unknown permission, a place where it means nothing, or an expiry in the past
   * @throws NotFoundError when the place is unknown or another organization's
   * @throws PermissionDeniedError when the caller lacks what they would give; denying needs no more than managing the user
   * @throws NotAllowedError when the caller gives something to themself; else as {@link ManagedUsers.change}
   */
  execute(context: RequestContext, userId: string, request: GrantPermissionRequest): Promise<string> {
    const { permission, effect } = request;
    assertKnown(permission);
    return this.users.change(context, userId, 'permissions:assign', async ({ manager, user, authority, record }) => {
      const { organizationId } = user;
      const expiresAt = expiryOf(request.expiresAt, authority.now);
      const scope: AccessScope = request.scope ?? { type: 'organization', id: organizationId };
      assertMeansSomething(permission, scope);
      const area = await this.areas.of(manager, scope, organizationId);
      authority.assertHolds('permissions:assign', area);
      const before = await this.grants.at(manager, userId, permission, area);
      // A denial that is made to expire earlier, or becomes an allowance, gives as well.
      if (effect === 'allow' || before?.effect === 'deny') {
        authority.assertIsSomebodyElse(userId);
        authority.assertMayGive([permission], area);
      }
      const grant = { userId, organizationId, permission, effect, area, grantedBy: authority.userId, expiresAt };
      const id = await this.grants.put(manager, grant);
      await record({
        action: effect === 'allow' ? 'user.permission_granted' : 'user.permission_denied',
        ...(before && { before: { permission, effect: before.effect, scope, expiresAt: before.expiresAt } }),
        after: { permission, effect, scope, expiresAt },
        details: { grantId: id },
      });
      return id;
    });
  }
}

function assertKnown(permission: string): void {
  const known: readonly string[] = PERMISSIONS;
  if (known.includes(permission)) return;
  const message = 'is no permission; GET /api/v2/permissions lists them';
  throw new ValidationError([{ path: 'permission', code: 'invalid', message }]);
}

function assertMeansSomething(permission: string, scope: AccessScope): void {
  if (meansSomethingAt(permission, scope.type)) return;
  const message = `${permission} means nothing in a ${scope.type}; choose at least the ${levelOf(permission)}`;
  throw new ValidationError([{ path: 'scope', code: 'invalid', message }]);
}
