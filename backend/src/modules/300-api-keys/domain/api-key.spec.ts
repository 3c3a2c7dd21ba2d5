import { ConflictError, PermissionDeniedError, ValidationError } from '../../../shared/platform/index.js';
import type { ApiKeyStatus } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiKey, type ApiKeyDraft } from './api-key.js';
import { successorName } from './key-name.js';

const DAY_MS = 86_400_000;
const now = new Date('2026-01-01T00:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS);
const credential = { keyId: 'tfk-1', secretHash: 'hash', keyHint: 'abcd' };
const draft: ApiKeyDraft = {
  name: 'shop',
  description: '',
  permissions: ['traces:write', 'logs:write', 'logs:write'],
  organizationId: 'o',
  workspaceId: 'w',
  tenantId: 't',
  rateLimit: null,
  createdBy: 'u',
  grantable: new Set(['traces:write', 'logs:write']),
};

describe('ApiKey', () => {
  it('is active for a year unless told otherwise, with its permissions once each', () => {
    const key = ApiKey.create(draft, credential, now);
    expect(key).toMatchObject({ status: 'active', scopeType: 'tenant', isSystem: false, expiresAt: inDays(365) });
    expect(key.permissions).toEqual(['logs:write', 'traces:write']);
    expect(key.scope).toEqual({ type: 'tenant', tenantId: 't' });
    expect(ApiKey.create({ ...draft, tenantId: null }, credential, now).scope).toEqual({
      type: 'workspace',
      workspaceId: 'w',
    });
  });

  it('takes no permission that its creator lacks, and none that no key may hold', () => {
    const grantable = new Set(['logs:write']);
    expect(() => ApiKey.create({ ...draft, grantable }, credential, now)).toThrow(PermissionDeniedError);
    const users = { ...draft, permissions: ['users:read'], grantable: new Set(['users:read']) };
    expect(() => ApiKey.create(users, credential, now)).toThrow(ValidationError);
    expect(() => ApiKey.create({ ...draft, permissions: [] }, credential, now)).toThrow(ValidationError);
  });

  it.each([
    [0, false],
    [1 / DAY_MS, true],
    [730, true],
    [730 + 1 / DAY_MS, false],
  ])('may expire in %d days: %s', (days, lawful) => {
    const create = () => ApiKey.create({ ...draft, expiresAt: inDays(days) }, credential, now);
    if (lawful) expect(create().expiresAt).toEqual(inDays(days));
    else expect(create).toThrow(ValidationError);
  });

  it('is usable until the moment it expires', () => {
    const key = ApiKey.create({ ...draft, expiresAt: inDays(2) }, credential, now);
    expect(key.usableAt(new Date(inDays(2).getTime() - 1))).toBe(true);
    expect(key.usableAt(inDays(2))).toBe(false);
    expect(key.statusAt(inDays(2))).toBe('expired');
  });

  it('hands on its scope, permissions, limit and expiry to its successor, and works on until the grace period ends', () => {
    const old = ApiKey.create({ ...draft, rateLimit: 60 }, credential, now);
    const next = old.rotate(rotation(30), now);
    const { permissions, scope, expiresAt, rateLimit } = old;
    expect(next).toMatchObject({ permissions, scope, expiresAt, rateLimit, status: 'active', name: 'shop (Rotated)' });
    expect(next.keyId).toBe('tfk-2');
    expect(next.id).not.toBe(old.id);
    const graceEndsAt = new Date(now.getTime() + 30 * 60_000);
    expect(old).toMatchObject({ status: 'rotated', gracePeriodExpiresAt: graceEndsAt });
    expect(old.usableAt(new Date(graceEndsAt.getTime() - 1))).toBe(true);
    expect(old.usableAt(graceEndsAt)).toBe(false);
    expect(old.statusAt(graceEndsAt)).toBe('expired');
  });

  it('is of no use from the moment of a rotation without grace, and never works beyond its own expiry', () => {
    const cut = ApiKey.create(draft, credential, now);
    cut.rotate(rotation(0), now);
    expect(cut.usableAt(now)).toBe(false);
    const short = ApiKey.create({ ...draft, expiresAt: inDays(1) }, credential, now);
    short.rotate(rotation(3 * 1440), now);
    expect(short.gracePeriodExpiresAt).toEqual(inDays(1));
  });

  it('takes its permissions along only to those who hold them all', () => {
    const key = ApiKey.create(draft, credential, now);
    const grantable = new Set(['logs:write']);
    expect(() => key.rotate({ ...rotation(30), grantable }, now)).toThrow(PermissionDeniedError);
    expect(() => key.change({ permissions: ['logs:write'] }, grantable, now)).not.toThrow();
    expect(() => key.change({ permissions: ['logs:write', 'traces:write'] }, grantable, now)).toThrow(
      PermissionDeniedError,
    );
  });

  it('keeps what its changer lacks, but gets no more time for it', () => {
    const key = ApiKey.create({ ...draft, expiresAt: inDays(10) }, credential, now);
    const nothing = new Set<string>();
    key.change({ name: 'till', expiresAt: inDays(5) }, nothing, now);
    expect(key).toMatchObject({ name: 'till', expiresAt: inDays(5), permissions: ['logs:write', 'traces:write'] });
    expect(() => key.change({ expiresAt: inDays(6) }, nothing, now)).toThrow(PermissionDeniedError);
    expect(() => key.change({ expiresAt: now }, draft.grantable, now)).toThrow(ValidationError);
    expect(() => key.change({ permissions: ['users:read'] }, new Set(['users:read']), now)).toThrow(ValidationError);
  });

  it('of the server is nobody’s to change or end', () => {
    const key = ApiKey.create({ ...draft, isSystem: true }, credential, now);
    for (const act of Object.values(acts)) expect(() => act(key, now)).toThrow(ValidationError);
    expect(key.status).toBe('active');
  });

  it('is revoked once and for good', () => {
    const key = ApiKey.create(draft, credential, now);
    key.revoke('admin', 'leaked', inDays(1));
    expect(key).toMatchObject({ status: 'revoked', revokedAt: inDays(1), revokedBy: 'admin', revokedReason: 'leaked' });
    expect(key.usableAt(inDays(1))).toBe(false);
    expect(() => key.revoke('admin', 'again', inDays(2))).toThrow(ConflictError);
  });
});

const rotation = (graceMinutes: number) => ({
  credential: { ...credential, keyId: 'tfk-2' },
  name: 'shop (Rotated)',
  graceMs: graceMinutes * 60_000,
  by: 'u',
  grantable: draft.grantable,
});

/** All that anybody can do to a key. */
const acts: Record<string, (key: ApiKey, at: Date) => void> = {
  suspend: (key, at) => key.suspend(at),
  reactivate: (key, at) => key.reactivate(at),
  rotate: (key, at) => void key.rotate(rotation(30), at),
  rotateAtOnce: (key, at) => void key.rotate(rotation(0), at),
  rename: (key, at) => key.change({ name: 'till' }, draft.grantable, at),
  prolong: (key, at) => key.change({ expiresAt: new Date(at.getTime() + 700 * DAY_MS) }, draft.grantable, at),
  shorten: (key, at) => key.change({ expiresAt: new Date(at.getTime() + 1) }, draft.grantable, at),
  revoke: (key, at) => key.revoke('admin', 'over', at),
};

describe('the life of a key, whatever is done to it and when', () => {
  const step = fc.record({
    act: fc.constantFrom(...Object.keys(acts)),
    afterMs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 2 * 3_600_000 }),
      fc.integer({ max: 400 * DAY_MS, min: 0 }),
    ),
  });
  const life = fc.array(step, { maxLength: 30 });

  interface Done {
    readonly act: string;
    readonly refused: boolean;
    /** The key as it was. */
    readonly before: string;
  }

  function live(steps: readonly { act: string; afterMs: number }[], look: (key: ApiKey, at: Date, done: Done) => void) {
    const key = ApiKey.create(draft, credential, now);
    let at = now;
    for (const { act, afterMs } of steps) {
      at = new Date(at.getTime() + afterMs);
      const before = JSON.stringify(key);
      let refused = false;
      try {
        acts[act]!(key, at);
      } catch (error) {
        if (!(error instanceof ConflictError || error instanceof ValidationError)) throw error;
        refused = true;
      }
      look(key, at, { act, refused, before });
    }
  }

  it('never leads from revoked or expired back to usable', () => {
    fc.assert(
      fc.property(life, (steps) => {
        let over: ApiKeyStatus | undefined;
        live(steps, (key, at) => {
          const status = key.statusAt(at);
          if (over === 'revoked') expect(status).toBe('revoked');
          if (over !== undefined) expect(key.usableAt(at)).toBe(false);
          if (status === 'revoked' || status === 'expired') over = status;
        });
      }),
    );
  });

  it('lets in a key only while it is active, or rotated and within its grace, and before its expiry', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (key, at) => {
          const { status, expiresAt, gracePeriodExpiresAt } = key;
          const inTime = expiresAt !== null && expiresAt > at;
          const inGrace = gracePeriodExpiresAt !== null && gracePeriodExpiresAt > at;
          expect(key.usableAt(at)).toBe(inTime && (status === 'active' || (status === 'rotated' && inGrace)));
        });
      }),
    );
  });

  it('makes one successor at most, and changes nothing when it refuses', () => {
    fc.assert(
      fc.property(life, (steps) => {
        let successors = 0;
        live(steps, (key, _, { act, refused, before }) => {
          if (refused) expect(JSON.stringify(key)).toBe(before);
          else if (act.startsWith('rotate')) successors += 1;
          expect(successors).toBeLessThanOrEqual(1);
        });
      }),
    );
  });
});

describe('successorName', () => {
  it.each([
    ['shop', [], 'shop (Rotated)'],
    ['shop (Rotated)', [], 'shop (Rotated 2)'],
    ['shop (rotated 9)', [], 'shop (Rotated 10)'],
    ['shop', ['shop (rotated)', 'shop (rotated 2)'], 'shop (Rotated 3)'],
    ['x'.repeat(255), [], `${'x'.repeat(245)} (Rotated)`],
  ])('of %s while %j are taken', (name, taken, expected) => {
    expect(successorName(name, (candidate) => taken.includes(candidate as never))).toBe(expected);
  });
});
