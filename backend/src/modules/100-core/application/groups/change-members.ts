import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConflictError, NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { organizationArea } from '../../domain/access.js';
import type { Authority } from '../../domain/authority.js';
import type { User } from '../../domain/user.js';
import { AccessDirectory } from '../access-directory.js';
import { Administrators } from '../administrators.js';
import { Users } from '../users/users.js';
import { Groups } from './groups.js';
import { ManagedGroups } from './managed-groups.js';

/** Puts a user into a group, which gives them its roles, or takes them out of it. */
@Injectable()
export class ChangeMembers {
  constructor(
    private readonly managed: ManagedGroups,
    private readonly groups: Groups,
    private readonly users: Users,
    private readonly access: AccessDirectory,
    private readonly administrators: Administrators,
  ) {}

  /**
   * @throws NotFoundError when the user is unknown or another organization's
   * @throws ConflictError when they are a member already
   * @throws PermissionDeniedError when the caller lacks what the group's roles give
   * @throws NotAllowedError when the group has roles and the user is the caller; else as {@link ManagedGroups.change}
   */
  async add(context: RequestContext, groupId: string, userId: string): Promise<void> {
    await this.managed.change(context, groupId, 'groups:update', async (managed) => {
      const { manager, group, roles, authority, record } = managed;
      const user = await this.#user(manager, authority, userId, group.organizationId);
      if (roles.length > 0) {
        authority.assertHolds('permissions:assign', organizationArea(group.organizationId));
        authority.assertIsSomebodyElse(userId);
      }
      for (const { permissions, area } of roles) if (area) authority.assertMayGive(permissions, area);
      if (!(await this.groups.addMember(manager, group, userId, authority.userId))) {
        throw new ConflictError(`${user.email} is a member already`);
      }
      await record({ action: 'group.member_added', details: { userId, email: user.email } });
    });
  }

  /**
   * @throws NotFoundError when they are no member
   * @throws ConflictError when the group makes them the last administrator; else as {@link ManagedGroups.change}
   */
  async remove(context: RequestContext, groupId: string, userId: string): Promise<void> {
    await this.managed.change(context, groupId, 'groups:update', async ({ manager, group, authority, record }) => {
      const user = await this.#user(manager, authority, userId, group.organizationId);
      await this.administrators.protect(manager, group.organizationId, async () => {
        if (!(await this.groups.removeMember(manager, groupId, userId))) throw new NotFoundError('Member');
      });
      await record({ action: 'group.member_removed', details: { userId, email: user.email } });
    });
  }

  async #user(manager: EntityManager, authority: Authority, userId: string, organizationId: string): Promise<User> {
    const user = await this.users.forUpdate(manager, userId, organizationId);
    if (!user) throw new NotFoundError('User');
    const access = await this.access.read(manager, userId);
    authority.assertNotOutranked(access.strongestLevel(authority.now), organizationArea(organizationId));
    return user;
  }
}
