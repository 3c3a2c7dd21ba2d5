import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EmailService } from '../../../shared/email/index.js';
import { EventConsumers, type PlatformEvent } from '../../../shared/messaging/index.js';
import { Accounts } from './accounts.js';

/**
 * Mails the owner of an account that too many failed logins have locked. The login itself says nothing of it, to
 * whoever tries; the owner has to learn it elsewhere.
 */
@Injectable()
export class TellLockedOwner implements OnModuleInit {
  constructor(
    private readonly consumers: EventConsumers,
    private readonly accounts: Accounts,
    private readonly mail: EmailService,
  ) {}

  onModuleInit(): void {
    this.consumers.register({
      name: 'tell-locked-owner',
      type: 'auth.account_locked',
      handle: (event) => this.#tell(event),
    });
  }

  async #tell({ payload, occurredAt }: PlatformEvent): Promise<void> {
    const account = await this.accounts.byId(String(payload['userId']));
    // Deleted since: there is nobody to tell.
    if (account === null) return;
    await this.mail.send({
      to: account.email,
      subject: 'Your account is locked for a while',
      text: [
        `Hello ${account.firstName},`,
        '',
        `after several failed logins, the last at ${occurredAt.toISOString()} from ${String(payload['ip'])}, your account`,
        `takes no login until ${String(payload['lockedUntil'])}. It opens again by itself.`,
        '',
        'If that was not you, somebody may be guessing your password: choose a new one that you use nowhere else.',
      ].join('\n'),
    });
  }
}
