import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { UnauthenticatedError } from '../../../../shared/platform/index.js';
import { hashOfOpaqueToken } from '../../domain/opaque-token.js';
import type { Session } from '../../domain/session.js';
import { Accounts } from '../accounts.js';
import type { RequestOrigin } from '../request-origin.js';
import { tellSessionsEnded } from '../session-ended.js';
import { SessionEndings } from '../session-endings.js';
import { type PresentedToken, Sessions } from '../sessions.js';
import { TokenIssuer, type IssuedTokens } from '../token-issuer.js';

type Outcome =
  | { readonly session: Session; readonly refreshToken: string }
  | { readonly endedSessionId: string }
  | { readonly lostRace: true }
  | null;

/**
 * Exchanges a refresh token for the next one of its family. Of requests that race with one token exactly one wins; a
 * token that comes back after it was rotated was copied, and ends the whole family.
 */
@Injectable()
export class RefreshSession {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly endings: SessionEndings,
    private readonly issuer: TokenIssuer,
  ) {}

  /** @throws UnauthenticatedError REFRESH_TOKEN_INVALID; REFRESH_TOKEN_RACED: the winner's token is the one to use */
  async execute(origin: RequestOrigin, refreshToken: string | null): Promise<IssuedTokens> {
    const outcome = refreshToken === null ? null : await this.#exchange(origin, refreshToken);
    if (outcome && 'endedSessionId' in outcome) this.endings.forget([outcome.endedSessionId]);
    if (outcome && 'lostRace' in outcome) {
      throw new UnauthenticatedError('The refresh token was used at the same moment', 'REFRESH_TOKEN_RACED');
    }
    const account = outcome && 'session' in outcome ? await this.accounts.byId(outcome.session.userId) : null;
    if (!account || !outcome || !('session' in outcome)) {
      throw new UnauthenticatedError('The refresh token is not valid', 'REFRESH_TOKEN_INVALID');
    }
    return this.issuer.issue(account, outcome);
  }

  /** Decides and commits in one transaction: a refusal must not undo the end of a stolen family. */
  #exchange(origin: RequestOrigin, refreshToken: string): Promise<Outcome> {
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const now = new Date();
      const presented = await this.sessions.presentToken(manager, hashOfOpaqueToken(refreshToken));
      if (!presented) return null;
      if (presented.lostRace) return { lostRace: true };
      if (presented.rotated) return this.#endFamily(manager, origin, presented.session, now);
      if (!usable(presented, now)) return null;
      const { session, tokenId } = presented;
      session.prolong(this.issuer.lives, now);
      await this.sessions.save(manager, session);
      const next = await this.issuer.newRefreshToken(manager, session);
      await this.sessions.rotate(manager, tokenId, next.tokenId);
      return { session, refreshToken: next.refreshToken };
    });
  }

  async #endFamily(manager: EntityManager, origin: RequestOrigin, session: Session, now: Date): Promise<Outcome> {
    if (!session.end('token_reuse', now)) return null;
    await this.sessions.save(manager, session);
    await tellSessionsEnded(manager, session.organizationId, [session.id], 'token_reuse');
    await recordAct(manager, origin, {
      action: 'auth.token_reused',
      resource: { type: 'session', id: session.id },
      result: 'denied',
      organizationId: session.organizationId,
      details: { userId: session.userId, sessionId: session.id },
    });
    return { endedSessionId: session.id };
  }
}

function usable({ session, expiresAt, userIsActive }: PresentedToken, now: Date): boolean {
  return session.isAlive(now) && expiresAt > now && userIsActive;
}
