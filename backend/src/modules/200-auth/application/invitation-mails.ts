import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type MailData, MailJobs, type MailMessage } from '../../../shared/email/index.js';
import { EventConsumers } from '../../../shared/messaging/index.js';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { OneTimeTokens } from './one-time-tokens.js';

const EVENT = 'auth.invited';

/** Mails an invitation to the address it is for. Its token is made anew with the mail, so that nobody else has it. */
@Injectable()
export class InvitationMails implements OnModuleInit {
  constructor(
    private readonly consumers: EventConsumers,
    private readonly mails: MailJobs,
    private readonly database: Database,
    private readonly tokens: OneTimeTokens,
  ) {}

  onModuleInit(): void {
    this.consumers.register({
      name: `mail.${EVENT}`,
      type: EVENT,
      handle: async ({ id, payload: { invitationId, mailed } }) => {
        if (mailed === true) await this.mails.enqueue(EVENT, { invitationId }, id);
      },
    });
    this.mails.register(EVENT, (data) => this.#compose(data));
  }

  async #compose({ invitationId }: MailData): Promise<MailMessage | null> {
    const renewed = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.tokens.renew(manager, 'invitation', String(invitationId)),
    );
    // Withdrawn, used or expired since.
    if (!renewed || renewed.email === null) return null;
    const { token, email, expiresAt } = renewed;
    return {
      kind: 'invitation',
      to: email,
      name: '',
      locale: 'en',
      timeZone: 'UTC',
      values: { expiresAt },
      path: `/register?invite=${token}`,
    };
  }
}
