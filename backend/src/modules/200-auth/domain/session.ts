import { newId, UnauthenticatedError } from '../../../shared/platform/index.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type SessionEnd = 'logout' | 'token_reuse' | 'revoked' | 'password_changed' | 'user_disabled';

export interface SessionStart {
  readonly userId: string;
  readonly organizationId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly lifeMs: number;
}

/** One login of one user. It lives as long as it is refreshed, and ends once. */
export class Session {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: SessionEnd | null;

  private constructor(start: SessionStart, now: Date) {
    this.id = newId(now.getTime());
    this.userId = start.userId;
    this.organizationId = start.organizationId;
    this.ipAddress = start.ipAddress;
    this.userAgent = start.userAgent.slice(0, 512);
    this.createdAt = now;
    this.lastUsedAt = now;
    this.expiresAt = new Date(now.getTime() + start.lifeMs);
    this.endedAt = null;
    this.endReason = null;
  }

  static start(start: SessionStart, now: Date): Session {
    return new Session(start, now);
  }

  isAlive(now: Date): boolean {
    return this.endedAt === null && this.expiresAt > now;
  }

  /**
   * A refresh: the session lives for another `lifeMs`.
   *
   * @throws UnauthenticatedError when it has ended or expired
   */
  prolong(lifeMs: number, now: Date): void {
    if (!this.isAlive(now)) throw new UnauthenticatedError('The session has ended', 'REFRESH_TOKEN_INVALID');
    const self: Mutable<Session> = this;
    self.lastUsedAt = now;
    self.expiresAt = new Date(now.getTime() + lifeMs);
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
