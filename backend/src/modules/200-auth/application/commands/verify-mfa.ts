import { Injectable } from '@nestjs/common';
import type { VerifyMfaRequest } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../../shared/platform/database/index.js';
import { UnauthenticatedError } from '../../../../shared/platform/index.js';
import { isLocked } from '../../domain/lockout.js';
import { Accounts, type Account } from '../accounts.js';
import { AttemptLimits } from '../attempt-limits.js';
import { LoginCompletion, type OpenedSession } from '../login-completion.js';
import { MfaFactors } from '../mfa-factors.js';
import { OneTimeTokens, type OneTimeToken } from '../one-time-tokens.js';
import type { DeviceClaim, RequestOrigin } from '../request-origin.js';
import { type PreparedCode, SecondFactor } from '../second-factor.js';
import { TokenIssuer, type IssuedTokens } from '../token-issuer.js';

/** The second step of a login. A challenge leads to one session, whoever races for it. */
@Injectable()
export class VerifyMfa {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly tokens: OneTimeTokens,
    private readonly factors: MfaFactors,
    private readonly secondFactor: SecondFactor,
    private readonly limits: AttemptLimits,
    private readonly completion: LoginCompletion,
    private readonly issuer: TokenIssuer,
  ) {}

  /**
   * @throws UnauthenticatedError TOKEN_INVALID when the login has to begin anew; AUTH_MFA_INVALID for a wrong code
   * @throws DomainError AUTH_MFA_LOCKED, RATE_LIMIT_EXCEEDED
   */
  async execute(
    origin: RequestOrigin,
    { mfaToken, code, trustDevice }: VerifyMfaRequest,
    claim: DeviceClaim,
  ): Promise<IssuedTokens> {
    const outcome = await this.limits.attempt(
      origin.ip,
      () => this.#try(origin, { mfaToken, code, trustDevice }, claim),
      (tried) => typeof tried === 'string',
    );
    if (outcome === 'expired') throw expired();
    if (outcome === 'wrong') {
      throw new UnauthenticatedError('The code is wrong, or was used before', 'AUTH_MFA_INVALID');
    }
    return this.issuer.issue(outcome.account, outcome.opened);
  }

  async #try(
    origin: RequestOrigin,
    { mfaToken, code, trustDevice }: VerifyMfaRequest,
    claim: DeviceClaim,
  ): Promise<{ readonly account: Account; readonly opened: OpenedSession } | 'expired' | 'wrong'> {
    const challenge = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.tokens.peek(manager, 'mfa_challenge', mfaToken),
    );
    const account = challenge?.userId ? await this.accounts.byId(challenge.userId) : null;
    if (!challenge || !account?.isActive || isLocked(account.attempts, new Date())) return 'expired';
    const prepared = await this.secondFactor.prepare(account.userId, code);
    const opened = await this.#open(origin, account, challenge, { mfaToken, prepared, trustDevice, claim });
    return opened ? { account, opened } : 'wrong';
  }

  /** Null for a wrong code, which is counted. */
  #open(
    origin: RequestOrigin,
    account: Account,
    challenge: OneTimeToken,
    step: { mfaToken: string; prepared: PreparedCode; trustDevice: boolean; claim: DeviceClaim },
  ): Promise<OpenedSession | null> {
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const stored = await this.factors.forUpdate(manager, account.userId);
      // Turned off meanwhile: nobody skips a step by that.
      if (!stored?.factor.isEnabled) throw expired();
      const proof = await this.secondFactor.use(manager, origin, stored, step.prepared);
      if (proof === null) return null;
      // Thrown, so that the code is not used up by a request that lost the race.
      if (!(await this.tokens.use(manager, 'mfa_challenge', step.mfaToken))) throw expired();
      return this.completion.open(manager, origin, account, step.claim, {
        factor: proof,
        rememberMe: challenge.details['rememberMe'] === true,
        trustDevice: step.trustDevice,
      });
    });
  }
}

function expired(): UnauthenticatedError {
  return new UnauthenticatedError('This login has expired; begin anew with your password', 'TOKEN_INVALID');
}
