import { Injectable } from '@nestjs/common';
import { ConflictError, type RequestContext } from '../../../../shared/platform/index.js';
import { Administrators } from '../administrators.js';
import { UserSessions } from '../user-sessions.js';
import { ManagedUsers } from './managed-users.js';
import { Users } from './users.js';

/** Deletes a user softly: sessions end, all access goes, and the address may register again. */
@Injectable()
export class DeleteUser {
  constructor(
    private readonly users: ManagedUsers,
    private readonly store: Users,
    private readonly administrators: Administrators,
    private readonly sessions: UserSessions,
  ) {}

  /** @throws ConflictError for the caller's own account or the last administrator's; else as {@link ManagedUsers.change} */
  async execute(context: RequestContext, id: string): Promise<void> {
    const forget = await this.users.change(
      context,
      id,
      'users:delete',
      async ({ manager, user, access, authority, record }) => {
        if (user.id === authority.userId) throw new ConflictError('Nobody deletes their own account');
        user.delete(new Date());
        await this.administrators.protect(manager, user.organizationId, async () => {
          await this.store.save(manager, user);
          await this.store.dropAccess(manager, user.id);
        });
        const { email, firstName, lastName } = user;
        const roles = access.assignments.map(({ role, scope }) => ({ role, scope }));
        await record({ action: 'user.deleted', before: { email, firstName, lastName, roles } });
        return this.sessions.endAll(manager, { userId: user.id, organizationId: user.organizationId }, 'user_disabled');
      },
    );
    forget();
  }
}
