import { Inject, Injectable } from '@nestjs/common';
import type { LoginRequest, MfaChallenge } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { RUNTIME, UnauthenticatedError, type Runtime } from '../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { afterFailure, isLocked } from '../../domain/lockout.js';
import { Accounts, type Account } from '../accounts.js';
import { AttemptLimits } from '../attempt-limits.js';
import { KnownDevices } from '../known-devices.js';
import { LoginCompletion, type OpenedSession } from '../login-completion.js';
import { MfaFactors } from '../mfa-factors.js';
import { OneTimeTokens } from '../one-time-tokens.js';
import type { DeviceClaim, RequestOrigin } from '../request-origin.js';
import { verificationRequired } from '../sign-in-settings.js';
import { TokenIssuer, type IssuedTokens } from '../token-issuer.js';

/** The hash of a random value that nobody knows: what is verified when there is no password to verify. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=65536,t=3,p=4$Z3Gcot5hnRf1SZoHxudQ7A$tGW1EYUeRQDgguVYhewBz0ooXzj5M+PnZn6THt9mh04';
const NOBODY = '00000000-0000-0000-0000-000000000000';
const CHALLENGE_SECONDS = 300;

/** How far a right password led. Null: the account was locked by another attempt meanwhile. */
type Outcome = OpenedSession | MfaChallenge | 'unverified' | null;

/**
 * Signs a person in, or asks for the second factor. Unknown, deactivated and locked accounts and wrong passwords are one
 * failure with one body, and every one of them runs the same steps: look up, one Argon2 run, one transaction with the
 * same statements.
 */
@Injectable()
export class LogIn {
  readonly #verifiedOnly: boolean;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly devices: KnownDevices,
    private readonly factors: MfaFactors,
    private readonly tokens: OneTimeTokens,
    private readonly hasher: SecretHasher,
    private readonly limits: AttemptLimits,
    private readonly completion: LoginCompletion,
    private readonly issuer: TokenIssuer,
    @Inject(RUNTIME) runtime: Runtime,
  ) {
    this.#verifiedOnly = verificationRequired(runtime.config);
  }

  /**
   * @throws UnauthenticatedError AUTH_INVALID_CREDENTIALS; AUTH_EMAIL_NOT_VERIFIED to whoever knows the password
   * @throws DomainError RATE_LIMIT_EXCEEDED
   */
  async execute(
    origin: RequestOrigin,
    { email, password, rememberMe }: LoginRequest,
    claim: DeviceClaim,
  ): Promise<IssuedTokens | MfaChallenge> {
    const { account, outcome } = await this.limits.attempt(
      origin.ip,
      () => this.#try(origin, { email, password, rememberMe }, claim),
      (tried) => tried.outcome === null,
    );
    if (!account || !outcome) {
      await this.#refuse(origin, email, account);
      throw new UnauthenticatedError('The e-mail address or the password is wrong', 'AUTH_INVALID_CREDENTIALS');
    }
    if (outcome === 'unverified') {
      throw new UnauthenticatedError(
        'Open the link in the mail that we sent to your address first, or have it sent again',
        'AUTH_EMAIL_NOT_VERIFIED',
      );
    }
    return 'mfaRequired' in outcome ? outcome : this.issuer.issue(account, outcome);
  }

  async #try(
    origin: RequestOrigin,
    { email, password, rememberMe }: Pick<LoginRequest, 'email' | 'password' | 'rememberMe'>,
    claim: DeviceClaim,
  ): Promise<{ readonly account: Account | null; readonly outcome: Outcome }> {
    const account = await this.accounts.byEmail(email);
    const hash = account && mayTry(account, new Date()) ? account.passwordHash : null;
    const matches = await this.hasher.verify(hash ?? NOBODYS_HASH, password);
    const isRight = account && hash !== null && matches;
    return { account, outcome: isRight ? await this.#proceed(origin, account, claim, rememberMe) : null };
  }

  #proceed(origin: RequestOrigin, account: Account, claim: DeviceClaim, rememberMe: boolean): Promise<Outcome> {
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const attempts = await this.accounts.attemptsForUpdate(manager, account.userId);
      if (!attempts || isLocked(attempts, new Date())) return null;
      await this.accounts.forgetFailures(manager, account.userId);
      if (this.#verifiedOnly && account.emailVerifiedAt === null) {
        await recordRefusal(manager, origin, account, 'email_not_verified');
        return 'unverified';
      }
      const isTrusted =
        account.hasMfa && claim.token !== null && (await this.devices.isTrusted(manager, account.userId, claim.token));
      if (account.hasMfa && !isTrusted) return this.#challenge(manager, account, rememberMe);
      const factor = isTrusted ? 'trusted_device' : 'password';
      return this.completion.open(manager, origin, account, claim, { factor, rememberMe, trustDevice: false });
    });
  }

  async #challenge(manager: EntityManager, account: Account, rememberMe: boolean): Promise<MfaChallenge> {
    const stored = await this.factors.find(manager, account.userId);
    const { userId, organizationId } = account;
    const { token } = await this.tokens.issue(manager, {
      purpose: 'mfa_challenge',
      userId,
      organizationId,
      lifeMs: CHALLENGE_SECONDS * 1000,
      keepOlder: true,
      details: { rememberMe },
    });
    return {
      mfaRequired: true,
      mfaToken: token,
      expiresIn: CHALLENGE_SECONDS,
      attemptsLeft: stored?.factor.attemptsLeft(new Date()) ?? 0,
    };
  }

  async #refuse(origin: RequestOrigin, email: string, account: Account | null): Promise<void> {
    const now = new Date();
    // Nobody's row is locked, read and updated as well, so that an unknown address takes as long.
    const userId = account?.isActive ? account.userId : NOBODY;
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      const before = (await this.accounts.attemptsForUpdate(manager, userId)) ?? { failures: 0, lockedUntil: null };
      const after = afterFailure(before, now);
      await this.accounts.recordFailure(manager, userId, after, now);
      const locks = userId !== NOBODY && isLocked(after, now) && !isLocked(before, now);
      await recordAct(manager, origin, {
        // One event either way: the lock tells of the failure that caused it.
        action: locks ? 'auth.account_locked' : 'auth.login_failed',
        resource: { type: 'user', id: account?.userId ?? null, name: email },
        result: 'failure',
        organizationId: account?.organizationId ?? null,
        details: { userId: account?.userId ?? null, email, lockedUntil: locks ? after.lockedUntil : null },
      });
    });
  }
}

function mayTry(account: Account, now: Date): boolean {
  return account.isActive && !isLocked(account.attempts, now);
}

async function recordRefusal(
  manager: EntityManager,
  origin: RequestOrigin,
  { userId, email, organizationId }: Account,
  reason: string,
): Promise<void> {
  await recordAct(manager, origin, {
    action: 'auth.login_failed',
    resource: { type: 'user', id: userId, name: email },
    result: 'failure',
    organizationId,
    details: { userId, email, reason },
  });
}
