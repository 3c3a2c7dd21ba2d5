import { Injectable } from '@nestjs/common';
import type { UpdateRoleRequest } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { ManagedRoles } from './managed-roles.js';
import { Roles } from './roles.js';

/** Renames a role, describes it anew, or moves it to another tier. */
@Injectable()
export class UpdateRole {
  constructor(
    private readonly managed: ManagedRoles,
    private readonly roles: Roles,
  ) {}

  /** @throws ConflictError when the name is taken; else as {@link ManagedRoles.change} */
  async execute(context: RequestContext, id: string, request: UpdateRoleRequest): Promise<void> {
    await this.managed.change(context, id, 'roles:update', async ({ manager, role, area, authority, record }) => {
      const { before, after } = role.change(request);
      if (Object.keys(after).length === 0) return;
      authority.assertNotOutranked(role.level, area);
      await this.roles.save(manager, role);
      await record({ action: 'role.updated', before, after });
    });
  }
}
