import type { EntityManager } from 'typeorm';
import type { Session } from '../domain/session.js';

/** A refresh token that was presented, and the session whose family it belongs to; both locked. */
export interface PresentedToken {
  readonly tokenId: string;
  readonly session: Session;
  readonly expiresAt: Date;
  readonly rotated: boolean;
  /** Rotated only after this request had begun: two clients raced with a token that was good. */
  readonly lostRace: boolean;
  readonly userIsActive: boolean;
}

/** What each request asks of its session. */
export interface LiveSession {
  readonly userId: string;
  readonly email: string;
}

export abstract class Sessions {
  abstract add(manager: EntityManager, session: Session): Promise<void>;
  abstract save(manager: EntityManager, session: Session): Promise<void>;
  /** Locked until the transaction ends. */
  abstract forUpdate(manager: EntityManager, sessionId: string): Promise<Session | null>;
  abstract addToken(manager: EntityManager, session: Session, tokenHash: Buffer): Promise<string>;
  abstract presentToken(manager: EntityManager, tokenHash: Buffer): Promise<PresentedToken | null>;
  /** The old token is used up; `replacedBy` is the family's usable one now. */
  abstract rotate(manager: EntityManager, tokenId: string, replacedBy: string): Promise<void>;
  /** Null when it has ended or expired, or its user is deactivated or deleted. */
  abstract live(sessionId: string): Promise<LiveSession | null>;
}
