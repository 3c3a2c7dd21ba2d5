import { Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../shared/platform/database/index.js';
import { UnauthenticatedError, type RequestContext } from '../../../shared/platform/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import { afterFailure, isLocked } from '../domain/lockout.js';
import { Accounts, type Account } from './accounts.js';
import { personOf } from './person.js';

/**
 * Asks a signed-in person for their password again, before what a stolen session must not be enough for. Wrong answers
 * count as failed logins do, and lock as they do.
 */
@Injectable()
export class PasswordConfirmation {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly hasher: SecretHasher,
  ) {}

  /** @throws UnauthenticatedError AUTH_INVALID_CREDENTIALS for a wrong password, and for a locked account */
  async confirm(context: RequestContext, password: string): Promise<Account> {
    const account = await this.accounts.byId(personOf(context).userId);
    if (account && account.passwordHash !== null && !isLocked(account.attempts, new Date())) {
      if (await this.hasher.verify(account.passwordHash, password)) return account;
      await this.#recordFailure(context, account);
    }
    throw new UnauthenticatedError('The current password is wrong', 'AUTH_INVALID_CREDENTIALS');
  }

  #recordFailure(context: RequestContext, { userId, email, organizationId }: Account): Promise<void> {
    const now = new Date();
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const before = await this.accounts.attemptsForUpdate(manager, userId);
      if (before === null) return;
      const after = afterFailure(before, now);
      await this.accounts.recordFailure(manager, userId, after, now);
      const locks = isLocked(after, now) && !isLocked(before, now);
      await recordAct(manager, context, {
        action: locks ? 'auth.account_locked' : 'auth.password_confirmation_failed',
        resource: { type: 'user', id: userId, name: email },
        result: 'failure',
        organizationId,
        details: { userId, lockedUntil: locks ? after.lockedUntil : null },
      });
    });
  }
}
