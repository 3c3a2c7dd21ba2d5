import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { MfaSetup } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import {
  DomainError,
  RUNTIME,
  UnauthenticatedError,
  type RequestContext,
  type Runtime,
} from '../../../../shared/platform/index.js';
import { alreadyEnabled, MfaFactor } from '../../domain/mfa-factor.js';
import { Accounts } from '../accounts.js';
import { LiveSessions } from '../live-sessions.js';
import { MfaFactors } from '../mfa-factors.js';
import { PasswordConfirmation } from '../password-confirmation.js';
import { personOf } from '../person.js';
import { newTotpSecret, qrCodeOf, totpSecretText, totpUri } from '../totp.js';

const SALT_BYTES = 16;
/** A sign-in counts as a proof of identity for so long. */
const RECENT_MS = 15 * 60_000;

/** Enrols an authenticator app. It changes nothing at logins until a code of it confirms it, within ten minutes. */
@Injectable()
export class SetUpMfa {
  readonly #issuer: string;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly factors: MfaFactors,
    private readonly sessions: LiveSessions,
    private readonly confirmation: PasswordConfirmation,
    @Inject(RUNTIME) { config }: Runtime,
  ) {
    this.#issuer = config.MFA_ISSUER;
  }

  /**
   * @param password asked for when the sign-in is a while ago: a session that was left open must not be enough
   * @throws DomainError AUTH_REAUTHENTICATION_REQUIRED without it then; UnauthenticatedError when it is wrong
   * @throws ValidationError when a second factor is on already
   */
  async execute(context: RequestContext, password?: string): Promise<MfaSetup> {
    const { userId, sessionId } = personOf(context);
    if (password !== undefined) await this.confirmation.confirm(context, password);
    else await this.#assertRecent(sessionId);
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

  async #assertRecent(sessionId: string): Promise<void> {
    const session = await this.sessions.find(sessionId);
    if (session && session.startedAt.getTime() > Date.now() - RECENT_MS) return;
    throw new DomainError('AUTH_REAUTHENTICATION_REQUIRED', 'Give your password again: you signed in a while ago');
  }
}
