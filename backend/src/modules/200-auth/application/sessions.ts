import type { EntityManager } from 'typeorm';
import type { Session, SessionEnd } from '../domain/session.js';

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
  /** Nothing but choosing a new password is open to it. */
  readonly mustChangePassword: boolean;
  readonly hasSecondFactor: boolean;
  /** When its owner signed in. */
  readonly startedAt: Date;
}

/** Which of a user's living sessions. */
export interface SessionChoice {
  readonly userId: string;
  /** This one alone. */
  readonly only?: string;
  /** All but this one. */
  readonly except?: string;
  readonly knownDeviceId?: string;
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
  /** Ends them, and tells the other nodes; answers their ids. The transaction must be in, or open beyond itself, the scope of authentication. */
  abstract endAll(manager: EntityManager, choice: SessionChoice, reason: SessionEnd, now: Date): Promise<string[]>;
  /** Null when it has ended or expired, or its user, or anything of their home place, is deactivated or deleted. */
  abstract live(sessionId: string): Promise<LiveSession | null>;
}
