import { newId, UnauthenticatedError } from '../../../shared/platform/index.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type SessionEnd = 'logout' | 'token_reuse' | 'revoked' | 'password_changed' | 'user_disabled';

export interface SessionStart {
  readonly userId: string;
  readonly organizationId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  /** Null: from nowhere that is known. */
  readonly knownDeviceId: string | null;
  /** The person asked to stay signed in. */
  readonly isRemembered: boolean;
}

/** How long sessions live. */
export interface SessionLives {
  /** Between two uses. */
  readonly lifeMs: number;
  /** The same, of remembered sessions. */
  readonly rememberedLifeMs: number;
  /** Altogether, however often it is used. */
  readonly maxAgeMs: number;
}

/** One login of one user. It lives as long as it is refreshed, but not for ever, and ends once. */
export class Session {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly knownDeviceId: string | null;
  readonly isRemembered: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: SessionEnd | null;

  private constructor(start: SessionStart, lives: SessionLives, now: Date) {
    this.id = newId(now.getTime());
    this.userId = start.userId;
    this.organizationId = start.organizationId;
    this.ipAddress = start.ipAddress;
    this.userAgent = start.userAgent.slice(0, 512);
    this.knownDeviceId = start.knownDeviceId;
    this.isRemembered = start.isRemembered;
    this.createdAt = now;
    this.lastUsedAt = now;
    this.expiresAt = new Date(now.getTime() + lifeOf(start, lives));
    this.endedAt = null;
    this.endReason = null;
  }

  static start(start: SessionStart, lives: SessionLives, now: Date): Session {
    return new Session(start, lives, now);
  }

  isAlive(now: Date): boolean {
    return this.endedAt === null && this.expiresAt > now;
  }

  /**
   * A refresh: the session lives for another while, until it is too old.
   *
   * @throws UnauthenticatedError when it has ended or expired
   */
  prolong(lives: SessionLives, now: Date): void {
    if (!this.isAlive(now)) throw new UnauthenticatedError('The session has ended', 'REFRESH_TOKEN_INVALID');
    const self: Mutable<Session> = this;
    self.lastUsedAt = now;
    self.expiresAt = new Date(Math.min(now.getTime() + lifeOf(this, lives), this.createdAt.getTime() + lives.maxAgeMs));
  }

  /** False when it had ended before: the first reason stands. */
  end(reason: SessionEnd, now: Date): boolean {
    if (this.endedAt !== null) return false;
    const self: Mutable<Session> = this;
    self.endedAt = now;
    self.endReason = reason;
    return true;
  }
}

function lifeOf({ isRemembered }: Pick<SessionStart, 'isRemembered'>, lives: SessionLives): number {
  return Math.min(isRemembered ? lives.rememberedLifeMs : lives.lifeMs, lives.maxAgeMs);
}
