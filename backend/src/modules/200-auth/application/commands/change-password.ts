import { Injectable } from '@nestjs/common';
import type { ChangePasswordRequest } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { ConflictError, type RequestContext } from '../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { PasswordHistory, PasswordPolicy } from '../../../100-core/index.js';
import { OneTimeTokens } from '../one-time-tokens.js';
import { PasswordConfirmation } from '../password-confirmation.js';
import { personOf } from '../person.js';
import { RESET_PURPOSES } from '../reset-tokens.js';
import { SessionEndings } from '../session-endings.js';

/** Replaces the caller's own password. The session that asks goes on, all others end. */
@Injectable()
export class ChangePassword {
  constructor(
    private readonly database: Database,
    private readonly confirmation: PasswordConfirmation,
    private readonly policy: PasswordPolicy,
    private readonly history: PasswordHistory,
    private readonly hasher: SecretHasher,
    private readonly sessions: SessionEndings,
    private readonly tokens: OneTimeTokens,
  ) {}

  /**
   * @throws UnauthenticatedError AUTH_INVALID_CREDENTIALS when the current password is wrong
   * @throws ValidationError that names every rule the new one fails
   * @throws ConflictError when the password was changed elsewhere meanwhile
   */
  async execute(context: RequestContext, { currentPassword, newPassword }: ChangePasswordRequest): Promise<void> {
    const { userId, sessionId } = personOf(context);
    const account = await this.confirmation.confirm(context, currentPassword);
    const recentHashes = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.history.recent(manager, userId),
    );
    const { email, firstName, lastName, organizationId, passwordHash } = account;
    await this.policy.assert(newPassword, { email, names: [firstName, lastName], recentHashes }, 'newPassword');
    const hash = await this.hasher.hash(newPassword);
    const ended = await this.database.transaction(systemScope('authentication'), async (manager) => {
      const expected = passwordHash === null ? {} : { expected: passwordHash };
      if (!(await this.history.replace(manager, userId, { hash, ...expected }))) {
        throw new ConflictError('The password was changed elsewhere meanwhile; sign in with the new one');
      }
      await this.tokens.voidAll(manager, userId, RESET_PURPOSES);
      const ended = await this.sessions.end(manager, { userId, except: sessionId }, 'password_changed');
      await recordAct(manager, context, {
        action: 'auth.password_changed',
        resource: { type: 'user', id: userId, name: email },
        organizationId,
        details: { userId, sessionsEnded: ended.length },
      });
      return ended;
    });
    // Its own session too: this node remembers that it had to choose a password first.
    this.sessions.forget([...ended, sessionId]);
  }
}
