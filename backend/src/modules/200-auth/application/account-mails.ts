import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type MailData, MailJobs, type MailKind, type MailMessage } from '../../../shared/email/index.js';
import { EventConsumers, type PlatformEvent } from '../../../shared/messaging/index.js';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { Accounts, type Account } from './accounts.js';
import { OneTimeTokens, type TokenPurpose } from './one-time-tokens.js';
import { Profiles } from './profiles.js';
import { describeUserAgent } from './user-agents.js';

const HOUR_MS = 3_600_000;

/** The link of a mail: the page it opens, and what its token is good for. */
interface MailLink {
  readonly page: string;
  readonly purpose: TokenPurpose;
  readonly lifeMs: number;
}

interface AccountMail {
  readonly kind: MailKind;
  readonly link?: MailLink;
  /** Also goes to the recovery address: whoever took over the mailbox must not be the only one to read it. */
  readonly toRecovery?: boolean;
}

/** Which events the owner of an account learns of. The event names the user as `userId`, or is about them. */
const MAIL_OF_EVENT: Readonly<Record<string, AccountMail>> = {
  'auth.verification_requested': {
    kind: 'verification',
    link: { page: '/verify-email', purpose: 'email_verification', lifeMs: 24 * HOUR_MS },
  },
  'auth.password_reset_requested': {
    kind: 'password_reset',
    link: { page: '/reset-password', purpose: 'password_reset', lifeMs: HOUR_MS },
  },
  'user.invited': {
    kind: 'password_choice',
    link: { page: '/reset-password', purpose: 'password_choice', lifeMs: 7 * 24 * HOUR_MS },
  },
  'auth.password_changed': { kind: 'password_changed', toRecovery: true },
  'auth.password_reset': { kind: 'password_changed', toRecovery: true },
  'user.password_set': { kind: 'password_set_by_administrator' },
  'auth.mfa_enabled': { kind: 'mfa_enabled' },
  'auth.mfa_disabled': { kind: 'mfa_disabled', toRecovery: true },
  'user.mfa_removed': { kind: 'mfa_disabled', toRecovery: true },
  'auth.account_locked': { kind: 'account_locked' },
  'auth.device_added': { kind: 'new_device' },
  'auth.recovery_email_changed': { kind: 'recovery_email_changed' },
};

const RECOVERY = '.recovery';

/**
 * Mails the owner of an account what happened to it. The request only records the act; the event becomes a job here, and
 * the job looks up the address and makes the link: neither an event nor a job ever holds a token.
 */
@Injectable()
export class AccountMails implements OnModuleInit {
  constructor(
    private readonly consumers: EventConsumers,
    private readonly mails: MailJobs,
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly profiles: Profiles,
    private readonly tokens: OneTimeTokens,
  ) {}

  onModuleInit(): void {
    for (const [type, mail] of Object.entries(MAIL_OF_EVENT)) {
      this.consumers.register({ name: `mail.${type}`, type, handle: (event) => this.#enqueue(event, mail) });
      this.mails.register(type, (data) => this.#compose(mail, data));
      if (mail.toRecovery) this.mails.register(type + RECOVERY, (data) => this.#composeForRecovery(mail, data));
    }
  }

  async #enqueue({ id, type, payload, occurredAt }: PlatformEvent, mail: AccountMail): Promise<void> {
    const userId = payload['userId'] ?? payload['aggregateId'];
    // An address that nobody has.
    if (typeof userId !== 'string') return;
    const { ip, userAgent, lockedUntil } = payload;
    const data = { userId, at: occurredAt.toISOString(), ip, userAgent, until: lockedUntil };
    await this.mails.enqueue(type, data, id);
    if (mail.toRecovery) await this.mails.enqueue(type + RECOVERY, data, id);
  }

  async #compose(mail: AccountMail, data: MailData): Promise<MailMessage | null> {
    const account = await this.accounts.byId(String(data['userId']));
    // Deleted since, or a link that would open nothing.
    if (account === null || (mail.link && !account.isActive)) return null;
    const message = messageOf(mail.kind, account, data);
    if (mail.link === undefined) return message;
    const { page, purpose, lifeMs } = mail.link;
    const { userId, organizationId, email } = account;
    const { token, expiresAt } = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.tokens.issue(manager, { purpose, userId, organizationId, email, lifeMs }),
    );
    return { ...message, path: `${page}?token=${token}`, values: { ...message.values, expiresAt } };
  }

  async #composeForRecovery(mail: AccountMail, data: MailData): Promise<MailMessage | null> {
    const account = await this.accounts.byId(String(data['userId']));
    if (account === null) return null;
    const { recoveryEmail } = await this.profiles.details(account.userId);
    return recoveryEmail === null ? null : { ...messageOf(mail.kind, account, data), to: recoveryEmail };
  }
}

function messageOf(kind: MailKind, account: Account, data: MailData): MailMessage {
  const { browser, os } = describeUserAgent(textIn(data, 'userAgent'));
  const until = textIn(data, 'until');
  return {
    kind,
    to: account.email,
    name: account.firstName,
    locale: account.locale,
    timeZone: account.timezone,
    values: {
      email: account.email,
      at: new Date(textIn(data, 'at')),
      ip: textIn(data, 'ip'),
      device: `${browser}, ${os}`,
      ...(until === '' ? {} : { until: new Date(until) }),
    },
  };
}

function textIn(data: MailData, name: string): string {
  const value = data[name];
  return typeof value === 'string' ? value : '';
}
