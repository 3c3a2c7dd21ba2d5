import { ConflictError, PermissionDeniedError, ValidationError } from '../../../shared/platform/index.js';
import { describe, expect, it } from 'vitest';
import { ApiKey, type ApiKeyDraft } from './api-key.js';

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

  it('is usable after its rotation until the grace period ends', () => {
    const rotated = ApiKey.restore({
      ...ApiKey.create(draft, credential, now),
      status: 'rotated',
      gracePeriodExpiresAt: inDays(1),
    });
    expect(rotated.usableAt(now)).toBe(true);
    expect(rotated.usableAt(inDays(1))).toBe(false);
  });

  it('is revoked once and for good', () => {
    const key = ApiKey.create(draft, credential, now);
    key.revoke('admin', 'leaked', inDays(1));
    expect(key).toMatchObject({ status: 'revoked', revokedAt: inDays(1), revokedBy: 'admin', revokedReason: 'leaked' });
    expect(key.usableAt(inDays(1))).toBe(false);
    expect(() => key.revoke('admin', 'again', inDays(2))).toThrow(ConflictError);
  });
});
