import { Injectable } from '@nestjs/common';
import type { Act } from '../../../../shared/platform/database/index.js';
import { ConflictError, type RequestContext } from '../../../../shared/platform/index.js';
import type { User } from '../../domain/user.js';
import { ManagedUsers } from './managed-users.js';

/** Mails a user a link to choose a password; the link is made where the event is handled, and is in no event. */
@Injectable()
export class InviteUser {
  constructor(private readonly users: ManagedUsers) {}

  /**
   * @throws NotFoundError, PermissionDeniedError and NotAllowedError as {@link ManagedUsers.change}
   * @throws ConflictError when the user is deactivated
   */
  async execute(context: RequestContext, id: string): Promise<void> {
    await this.users.change(context, id, 'users:update', async ({ user, record }) => {
      if (!user.isActive) throw new ConflictError('The user is deactivated; activate them first');
      await record(invitation(user, context));
    });
  }
}

/** What 200-auth answers with a mail. */
export function invitation(user: Pick<User, 'id' | 'email' | 'organizationId'>, { actor }: RequestContext): Act {
  return {
    action: 'user.invited',
    resource: { type: 'user', id: user.id, name: user.email },
    organizationId: user.organizationId,
    details: { userId: user.id, invitedBy: actor.id },
  };
}
