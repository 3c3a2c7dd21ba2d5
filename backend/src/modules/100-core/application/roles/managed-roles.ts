import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { type Act, Database, recordAct } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import type { Area } from '../../domain/access.js';
import type { Authority } from '../../domain/authority.js';
import type { Role } from '../../domain/role.js';
import { AccessDirectory } from '../access-directory.js';
import { areaOfChange, Authorities, reachOf } from '../authorities.js';
import { Roles } from './roles.js';

/** A custom role that the caller may change, locked, in one transaction. */
export interface ManagedRole {
  readonly manager: EntityManager;
  readonly role: Role;
  /** The organization's: wherever in it the role is held, what the caller gives has to be theirs. */
  readonly area: Area;
  readonly authority: Authority;
  record(act: Omit<Act, 'resource' | 'organizationId'>): Promise<void>;
}

/** The way to a role for every use case that changes one. */
@Injectable()
export class ManagedRoles {
  constructor(
    private readonly database: Database,
    private readonly roles: Roles,
    private readonly access: AccessDirectory,
    private readonly authorities: Authorities,
  ) {}

  /**
   * @throws NotFoundError when the role is unknown or another organization's
   * @throws NotAllowedError when it is a system role, or of a stronger tier than the caller's
   * @throws PermissionDeniedError when the permission is not held in the role's organization
   */
  async change<T>(
    context: RequestContext,
    id: string,
    permission: Permission,
    work: (managed: ManagedRole) => Promise<T>,
  ): Promise<T> {
    const authority = await this.authorities.of(context);
    const bounds = reachOf(context);
    const result = await this.database.transaction(bounds.scope, async (manager) => {
      const role = await this.roles.forUpdate(manager, id, bounds.organizationId);
      if (!role) throw new NotFoundError('Role');
      const organizationId = role.assertCustom();
      const area = areaOfChange(context, authority, { organizationId, permission, what: 'Role' });
      authority.assertNotOutranked(role.level, area);
      const record: ManagedRole['record'] = (act) => {
        const resource = { type: 'role', id: role.id, name: role.name };
        return recordAct(manager, context, { ...act, resource, organizationId });
      };
      return work({ manager, role, area, authority, record });
    });
    this.access.evictAll();
    return result;
  }
}
