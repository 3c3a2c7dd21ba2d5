import { Injectable } from '@nestjs/common';
import type { MfaReauthRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ValidationError, type RequestContext } from '../../../shared/platform/index.js';
import { noFactor } from '../domain/mfa-factor.js';
import { MfaFactors, type StoredFactor } from './mfa-factors.js';
import { PasswordConfirmation } from './password-confirmation.js';
import { SecondFactor, wrongCode } from './second-factor.js';

/** Asks for password and code again, before what a stolen session must not be enough for. */
@Injectable()
export class MfaReauthentication {
  constructor(
    private readonly database: Database,
    private readonly factors: MfaFactors,
    private readonly confirmation: PasswordConfirmation,
    private readonly secondFactor: SecondFactor,
  ) {}

  /**
   * Runs `change` in the transaction that uses the code.
   *
   * @throws UnauthenticatedError AUTH_INVALID_CREDENTIALS for a wrong password
   * @throws ValidationError for a wrong code, or when no second factor is on
   * @throws DomainError AUTH_MFA_LOCKED
   */
  async with(
    context: RequestContext,
    { password, code }: MfaReauthRequest,
    change: (manager: EntityManager, stored: StoredFactor) => Promise<void>,
  ): Promise<void> {
    const { userId } = await this.confirmation.confirm(context, password);
    const prepared = await this.secondFactor.prepare(userId, code);
    const proven = await this.database.transaction(systemScope('authentication'), async (manager) => {
      const stored = await this.factors.forUpdate(manager, userId);
      if (!stored?.factor.isEnabled) throw noFactor();
      if ((await this.secondFactor.use(manager, context, stored, prepared)) === null) return false;
      await change(manager, stored);
      return true;
    });
    if (!proven) throw new ValidationError([wrongCode()]);
  }
}
