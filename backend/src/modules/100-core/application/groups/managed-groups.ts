import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { type Act, Database, recordAct } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import type { Authority } from '../../domain/authority.js';
import { AccessDirectory } from '../access-directory.js';
import { type HeldRole, type Holder, RoleAssignments } from '../assignments/role-assignments.js';
import { areaOfChange, Authorities, reachOf } from '../authorities.js';
import { type Group, Groups } from './groups.js';

/** A group that the caller may change, locked, in one transaction. */
export interface ManagedGroup {
  readonly manager: EntityManager;
  readonly group: Group;
  readonly holder: Holder;
  /** What its members hold through it. */
  readonly roles: readonly HeldRole[];
  readonly authority: Authority;
  record(act: Omit<Act, 'resource' | 'organizationId'>): Promise<void>;
}

/** The way to a group for every use case that changes one. */
@Injectable()
export class ManagedGroups {
  constructor(
    private readonly database: Database,
    private readonly groups: Groups,
    private readonly assignments: RoleAssignments,
    private readonly access: AccessDirectory,
    private readonly authorities: Authorities,
  ) {}

  /**
   * @throws NotFoundError when the group is unknown or another organization's
   * @throws PermissionDeniedError when the permission is not held in the group's organization
   * @throws NotAllowedError when it has a role of a stronger tier than the caller's
   */
  async change<T>(
    context: RequestContext,
    id: string,
    permission: Permission,
    work: (managed: ManagedGroup) => Promise<T>,
  ): Promise<T> {
    const authority = await this.authorities.of(context);
    const bounds = reachOf(context);
    const result = await this.database.transaction(bounds.scope, async (manager) => {
      const group = await this.groups.forUpdate(manager, id, bounds.organizationId);
      if (!group) throw new NotFoundError('Group');
      const { organizationId, name } = group;
      const area = areaOfChange(context, authority, { organizationId, permission, what: 'Group' });
      const holder: Holder = { type: 'group', id, name, organizationId };
      const roles = await this.assignments.of(manager, holder);
      for (const { level } of roles) authority.assertNotOutranked(level, area);
      const record: ManagedGroup['record'] = (act) =>
        recordAct(manager, context, { ...act, resource: { type: 'group', id, name }, organizationId });
      return work({ manager, group, holder, roles, authority, record });
    });
    this.access.evictAll();
    return result;
  }
}
