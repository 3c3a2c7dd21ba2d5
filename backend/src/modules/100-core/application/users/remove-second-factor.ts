import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { UserFactors } from '../user-factors.js';
import { UserSessions } from '../user-sessions.js';
import { ManagedUsers } from './managed-users.js';

/**
 * Turns off the second factor of somebody who has lost it and their recovery codes. Who does it has made sure who asks; the
 * user is told, and their sessions end.
 */
@Injectable()
export class RemoveSecondFactor {
  constructor(
    private readonly users: ManagedUsers,
    private readonly factors: UserFactors,
    private readonly sessions: UserSessions,
  ) {}

  /**
   * @throws NotFoundError when the user has no second factor
   * @throws PermissionDeniedError when the user holds what the caller lacks
   * @throws ConflictError for the caller's own; else as {@link ManagedUsers.change}
   */
  async execute(context: RequestContext, id: string): Promise<void> {
    const forget = await this.users.change(
      context,
      id,
      'users:update',
      async ({ manager, user, access, authority, record }) => {
        if (user.id === authority.userId) throw new ConflictError('Turn off your own second factor in your account');
        authority.assertMayTakeOver(access, user.organizationId);
        const owner = { userId: user.id, organizationId: user.organizationId };
        if (!(await this.factors.remove(manager, owner))) throw new NotFoundError('Second factor');
        await record({
          action: 'user.mfa_removed',
          before: { mfaEnabled: true },
          after: { mfaEnabled: false },
          details: { userId: user.id },
        });
        return this.sessions.endAll(manager, owner, 'revoked');
      },
    );
    forget();
  }
}
