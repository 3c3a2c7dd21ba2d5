import { describe, expect, it } from 'vitest';
import { API_KEY_PERMISSIONS, PERMISSIONS, ROLE_PERMISSIONS, SYSTEM_ROLES } from './permissions.js';

const { super_administrator, administrator, developer, viewer, demo } = ROLE_PERMISSIONS;

describe('the permission tiers', () => {
  it('name each permission once, as resource:action', () => {
    expect(new Set(PERMISSIONS).size).toBe(PERMISSIONS.length);
    for (const permission of PERMISSIONS) expect(permission).toMatch(/^[a-z-]+:[a-z-]+$/);
  });

  it('contain one another from the strongest to the weakest', () => {
    for (const [i, weaker] of SYSTEM_ROLES.slice(1).entries()) {
      const stronger = ROLE_PERMISSIONS[SYSTEM_ROLES[i]!];
      expect(
        ROLE_PERMISSIONS[weaker].filter((permission) => !stronger.includes(permission)),
        weaker,
      ).toEqual([]);
    }
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
