import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { ManagedUsers } from './managed-users.js';
import { Users } from './users.js';

/** Opens an account that failed logins have locked; nothing happens to one that is open. */
@Injectable()
export class UnlockUser {
  constructor(
    private readonly users: ManagedUsers,
    private readonly store: Users,
  ) {}

  /** Throws as {@link ManagedUsers.change}. */
  async execute(context: RequestContext, id: string): Promise<void> {
    await this.users.change(context, id, 'users:update', async ({ manager, user, record }) => {
      const { lockedUntil, failedLoginAttempts } = user;
      if (!user.unlock(new Date())) return;
      await this.store.save(manager, user);
      await record({ action: 'user.unlocked', before: { lockedUntil, failedLoginAttempts } });
    });
  }
}
