import { ROLE_PERMISSIONS } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { Access, type AssignmentScope, type Place } from './access.js';

const NOW = 1_000;
const home: Place = { organizationId: 'o1', workspaceId: 'w1', tenantId: 't1', reserved: false };
const sibling: Place = { ...home, tenantId: 't2' };
const otherWorkspace: Place = { ...home, workspaceId: 'w2', tenantId: 't3' };
const foreign: Place = { organizationId: 'o2', workspaceId: 'w9', tenantId: 't9', reserved: false };

function developerAt(scope: AssignmentScope, expiresAt: number | null = null): Access {
  return new Access([{ role: 'developer', level: 3, scope, permissions: ROLE_PERMISSIONS.developer, expiresAt }]);
}

describe('Access', () => {
  it.each([
    ['tenant', { type: 'tenant', id: 't1' }, [true, false, false, false]],
    ['workspace', { type: 'workspace', id: 'w1' }, [true, true, false, false]],
    ['organization', { type: 'organization', id: 'o1' }, [true, true, true, false]],
    ['platform', { type: 'platform' }, [true, true, true, true]],
  ] as const)('reaches exactly the places under a %s assignment', (_, scope, expected) => {
    const access = developerAt(scope);
    expect([home, sibling, otherWorkspace, foreign].map((place) => access.mayEnter(place, NOW))).toEqual(expected);
  });

  it('grants nothing where no role reaches', () => {
    const access = developerAt({ type: 'tenant', id: 't1' });
    expect(access.permissionsAt(home, NOW).has('metrics:write')).toBe(true);
    expect(access.permissionsAt(sibling, NOW).size).toBe(0);
    expect(access.rolesAt(sibling, NOW)).toEqual([]);
  });

  it('grants nothing after the assignment expired', () => {
    const access = developerAt({ type: 'platform' }, NOW);
    expect(access.mayEnter(home, NOW - 1)).toBe(true);
    expect(access.mayEnter(home, NOW)).toBe(false);
  });

  it('opens the reserved workspace to platform-wide roles only', () => {
    const reserved = { ...home, reserved: true };
    expect(developerAt({ type: 'organization', id: 'o1' }).mayEnter(reserved, NOW)).toBe(false);
    expect(developerAt({ type: 'platform' }).mayEnter(reserved, NOW)).toBe(true);
  });

  it('unites roles, and leaves tenant roles out of what is held in a whole workspace', () => {
    const access = new Access([
      {
        role: 'viewer',
        level: 4,
        scope: { type: 'workspace', id: 'w1' },
        permissions: ['metrics:read'],
        expiresAt: null,
      },
      {
        role: 'developer',
        level: 3,
        scope: { type: 'tenant', id: 't1' },
        permissions: ['metrics:write'],
        expiresAt: null,
      },
    ]);
    expect([...access.permissionsAt(home, NOW)].sort()).toEqual(['metrics:read', 'metrics:write']);
    expect([...access.permissionsInWorkspace(home, NOW)]).toEqual(['metrics:read']);
    expect(access.rolesAt(home, NOW)).toEqual(['viewer', 'developer']);
  });

  it('counts a permission only where it is held wide enough to mean something', () => {
    const at = (scope: AssignmentScope) =>
      new Access([
        { role: 'administrator', level: 2, scope, permissions: ROLE_PERMISSIONS.administrator, expiresAt: null },
      ]);
    const held = (scope: AssignmentScope) => {
      const permissions = at(scope).permissionsAt(home, NOW);
      return ['logs:delete', 'tenants:update', 'users:update'].filter((permission) => permissions.has(permission));
    };
    expect(held({ type: 'tenant', id: 't1' })).toEqual(['logs:delete']);
    expect(held({ type: 'workspace', id: 'w1' })).toEqual(['logs:delete', 'tenants:update']);
    expect(held({ type: 'organization', id: 'o1' })).toEqual(['logs:delete', 'tenants:update', 'users:update']);
    expect(at({ type: 'organization', id: 'o1' }).isPlatformWide(NOW)).toBe(false);
    expect(at({ type: 'platform' }).isPlatformWide(NOW)).toBe(true);
  });
});
