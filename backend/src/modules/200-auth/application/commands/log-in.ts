import { Injectable } from '@nestjs/common';
import type { LoginRequest } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { UnauthenticatedError } from '../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { afterFailure, isLocked } from '../../domain/lockout.js';
import { Session } from '../../domain/session.js';
import { Accounts, type Account } from '../accounts.js';
import type { RequestOrigin } from '../request-origin.js';
import { Sessions } from '../sessions.js';
import { TokenIssuer, type IssuedTokens } from '../token-issuer.js';

/** The hash of a random value that nobody knows: what is verified when there is no password to verify. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=65536,t=3,p=4$Z3Gcot5hnRf1SZoHxudQ7A$tGW1EYUeRQDgguVYhewBz0ooXzj5M+PnZn6THt9mh04';
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * Signs a person in. Unknown, deactivated and locked accounts and wrong passwords are one failure with one body, and
 * every one of them runs the same steps: look up, one Argon2 run, one transaction with the same statements.
 */
@Injectable()
export class LogIn {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly hasher: SecretHasher,
    private readonly issuer: TokenIssuer,
  ) {}

  /** @throws UnauthenticatedError AUTH_INVALID_CREDENTIALS */
  async execute(origin: RequestOrigin, { email, password }: LoginRequest): Promise<IssuedTokens> {
    const account = await this.accounts.byEmail(email);
    const hash = account && mayTry(account, new Date()) ? account.passwordHash : null;
    const matches = await this.hasher.verify(hash ?? NOBODYS_HASH, password);
    const opened = account && hash !== null && matches ? await this.#open(origin, account) : null;
    if (!account || !opened) {
      await this.#refuse(origin, email, account);
      throw new UnauthenticatedError('The e-mail address or the password is wrong', 'AUTH_INVALID_CREDENTIALS');
    }
    return this.issuer.issue(account, opened.session, opened.refreshToken);
  }

  /** Null when the account was locked by another attempt meanwhile. */
  #open(origin: RequestOrigin, account: Account): Promise<{ session: Session; refreshToken: string } | null> {
    const now = new Date();
    const { userId, organizationId } = account;
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const attempts = await this.accounts.attemptsForUpdate(manager, userId);
      if (!attempts || isLocked(attempts, now)) return null;
      await this.accounts.recordLogin(manager, userId, origin.ip, now);
      const lifeMs = this.issuer.sessionLifeMs;
      const { ip: ipAddress, userAgent } = origin;
      const session = Session.start({ userId, organizationId, ipAddress, userAgent, lifeMs }, now);
      await this.sessions.add(manager, session);
      const { refreshToken } = await this.issuer.newRefreshToken(manager, session);
      const actor = { type: 'user', id: userId, email: account.email, sessionId: session.id } as const;
      await recordAct(
        manager,
        { ...origin, actor, organizationId },
        {
          action: 'auth.login',
          resource: { type: 'user', id: userId, name: account.email },
          details: { userId, sessionId: session.id },
        },
      );
      return { session, refreshToken };
    });
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
