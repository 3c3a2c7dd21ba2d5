import { describe, expect, it } from 'vitest';
import { afterFailure, isLocked, type LoginAttempts } from './lockout.js';

const MINUTE_MS = 60_000;
const start = new Date('2026-01-01T00:00:00Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * MINUTE_MS);
const fresh: LoginAttempts = { failures: 0, lockedUntil: null };

function failTimes(times: number): LoginAttempts {
  let attempts = fresh;
  for (let i = 0; i < times; i += 1) attempts = afterFailure(attempts, start);
  return attempts;
}

describe('lockout', () => {
  it('locks on the fifth failure, not before', () => {
    expect(isLocked(failTimes(4), start)).toBe(false);
    expect(failTimes(5)).toEqual({ failures: 5, lockedUntil: later(15) });
  });

  it('is not prolonged by attempts during the lock', () => {
    const locked = failTimes(5);
    expect(afterFailure(locked, later(14))).toBe(locked);
  });

  it('ends after fifteen minutes, and counts from one again', () => {
    const locked = failTimes(5);
    expect(isLocked(locked, later(15))).toBe(false);
    expect(afterFailure(locked, later(15))).toEqual({ failures: 1, lockedUntil: null });
  });
});
