import { Injectable } from '@nestjs/common';
import { ConflictError, type RequestContext } from '../../../../shared/platform/index.js';
import { Administrators } from '../administrators.js';
import { UserSessions } from '../user-sessions.js';
import { ManagedUsers } from './managed-users.js';
import { Users } from './users.js';

/** Lets a user in again, or keeps them out: then their sessions end at once. */
@Injectable()
export class ActivateUser {
  constructor(
    private readonly users: ManagedUsers,
    private readonly store: Users,
    private readonly administrators: Administrators,
    private readonly sessions: UserSessions,
  ) {}

  /** @throws ConflictError when active already; else as {@link ManagedUsers.change} */
  async activate(context: RequestContext, id: string): Promise<void> {
    await this.users.change(context, id, 'users:update', async ({ manager, user, record }) => {
      user.activate(new Date());
      await this.store.save(manager, user);
      await record({ action: 'user.activated', before: { isActive: false }, after: { isActive: true } });
    });
  }

  /**
   * @throws ConflictError when deactivated already, the caller's own account, or the last administrator's; else as
   * {@link ManagedUsers.change}
   */
  async deactivate(context: RequestContext, id: string): Promise<void> {
    const forget = await this.users.change(
      context,
      id,
      'users:update',
      async ({ manager, user, authority, record }) => {
        if (user.id === authority.userId) throw new ConflictError('Nobody deactivates their own account');
        user.deactivate(new Date());
        await this.administrators.protect(manager, user.organizationId, () => this.store.save(manager, user));
        await record({ action: 'user.deactivated', before: { isActive: true }, after: { isActive: false } });
        const owner = { userId: user.id, organizationId: user.organizationId };
        return this.sessions.endAll(manager, owner, 'user_disabled');
      },
    );
    forget();
  }
}
