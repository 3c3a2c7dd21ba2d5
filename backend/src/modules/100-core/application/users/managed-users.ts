import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { type Act, Database, recordAct } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import type { Access } from '../../domain/access.js';
import type { Authority } from '../../domain/authority.js';
import type { User } from '../../domain/user.js';
import { AccessDirectory } from '../access-directory.js';
import { areaOfChange, Authorities, reachOf } from '../authorities.js';
import { Users } from './users.js';

/** A user whom the caller may manage, locked, in one transaction. */
export interface ManagedUser {
  readonly manager: EntityManager;
  readonly user: User;
  /** What the user holds at this moment. */
  readonly access: Access;
  readonly authority: Authority;
  /** Writes into the trail of the user's organization. */
  record(act: Omit<Act, 'resource' | 'organizationId'>): Promise<void>;
}

/** The way to a user for every use case that changes one: who may, the lock, and what has to be forgotten afterwards. */
@Injectable()
export class ManagedUsers {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly access: AccessDirectory,
    private readonly authorities: Authorities,
  ) {}

  /**
   * @throws NotFoundError when the user is unknown, deleted or out of reach
   * @throws PermissionDeniedError when the permission is not held in the user's organization
   * @throws NotAllowedError when the user holds a stronger tier than the caller
   */
  async change<T>(
    context: RequestContext,
    userId: string,
    permission: Permission,
    work: (managed: ManagedUser) => Promise<T>,
  ): Promise<T> {
    const authority = await this.authorities.of(context);
    const bounds = reachOf(context);
    const result = await this.database.transaction(bounds.scope, async (manager) => {
      const user = await this.users.forUpdate(manager, userId, bounds.organizationId);
      if (!user) throw new NotFoundError('User');
      const { organizationId } = user;
      const area = areaOfChange(context, authority, { organizationId, permission, what: 'User' });
      const access = await this.access.read(manager, userId);
      authority.assertNotOutranked(access.strongestLevel(authority.now), area);
      const record: ManagedUser['record'] = (act) => {
        const resource = { type: 'user', id: user.id, name: user.email };
        return recordAct(manager, context, { ...act, resource, organizationId });
      };
      return work({ manager, user, access, authority, record });
    });
    this.access.evict(userId);
    return result;
  }
}
