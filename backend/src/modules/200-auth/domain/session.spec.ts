import { describe, expect, it } from 'vitest';
import { Session } from './session.js';

const DAY_MS = 86_400_000;
const lives = { lifeMs: 7 * DAY_MS, rememberedLifeMs: 30 * DAY_MS, maxAgeMs: 90 * DAY_MS };
const start = new Date('2026-01-01T00:00:00Z');
const afterDays = (days: number) => new Date(start.getTime() + days * DAY_MS);

function session(isRemembered = false): Session {
  const where = { ipAddress: '192.0.2.7', userAgent: 'x'.repeat(600), knownDeviceId: null };
  return Session.start({ userId: 'u', organizationId: 'o', isRemembered, ...where }, lives, start);
}

describe('Session', () => {
  it('lives 7 days between two uses, or 30 when it is to be remembered', () => {
    expect(session().expiresAt).toEqual(afterDays(7));
    expect(session(true).expiresAt).toEqual(afterDays(30));
    const used = session(true);
    used.prolong(lives, afterDays(10));
    expect([used.expiresAt, used.lastUsedAt]).toEqual([afterDays(40), afterDays(10)]);
  });

  it('ends at its greatest age, however often it is used', () => {
    const old = session();
    for (let day = 5; day < 90; day += 5) old.prolong(lives, afterDays(day));
    expect(old.expiresAt).toEqual(afterDays(90));
    expect(old.isAlive(afterDays(90))).toBe(false);
    expect(() => old.prolong(lives, afterDays(90))).toThrow('has ended');
  });

  it('ends once, for the first reason', () => {
    const ended = session();
    expect([ended.end('logout', afterDays(1)), ended.end('revoked', afterDays(2))]).toEqual([true, false]);
    expect([ended.endReason, ended.isAlive(afterDays(1))]).toEqual(['logout', false]);
  });

  it('keeps as much of a user agent as has a place', () => {
    expect(session().userAgent).toHaveLength(512);
  });
});
