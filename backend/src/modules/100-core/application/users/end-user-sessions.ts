import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { UserSessions } from '../user-sessions.js';
import { ManagedUsers } from './managed-users.js';

/** Ends all sessions of a user, who may sign in again. */
@Injectable()
export class EndUserSessions {
  constructor(
    private readonly users: ManagedUsers,
    private readonly sessions: UserSessions,
  ) {}

  /** Failures as of {@link ManagedUsers.change}. */
  async execute(context: RequestContext, id: string): Promise<void> {
    const forget = await this.users.change(context, id, 'users:update', async ({ manager, user, record }) => {
      await record({ action: 'user.sessions_ended' });
      return this.sessions.endAll(manager, { userId: user.id, organizationId: user.organizationId }, 'revoked');
    });
    forget();
  }
}
