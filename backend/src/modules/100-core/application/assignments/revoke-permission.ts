import { Injectable } from '@nestjs/common';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { ManagedUsers } from '../users/managed-users.js';
import { PermissionGrants } from './permission-grants.js';

/** Takes back what was granted to a user directly, or lifts a denial. */
@Injectable()
export class RevokePermission {
  constructor(
    private readonly users: ManagedUsers,
    private readonly grants: PermissionGrants,
  ) {}

  /**
   * @throws NotFoundError when the user has no such grant
   * @throws PermissionDeniedError when a denial is lifted of what the caller lacks
   * @throws NotAllowedError when it is the caller's own denial; else as {@link ManagedUsers.change}
   */
  async execute(context: RequestContext, userId: string, grantId: string): Promise<void> {
    await this.users.change(context, userId, 'permissions:assign', async ({ manager, authority, record }) => {
      const grant = await this.grants.find(manager, userId, grantId);
      if (!grant) throw new NotFoundError('Permission grant');
      const { permission, effect, area, expiresAt } = grant;
      if (area) authority.assertHolds('permissions:assign', area);
      if (effect === 'deny' && area) {
        authority.assertIsSomebodyElse(userId);
        authority.assertMayGive([permission], area);
      }
      await this.grants.remove(manager, userId, grantId);
      await record({
        action: 'user.permission_revoked',
        before: { permission, effect, area, expiresAt },
        details: { grantId },
      });
    });
  }
}
