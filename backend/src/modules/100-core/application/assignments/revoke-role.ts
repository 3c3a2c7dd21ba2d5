import { Injectable } from '@nestjs/common';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { Administrators } from '../administrators.js';
import { ManagedUsers } from '../users/managed-users.js';
import { RoleAssignments } from './role-assignments.js';

/** Takes a role that a user holds directly. */
@Injectable()
export class RevokeRole {
  constructor(
    private readonly users: ManagedUsers,
    private readonly assignments: RoleAssignments,
    private readonly administrators: Administrators,
  ) {}

  /**
   * @throws NotFoundError when the user does not hold it, or holds it through a group
   * @throws ConflictError when it makes the last administrator; else as {@link ManagedUsers.change}
   */
  async execute(context: RequestContext, userId: string, assignmentId: string): Promise<void> {
    await this.users.change(context, userId, 'permissions:assign', async ({ manager, user, authority, record }) => {
      const holder = { type: 'user', id: user.id } as const;
      const held = (await this.assignments.of(manager, holder)).find(({ id }) => id === assignmentId);
      if (!held) throw new NotFoundError('Role assignment');
      if (held.area) authority.assertHolds('permissions:assign', held.area);
      await this.administrators.protect(manager, user.organizationId, () =>
        this.assignments.remove(manager, holder, assignmentId),
      );
      await record({
        action: 'user.role_removed',
        before: { role: held.code, area: held.area },
        details: { assignmentId, roleId: held.roleId },
      });
    });
  }
}
