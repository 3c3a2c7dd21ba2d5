import { Injectable } from '@nestjs/common';
import type { AssignRoleRequest } from '@telemetryflow/contracts';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { NotAllowedError } from '../../domain/authority.js';
import { Administrators } from '../administrators.js';
import { RoleAssigner } from '../assignments/role-assigner.js';
import { RoleAssignments } from '../assignments/role-assignments.js';
import { Groups } from './groups.js';
import { ManagedGroups } from './managed-groups.js';

/** Gives a group a role at a place, for all its members, or takes it. */
@Injectable()
export class ChangeGroupRoles {
  constructor(
    private readonly managed: ManagedGroups,
    private readonly groups: Groups,
    private readonly assigner: RoleAssigner,
    private readonly assignments: RoleAssignments,
    private readonly administrators: Administrators,
  ) {}

  /**
   * @returns the assignment's id
   * @throws NotAllowedError when the caller is a member; else as {@link ManagedGroups.change} and
   * {@link RoleAssigner.assign}
   */
  assign(context: RequestContext, groupId: string, request: AssignRoleRequest): Promise<string> {
    return this.managed.change(context, groupId, 'permissions:assign', async ({ manager, holder, authority }) => {
      const members = await this.groups.memberIds(manager, groupId);
      if (members.includes(authority.userId)) {
        throw new NotAllowedError('Nobody adds to a group that they are in; ask somebody else to do it');
      }
      return this.assigner.assign(manager, context, authority, holder, request);
    });
  }

  /**
   * @throws NotFoundError when the group does not hold it
   * @throws ConflictError when it makes the last administrator; else as {@link ManagedGroups.change}
   */
  async revoke(context: RequestContext, groupId: string, assignmentId: string): Promise<void> {
    await this.managed.change(context, groupId, 'permissions:assign', async (managed) => {
      const { manager, group, holder, roles, authority, record } = managed;
      const held = roles.find(({ id }) => id === assignmentId);
      if (!held) throw new NotFoundError('Role assignment');
      if (held.area) authority.assertHolds('permissions:assign', held.area);
      await this.administrators.protect(manager, group.organizationId, () =>
        this.assignments.remove(manager, holder, assignmentId),
      );
      await record({
        action: 'group.role_removed',
        before: { role: held.code, area: held.area },
        details: { assignmentId, roleId: held.roleId },
      });
    });
  }
}
