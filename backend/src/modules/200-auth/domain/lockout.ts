export const MAX_FAILURES = 5;
const LOCK_MS = 15 * 60_000;

/** How an account stands with its sign-in failures. */
export interface LoginAttempts {
  readonly failures: number;
  readonly lockedUntil: Date | null;
}

export function isLocked({ lockedUntil }: LoginAttempts, now: Date): boolean {
  return lockedUntil !== null && lockedUntil > now;
}

/** Five failures in a row lock for fifteen minutes; attempts during the lock neither count nor prolong it. */
export function afterFailure(attempts: LoginAttempts, now: Date): LoginAttempts {
  if (isLocked(attempts, now)) return attempts;
  const failures = attempts.lockedUntil === null ? attempts.failures + 1 : 1;
  return { failures, lockedUntil: failures >= MAX_FAILURES ? new Date(now.getTime() + LOCK_MS) : null };
}
