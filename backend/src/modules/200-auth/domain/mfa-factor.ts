import { DomainError, ValidationError } from '../../../shared/platform/index.js';
import { afterFailure, isLocked, MAX_FAILURES } from './lockout.js';

const PENDING_MS = 10 * 60_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is stored of somebody's authenticator app; the secret itself stays sealed. */
export interface MfaFactorState {
  readonly userId: string;
  readonly organizationId: string;
  readonly enabledAt: Date | null;
  readonly pendingUntil: Date | null;
  readonly lastUsedStep: number;
  readonly failures: number;
  readonly lockedUntil: Date | null;
}

/**
 * The second factor of one user: enrolled, then confirmed with a code, then asked for at every login. Every code counts
 * once, and five wrong ones lock it for a quarter of an hour.
 */
export class MfaFactor implements MfaFactorState {
  readonly userId: string;
  readonly organizationId: string;
  readonly enabledAt: Date | null;
  readonly pendingUntil: Date | null;
  readonly lastUsedStep: number;
  readonly failures: number;
  readonly lockedUntil: Date | null;

  private constructor(state: MfaFactorState) {
    this.userId = state.userId;
    this.organizationId = state.organizationId;
    this.enabledAt = state.enabledAt;
    this.pendingUntil = state.pendingUntil;
    this.lastUsedStep = state.lastUsedStep;
    this.failures = state.failures;
    this.lockedUntil = state.lockedUntil;
  }

  static enrol(userId: string, organizationId: string, now: Date): MfaFactor {
    const pendingUntil = new Date(now.getTime() + PENDING_MS);
    const fresh = { enabledAt: null, pendingUntil, lastUsedStep: 0, failures: 0, lockedUntil: null };
    return new MfaFactor({ userId, organizationId, ...fresh });
  }

  static restore(state: MfaFactorState): MfaFactor {
    return new MfaFactor(state);
  }

  get isEnabled(): boolean {
    return this.enabledAt !== null;
  }

  isLocked(now: Date): boolean {
    return isLocked(this, now);
  }

  /** Wrong codes that it still takes. */
  attemptsLeft(now: Date): number {
    if (this.isLocked(now)) return 0;
    return this.lockedUntil === null ? MAX_FAILURES - this.failures : MAX_FAILURES;
  }

  /** @throws DomainError AUTH_MFA_LOCKED, with the seconds until it opens */
  assertNotLocked(now: Date): void {
    if (this.lockedUntil === null || !this.isLocked(now)) return;
    const seconds = Math.ceil((this.lockedUntil.getTime() - now.getTime()) / 1000);
    throw new DomainError('AUTH_MFA_LOCKED', 'Too many wrong codes; try again later', [], seconds);
  }

  /** @throws ValidationError when it is on already, or nothing waits to be confirmed any more */
  assertMayEnable(now: Date): void {
    if (this.isEnabled) throw alreadyEnabled();
    if (this.pendingUntil === null || this.pendingUntil <= now) throw noEnrolment();
  }

  /**
   * The first right code turns it on.
   *
   * @throws ValidationError as {@link assertMayEnable}
   */
  enable(now: Date): void {
    this.assertMayEnable(now);
    const self: Mutable<MfaFactor> = this;
    self.enabledAt = now;
    self.pendingUntil = null;
  }

  /**
   * Takes the code of a step, once.
   *
   * @returns false when a code of this step, or of a later one, was used before
   */
  use(step: number): boolean {
    if (step <= this.lastUsedStep) return false;
    const self: Mutable<MfaFactor> = this;
    self.lastUsedStep = step;
    return true;
  }

  /** Somebody proved themselves. */
  forgetFailures(): void {
    const self: Mutable<MfaFactor> = this;
    self.failures = 0;
    self.lockedUntil = null;
  }

  /** @returns whether this failure locks it */
  fail(now: Date): boolean {
    const after = afterFailure(this, now);
    const self: Mutable<MfaFactor> = this;
    self.failures = after.failures;
    self.lockedUntil = after.lockedUntil;
    return this.isLocked(now);
  }
}

export function alreadyEnabled(): ValidationError {
  return new ValidationError([], 'A second factor is on already; turn it off to enrol another');
}

export function noEnrolment(): ValidationError {
  return new ValidationError([], 'No enrolment waits to be confirmed; begin anew, and confirm it within ten minutes');
}

export function noFactor(): ValidationError {
  return new ValidationError([], 'No second factor is on');
}
