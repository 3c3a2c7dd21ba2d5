import { Injectable } from '@nestjs/common';
import type { RecoveryEmailRequest, UpdateProfileRequest } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { type RequestContext, UnauthenticatedError, ValidationError } from '../../../../shared/platform/index.js';
import { assertRegionalSettings } from '../../../100-core/index.js';
import { Accounts, type Account } from '../accounts.js';
import { PasswordConfirmation } from '../password-confirmation.js';
import { personOf } from '../person.js';
import { Profiles } from '../profiles.js';

type ProfileField = keyof UpdateProfileRequest;

/** What people change about themselves. */
@Injectable()
export class UpdateProfile {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly profiles: Profiles,
    private readonly confirmation: PasswordConfirmation,
  ) {}

  /** @throws ValidationError for an unknown time zone or a malformed language tag */
  async execute(context: RequestContext, changes: UpdateProfileRequest): Promise<void> {
    assertRegionalSettings(changes);
    const account = await this.#own(context);
    const fields = (['firstName', 'lastName', 'timezone', 'locale'] as const).filter(
      (field) => changes[field] !== undefined && changes[field] !== account[field],
    );
    if (fields.length === 0) return;
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      await this.profiles.update(manager, account.userId, changes);
      await recordAct(manager, context, {
        action: 'user.profile_updated',
        resource: { type: 'user', id: account.userId, name: account.email },
        organizationId: account.organizationId,
        before: pick(account, fields),
        after: pick(changes, fields),
      });
    });
  }

  /**
   * Another address of the same person. It opens no way in, so it is asked for with the password but not verified.
   *
   * @throws UnauthenticatedError AUTH_INVALID_CREDENTIALS for a wrong password
   * @throws ValidationError when it is the account's own address
   */
  async setRecoveryEmail(context: RequestContext, { recoveryEmail, password }: RecoveryEmailRequest): Promise<void> {
    const { userId, email, organizationId } = await this.confirmation.confirm(context, password);
    if (recoveryEmail === email) {
      throw new ValidationError([
        { path: 'recoveryEmail', code: 'invalid', message: 'must be another address than the one you sign in with' },
      ]);
    }
    const before = await this.profiles.details(userId);
    if (before.recoveryEmail === recoveryEmail) return;
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      await this.profiles.setRecoveryEmail(manager, userId, recoveryEmail);
      await recordAct(manager, context, {
        action: 'auth.recovery_email_changed',
        resource: { type: 'user', id: userId, name: email },
        organizationId,
        before: { recoveryEmail: before.recoveryEmail },
        after: { recoveryEmail },
        details: { userId },
      });
    });
  }

  async #own(context: RequestContext): Promise<Account> {
    const account = await this.accounts.byId(personOf(context).userId);
    if (account === null) throw new UnauthenticatedError('The account is gone');
    return account;
  }
}

function pick(source: UpdateProfileRequest, fields: readonly ProfileField[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, source[field]]));
}
