import { describe, expect, it } from 'vitest';
import { MfaFactor } from './mfa-factor.js';

const MINUTE_MS = 60_000;
const start = new Date('2026-01-01T00:00:00Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * MINUTE_MS);
const enrolled = () => MfaFactor.enrol('u', 'o', start);

describe('MfaFactor', () => {
  it('is off until it is confirmed, within ten minutes, once', () => {
    const factor = enrolled();
    expect(factor.isEnabled).toBe(false);
    factor.enable(later(9));
    expect(factor).toMatchObject({ isEnabled: true, enabledAt: later(9), pendingUntil: null });
    expect(() => factor.enable(later(9))).toThrow('on already');
    expect(() => enrolled().enable(later(10))).toThrow('No enrolment waits');
  });

  it('takes no step twice, and none before one it took', () => {
    const factor = enrolled();
    expect([100, 100, 99, 101].map((step) => factor.use(step))).toEqual([true, false, false, true]);
  });

  it('locks at the fifth wrong code for fifteen minutes', () => {
    const factor = enrolled();
    expect(Array.from({ length: 5 }, () => factor.fail(start))).toEqual([false, false, false, false, true]);
    expect(factor.attemptsLeft(start)).toBe(0);
    expect(() => factor.assertNotLocked(later(14))).toThrow('Too many wrong codes');
    expect(() => factor.assertNotLocked(later(15))).not.toThrow();
    expect(factor.attemptsLeft(later(15))).toBe(5);
  });

  it('forgets wrong codes after a right one', () => {
    const factor = enrolled();
    for (let i = 0; i < 4; i += 1) factor.fail(start);
    expect(factor.attemptsLeft(start)).toBe(1);
    factor.forgetFailures();
    expect(factor.attemptsLeft(start)).toBe(5);
  });
});
