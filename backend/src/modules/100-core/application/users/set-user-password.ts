import { Injectable } from '@nestjs/common';
import type { SetPasswordRequest } from '@telemetryflow/contracts';
import { ConflictError, NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { PasswordHistory } from '../password-history.js';
import { PasswordPolicy } from '../password-policy.js';
import { UserSessions } from '../user-sessions.js';
import { ManagedUsers } from './managed-users.js';
import { Users } from './users.js';

/** Gives a user another password; all their sessions end, and a lock is lifted. */
@Injectable()
export class SetUserPassword {
  constructor(
    private readonly users: ManagedUsers,
    private readonly store: Users,
    private readonly policy: PasswordPolicy,
    private readonly history: PasswordHistory,
    private readonly hasher: SecretHasher,
    private readonly sessions: UserSessions,
  ) {}

  /**
   * @throws ValidationError when the password is too weak, or one of the user's last
   * @throws PermissionDeniedError when the user holds what the caller lacks: they could sign in as them
   * @throws ConflictError for the caller's own; else as {@link ManagedUsers.change}
   */
  async execute(context: RequestContext, id: string, request: SetPasswordRequest): Promise<void> {
    const { password, forcePasswordChange } = request;
    // First whether the caller may, then what is slow, outside of any transaction.
    const owner = await this.users.change(context, id, 'users:update', async (managed) => {
      const { manager, user, access, authority } = managed;
      if (user.id === authority.userId) throw new ConflictError('Change your own password in your account');
      authority.assertMayTakeOver(access, user.organizationId);
      const { email, firstName, lastName } = user;
      return { email, names: [firstName, lastName], recentHashes: await this.history.recent(manager, user.id) };
    });
    await this.policy.assert(password, owner);
    const hash = await this.hasher.hash(password);
    const forget = await this.users.change(context, id, 'users:update', async (managed) => {
      const { manager, user, access, authority, record } = managed;
      // Again: they may have been given more meanwhile.
      authority.assertMayTakeOver(access, user.organizationId);
      const { lockedUntil } = user;
      if (user.unlock(new Date())) await this.store.save(manager, user);
      const replaced = await this.history.replace(manager, user.id, { hash, mustChange: forcePasswordChange });
      if (!replaced) throw new NotFoundError('User');
      await record({ action: 'user.password_set', details: { forcePasswordChange, lockedUntil } });
      return this.sessions.endAll(
        manager,
        { userId: user.id, organizationId: user.organizationId },
        'password_changed',
      );
    });
    forget();
  }
}
