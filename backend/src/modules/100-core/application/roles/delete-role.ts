import { Injectable } from '@nestjs/common';
import { ConflictError, type RequestContext } from '../../../../shared/platform/index.js';
import { ManagedRoles } from './managed-roles.js';
import { Roles } from './roles.js';

/** Deletes a role that nobody holds. */
@Injectable()
export class DeleteRole {
  constructor(
    private readonly managed: ManagedRoles,
    private readonly roles: Roles,
  ) {}

  /** @throws ConflictError while a user or a group holds it; else as {@link ManagedRoles.change} */
  async execute(context: RequestContext, id: string): Promise<void> {
    await this.managed.change(context, id, 'roles:delete', async ({ manager, role, record }) => {
      if (!(await this.roles.remove(manager, id))) {
        throw new ConflictError(`Users or groups hold the role ${role.name} still; take it from them first`);
      }
      const { code, name, description, level, permissions } = role;
      await record({ action: 'role.deleted', before: { code, name, description, level, permissions } });
    });
  }
}
