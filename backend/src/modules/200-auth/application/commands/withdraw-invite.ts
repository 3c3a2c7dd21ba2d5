import { Injectable } from '@nestjs/common';
import { Database, recordAct, widestScope } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { InviteList } from '../queries/invite-list.js';

/** Makes an invitation worthless. Who came with it before stays. */
@Injectable()
export class WithdrawInvite {
  constructor(
    private readonly database: Database,
    private readonly invites: InviteList,
  ) {}

  /** @throws NotFoundError when it is unknown, or another organization's */
  async execute(context: RequestContext, id: string): Promise<void> {
    await this.database.transaction(widestScope(context), async (manager) => {
      const invite = await this.invites.remove(manager, context, id);
      if (!invite) throw new NotFoundError('Invitation');
      const { email, organizationId } = invite;
      await recordAct(manager, context, {
        action: 'auth.invite_withdrawn',
        resource: { type: 'invitation', id, name: email ?? '' },
        ...(organizationId === null ? {} : { organizationId }),
        details: { invitationId: id },
      });
    });
  }
}
