import { Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { ValidationError } from '../../../../shared/platform/index.js';
import { Accounts } from '../accounts.js';
import { AttemptLimits } from '../attempt-limits.js';
import { OneTimeTokens } from '../one-time-tokens.js';
import type { RequestOrigin } from '../request-origin.js';

/** Takes the token of the link that was mailed: the address is its owner's. */
@Injectable()
export class VerifyEmail {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly tokens: OneTimeTokens,
    private readonly limits: AttemptLimits,
  ) {}

  /**
   * @throws ValidationError when the token is unknown, used, expired or replaced by a newer one
   * @throws DomainError RATE_LIMIT_EXCEEDED
   */
  async execute(origin: RequestOrigin, token: string): Promise<void> {
    const verified = await this.limits.attempt(
      origin.ip,
      () => this.#use(origin, token),
      (isGood) => !isGood,
    );
    if (verified) return;
    throw new ValidationError(
      [{ path: 'token', code: 'invalid_token', message: 'is not valid, or not any more; have the mail sent again' }],
      'The link was used, has expired or was replaced by a newer one',
    );
  }

  #use(origin: RequestOrigin, token: string): Promise<boolean> {
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const used = await this.tokens.use(manager, 'email_verification', token);
      if (!used?.userId || used.email === null) return false;
      const { userId, email, organizationId } = used;
      if (!(await this.accounts.markVerified(manager, userId, email))) return false;
      await recordAct(manager, origin, {
        action: 'auth.email_verified',
        resource: { type: 'user', id: userId, name: email },
        organizationId,
        details: { userId },
      });
      return true;
    });
  }
}
