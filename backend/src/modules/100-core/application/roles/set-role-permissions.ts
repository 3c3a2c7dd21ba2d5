import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { NotAllowedError } from '../../domain/authority.js';
import { ManagedRoles } from './managed-roles.js';
import { Roles } from './roles.js';

/** Replaces what a role gives; everyone who holds it feels it with their next request. */
@Injectable()
export class SetRolePermissions {
  constructor(
    private readonly managed: ManagedRoles,
    private readonly roles: Roles,
  ) {}

  /**
   * @throws ValidationError for unknown permissions, and for those that mean something over the whole platform only
   * @throws PermissionDeniedError when the caller lacks one that is added
   * @throws NotAllowedError when something is added to a role of the caller's own; else as {@link ManagedRoles.change}
   */
  async execute(context: RequestContext, id: string, permissions: readonly string[]): Promise<void> {
    await this.managed.change(context, id, 'roles:update', async ({ manager, role, area, authority, record }) => {
      const before = role.permissions;
      const { added, removed } = role.hold(permissions);
      if (added.length + removed.length === 0) return;
      authority.assertMayGive(added, area);
      if (added.length > 0 && (await this.roles.isHeldBy(manager, role.id, authority.userId))) {
        throw new NotAllowedError('Nobody adds to a role that they hold; ask somebody else to do it');
      }
      await this.roles.savePermissions(manager, role);
      await record({
        action: 'role.permissions_changed',
        before: { permissions: before },
        after: { permissions: role.permissions },
        details: { added, removed },
      });
    });
  }
}
