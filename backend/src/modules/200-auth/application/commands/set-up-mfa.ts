import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { MfaSetup } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { RUNTIME, UnauthenticatedError, type RequestContext, type Runtime } from '../../../../shared/platform/index.js';
import { alreadyEnabled, MfaFactor } from '../../domain/mfa-factor.js';
import { Accounts } from '../accounts.js';
import { MfaFactors } from '../mfa-factors.js';
import { personOf } from '../person.js';
import { newTotpSecret, qrCodeOf, totpSecretText, totpUri } from '../totp.js';

const SALT_BYTES = 16;

/** Enrols an authenticator app. It changes nothing at logins until a code of it confirms it, within ten minutes. */
@Injectable()
export class SetUpMfa {
  readonly #issuer: string;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly factors: MfaFactors,
    @Inject(RUNTIME) { config }: Runtime,
  ) {
    this.#issuer = config.MFA_ISSUER;
  }

  /** @throws ValidationError when a second factor is on already */
  async execute(context: RequestContext): Promise<MfaSetup> {
    const { userId } = personOf(context);
    const account = await this.accounts.byId(userId);
    if (!account) throw new UnauthenticatedError('The account is gone');
    const { email, organizationId } = account;
    const secret = newTotpSecret();
    const factor = MfaFactor.enrol(userId, organizationId, new Date());
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      if (!(await this.factors.enrol(manager, factor, secret, randomBytes(SALT_BYTES)))) throw alreadyEnabled();
      await recordAct(manager, context, {
        action: 'auth.mfa_enrolled',
        resource: { type: 'user', id: userId, name: email },
        organizationId,
        details: { userId },
      });
    });
    const otpauthUri = totpUri(secret, this.#issuer, email);
    return {
      secret: totpSecretText(secret),
      otpauthUri,
      qrCode: qrCodeOf(otpauthUri),
      expiresAt: (factor.pendingUntil ?? new Date()).toISOString(),
    };
  }
}
