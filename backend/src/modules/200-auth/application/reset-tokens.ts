import { Injectable } from '@nestjs/common';
import type { ResetTokenValidity } from '@telemetryflow/contracts';
import { maskAddress } from '../../../shared/email/index.js';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { Accounts, type Account } from './accounts.js';
import { OneTimeTokens } from './one-time-tokens.js';

/** What lets somebody choose a password without knowing the former: a reset, or an account made for them. */
export const RESET_PURPOSES = ['password_reset', 'password_choice'] as const;

export interface FoundReset {
  readonly purpose: (typeof RESET_PURPOSES)[number];
  readonly account: Account;
  readonly expiresAt: Date;
}

/** Looks at the tokens of mailed links without using them up. */
@Injectable()
export class ResetTokens {
  constructor(
    private readonly database: Database,
    private readonly tokens: OneTimeTokens,
    private readonly accounts: Accounts,
  ) {}

  /** Null when it is good for nothing: unknown, used, expired, replaced, or of an account that is not active. */
  async find(token: string): Promise<FoundReset | null> {
    const found = await this.database.transaction(systemScope('authentication'), async (manager) => {
      for (const purpose of RESET_PURPOSES) {
        const stored = await this.tokens.peek(manager, purpose, token);
        if (stored !== null) return { purpose, userId: stored.userId, expiresAt: stored.expiresAt };
      }
      return null;
    });
    const account = found === null || found.userId === null ? null : await this.accounts.byId(found.userId);
    return found && account?.isActive ? { purpose: found.purpose, account, expiresAt: found.expiresAt } : null;
  }

  /** What the page of the link shows before it asks for a password. */
  async validity(token: string): Promise<ResetTokenValidity> {
    const found = await this.find(token);
    if (found === null) return { valid: false, email: null, expiresAt: null };
    return { valid: true, email: maskAddress(found.account.email), expiresAt: found.expiresAt.toISOString() };
  }
}
