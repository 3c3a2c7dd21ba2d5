import { describe, expect, it } from 'vitest';
import { API_KEY_PERMISSIONS, PERMISSIONS, ROLE_PERMISSIONS, SYSTEM_ROLES } from './permissions.js';

const { super_administrator, administrator, developer, viewer, demo } = ROLE_PERMISSIONS;

describe('the permission tiers', () => {
  it('name each permission once, as resource:action', () => {
    expect(new Set(PERMISSIONS).size).toBe(PERMISSIONS.length);
    for (const permission of PERMISSIONS) expect(permission).toMatch(/^[a-z-]+:[a-z-]+$/);
  });

  it('contain one another from the strongest to the weakest', () => {
    const tiers = SYSTEM_ROLES.map((role) => new Set<string>(ROLE_PERMISSIONS[role]));
    for (const [i, weaker] of tiers.slice(1).entries())
      expect(weaker.isSubsetOf(tiers[i]!), SYSTEM_ROLES[i + 1]).toBe(true);
    expect(super_administrator).toEqual(PERMISSIONS);
  });

  it('let nobody but the platform’s administrators touch the platform', () => {
    for (const permission of ['platform:manage', 'organizations:create', 'regions:delete'] as const) {
      expect(administrator).not.toContain(permission);
    }
  });

  it('let Developer never delete, Viewer and Demo only read', () => {
    expect(developer.filter((permission) => permission.endsWith(':delete'))).toEqual([]);
    for (const tier of [viewer, demo]) expect(tier.every((permission) => permission.endsWith(':read'))).toBe(true);
    expect(demo).not.toContain('api-keys:read');
    expect(viewer).not.toContain('audit-logs:read');
  });

  it('let an administrator and a developer give keys what ingest needs', () => {
    for (const permission of API_KEY_PERMISSIONS) {
      expect(administrator).toContain(permission);
      expect(developer).toContain(permission);
    }
  });
});
