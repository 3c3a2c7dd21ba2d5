import { Injectable } from '@nestjs/common';
import type { AssignRoleRequest } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { ManagedUsers } from '../users/managed-users.js';
import { RoleAssigner } from './role-assigner.js';

/** Gives a user a role at a place. */
@Injectable()
export class AssignRole {
  constructor(
    private readonly users: ManagedUsers,
    private readonly assigner: RoleAssigner,
  ) {}

  /**
   * @returns the assignment's id
   * @throws NotAllowedError for the caller's own account; else as {@link ManagedUsers.change} and {@link RoleAssigner.assign}
   */
  execute(context: RequestContext, userId: string, request: AssignRoleRequest): Promise<string> {
    return this.users.change(context, userId, 'permissions:assign', ({ manager, user, authority }) => {
      authority.assertIsSomebodyElse(user.id);
      const holder = { type: 'user', id: user.id, name: user.email, organizationId: user.organizationId } as const;
      return this.assigner.assign(manager, context, authority, holder, request);
    });
  }
}
