import { Injectable } from '@nestjs/common';
import type { AccessScope, AssignRoleRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { recordAct } from '../../../../shared/platform/database/index.js';
import {
  ConflictError,
  NotFoundError,
  type RequestContext,
  ValidationError,
} from '../../../../shared/platform/index.js';
import { type Area, PLATFORM } from '../../domain/access.js';
import type { Authority } from '../../domain/authority.js';
import type { Role } from '../../domain/role.js';
import { Areas } from '../areas.js';
import { Roles } from '../roles/roles.js';
import { SEED_PLACES } from '../seed-data.js';
import { expiryOf } from './expiry.js';
import { type Holder, RoleAssignments } from './role-assignments.js';

/** Gives a role to a user or a group: the one place where it is decided whether the caller may. */
@Injectable()
export class RoleAssigner {
  constructor(
    private readonly areas: Areas,
    private readonly roles: Roles,
    private readonly assignments: RoleAssignments,
  ) {}

  /**
   * In the caller's transaction, and into the audit trail of the holder's organization.
   *
   * @param holder whom the caller may manage, as was checked
   * @returns the assignment's id
   * @throws NotFoundError when the role or the scope is unknown or another organization's
   * @throws ValidationError for a scope that the role can't have, or an expiry in the past
   * @throws PermissionDeniedError when the caller lacks what the role gives, there
   * @throws NotAllowedError when the role is of a stronger tier than the caller's, there
   * @throws ConflictError when it is held there already
   */
  async assign(
    manager: EntityManager,
    context: RequestContext,
    authority: Authority,
    holder: Holder,
    request: AssignRoleRequest,
  ): Promise<string> {
    const { organizationId } = holder;
    const expiresAt = expiryOf(request.expiresAt, authority.now);
    const role = await this.roles.forShare(manager, request.roleId, organizationId);
    if (!role) throw new NotFoundError('Role');
    const scope: AccessScope = request.scope ?? { type: 'organization', id: organizationId };
    const area = await this.areas.of(manager, scope, organizationId);
    assertFits(role, area);
    await this.#assertDemo(manager, role, area);
    authority.assertNotOutranked(role.level, area);
    authority.assertMayGive(role.permissions, area);
    const draft = { roleId: role.id, area, assignedBy: authority.userId, expiresAt };
    const id = await this.assignments.add(manager, holder, draft);
    if (id === null) throw new ConflictError(`The role ${role.name} is held there already`);
    await recordAct(manager, context, {
      action: `${holder.type}.role_assigned`,
      resource: { type: holder.type, id: holder.id, name: holder.name },
      after: { role: role.code, scope, expiresAt },
      details: { assignmentId: id, roleId: role.id },
      organizationId,
    });
    return id;
  }

  /** Demo is for whoever looks around in the demo organization, and for nobody else's data. */
  async #assertDemo(manager: EntityManager, role: Role, area: Area): Promise<void> {
    if (!role.isSystem || role.code !== 'demo') return;
    const code = area.organizationId === null ? null : await this.areas.organizationCode(manager, area.organizationId);
    if (code !== SEED_PLACES.demo.organization.code) {
      const message = 'the Demo role is held in the demo organization only';
      throw new ValidationError([{ path: 'roleId', code: 'invalid', message }]);
    }
  }
}

/** A role of an organization is held within it; the strongest tier only over everything. */
function assertFits(role: Role, area: Area): void {
  const overPlatform = area === PLATFORM;
  if (overPlatform && !role.isSystem) refuse('A role of an organization is not held over the whole platform');
  if (!overPlatform && role.code === 'super_administrator' && role.isSystem) {
    refuse('Super Administrator is held over the whole platform; choose that scope');
  }
}

function refuse(message: string): never {
  throw new ValidationError([{ path: 'scope', code: 'invalid', message }]);
}
