import { Injectable } from '@nestjs/common';
import type { CreateRoleRequest } from '@telemetryflow/contracts';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { organizationArea } from '../../domain/access.js';
import { Role } from '../../domain/role.js';
import { Authorities } from '../authorities.js';
import { Roles } from './roles.js';

/** Makes a role in the organization the caller stands in. */
@Injectable()
export class CreateRole {
  constructor(
    private readonly database: Database,
    private readonly authorities: Authorities,
    private readonly roles: Roles,
  ) {}

  /**
   * @returns the new role's id
   * @throws ValidationError for unknown permissions, and for those that mean something over the whole platform only
   * @throws PermissionDeniedError when the caller lacks one of them in the organization
   * @throws NotAllowedError when the role would be of a stronger tier than the caller's
   * @throws ConflictError when the code or the name is taken
   */
  async execute(context: RequestContext, request: CreateRoleRequest): Promise<string> {
    const { organizationId } = context;
    const authority = await this.authorities.of(context);
    const area = organizationArea(organizationId);
    authority.assertHolds('roles:create', area);
    const role = Role.create({ ...request, organizationId }, new Date());
    authority.assertNotOutranked(role.level, area);
    authority.assertMayGive(role.permissions, area);
    await this.database.transaction(context, async (manager) => {
      await this.roles.add(manager, role);
      const { code, name, description, level, permissions } = role;
      await recordAct(manager, context, {
        action: 'role.created',
        resource: { type: 'role', id: role.id, name },
        after: { code, name, description, level, permissions },
      });
    });
    return role.id;
  }
}
