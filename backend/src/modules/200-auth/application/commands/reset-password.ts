import { Injectable } from '@nestjs/common';
import type { ResetPasswordRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { ValidationError } from '../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { PasswordHistory, PasswordPolicy } from '../../../100-core/index.js';
import type { Account } from '../accounts.js';
import { OneTimeTokens } from '../one-time-tokens.js';
import { Profiles } from '../profiles.js';
import { ResetTokens, RESET_PURPOSES } from '../reset-tokens.js';
import type { RequestOrigin } from '../request-origin.js';
import { SessionEndings } from '../session-endings.js';

/**
 * Sets a password with the token of a mailed link. It opens a locked account, ends every session, and proves the address.
 * Of requests that race with one token exactly one wins.
 */
@Injectable()
export class ResetPassword {
  constructor(
    private readonly database: Database,
    private readonly profiles: Profiles,
    private readonly resets: ResetTokens,
    private readonly tokens: OneTimeTokens,
    private readonly policy: PasswordPolicy,
    private readonly history: PasswordHistory,
    private readonly hasher: SecretHasher,
    private readonly sessions: SessionEndings,
  ) {}

  /** @throws ValidationError for a token that is good for nothing, or naming every rule that the password fails */
  async execute(origin: RequestOrigin, { token, newPassword }: ResetPasswordRequest): Promise<void> {
    const reset = await this.resets.find(token);
    if (reset === null) throw invalidToken();
    const { email, firstName, lastName, userId } = reset.account;
    const recentHashes = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.history.recent(manager, userId),
    );
    // Before the token is used up: a person whose password is refused tries again with the same link.
    await this.policy.assert(newPassword, { email, names: [firstName, lastName], recentHashes }, 'newPassword');
    const hash = await this.hasher.hash(newPassword);
    const ended = await this.database.transaction(systemScope('authentication'), async (manager) => {
      const used = await this.tokens.use(manager, reset.purpose, token);
      if (used?.userId !== userId || !(await this.history.replace(manager, userId, { hash }))) throw invalidToken();
      return this.#reset(manager, origin, reset.account);
    });
    this.sessions.forget(ended);
  }

  async #reset(manager: EntityManager, origin: RequestOrigin, account: Account): Promise<readonly string[]> {
    const { userId, email, organizationId } = account;
    await this.profiles.openAfterReset(manager, userId);
    await this.tokens.voidAll(manager, userId, RESET_PURPOSES);
    const ended = await this.sessions.end(manager, { userId }, 'password_changed');
    await recordAct(manager, origin, {
      action: 'auth.password_reset',
      resource: { type: 'user', id: userId, name: email },
      organizationId,
      details: { userId, sessionsEnded: ended.length },
    });
    return ended;
  }
}

function invalidToken(): ValidationError {
  return new ValidationError(
    [{ path: 'token', code: 'invalid_token', message: 'is not valid, or not any more; ask for a new link' }],
    'The link was used, has expired or was replaced by a newer one',
  );
}
