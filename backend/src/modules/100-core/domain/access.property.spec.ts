import { levelOf, PERMISSIONS, SCOPE_TYPES } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Access, type Area, type Assignment, type Grant, type Place, PLATFORM, scopeOf } from './access.js';

/** Two organizations of two workspaces of two tenants; the last workspace of each is the platform's own. */
const PLACES: readonly Place[] = ['o1', 'o2'].flatMap((organizationId) =>
  [1, 2].flatMap((w) =>
    [1, 2].map((t) => ({
      organizationId,
      workspaceId: `${organizationId}w${w}`,
      tenantId: `${organizationId}w${w}t${t}`,
      reserved: w === 2,
    })),
  ),
);
const AREAS: readonly Area[] = [
  PLATFORM,
  ...PLACES.flatMap((place) => [
    { ...place, workspaceId: null, tenantId: null, reserved: false },
    { ...place, tenantId: null },
    place,
  ]),
];
const NAMES = ['logs:read', 'logs:delete', 'tenants:update', 'users:read', 'platform:read'] as const;
const NOW = 1_000;

const area = fc.constantFrom(...AREAS);
const expiresAt = fc.constantFrom(null, 0, NOW, NOW + 1, 5_000);
const assignment: fc.Arbitrary<Assignment> = fc.record({
  role: fc.constantFrom('a', 'b', 'c'),
  level: fc.integer({ min: 1, max: 5 }),
  scope: area.map(scopeOf),
  permissions: fc.uniqueArray(fc.constantFrom(...NAMES)),
  expiresAt,
});
const grant: fc.Arbitrary<Grant> = fc.record({
  permission: fc.constantFrom(...NAMES),
  effect: fc.constantFrom('allow', 'deny'),
  area,
  expiresAt,
});
const held = fc.tuple(fc.array(assignment, { maxLength: 5 }), fc.array(grant, { maxLength: 5 }));

/** The decision of ADR 0014 word by word, one place and one permission at a time. */
function mayAt([roles, grants]: [Assignment[], Grant[]], place: Place, permission: string, now: number): boolean {
  const current = (end: number | null) => end === null || end > now;
  const contains = (scope: Area) =>
    [scope.organizationId, scope.workspaceId, scope.tenantId].every(
      (id) => id === null || [place.organizationId, place.workspaceId, place.tenantId].includes(id),
    );
  const gives = (scope: { type: (typeof SCOPE_TYPES)[number]; id?: string }) => {
    if (SCOPE_TYPES.indexOf(scope.type) < SCOPE_TYPES.indexOf(levelOf(permission))) return false;
    if (scope.type === 'platform') return true;
    return !place.reserved && [place.organizationId, place.workspaceId, place.tenantId].includes(scope.id ?? '');
  };
  const byRole = roles.some((r) => current(r.expiresAt) && r.permissions.includes(permission) && gives(r.scope));
  const byGrant = grants.some(
    (g) => g.effect === 'allow' && g.permission === permission && current(g.expiresAt) && gives(scopeOf(g.area)),
  );
  const denied = grants.some(
    (g) => g.effect === 'deny' && g.permission === permission && current(g.expiresAt) && contains(g.area),
  );
  return (byRole || byGrant) && !denied;
}

describe('Access against a naive model', () => {
  it('knows the permissions of the model', () => {
    expect(NAMES.every((name) => (PERMISSIONS as readonly string[]).includes(name))).toBe(true);
    expect(new Set(NAMES.map(levelOf))).toEqual(new Set(SCOPE_TYPES));
  });

  it('permits at each place exactly what the model permits, also when asked again later', () => {
    fc.assert(
      fc.property(held, fc.constantFrom(NOW, NOW + 1, 9_000), (holdings, later) => {
        const access = new Access(...holdings);
        for (const now of [NOW, NOW, later, NOW]) {
          for (const place of PLACES) {
            const expected = NAMES.filter((name) => mayAt(holdings, place, name, now));
            expect([...access.permissionsAt(place, now)].sort()).toEqual([...expected].sort());
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('holds throughout an area only what it permits at every place in it', () => {
    fc.assert(
      fc.property(held, area, (holdings, wanted) => {
        const throughout = new Access(...holdings).permissionsThroughout(wanted, NOW);
        const inside = PLACES.filter((place) =>
          (['organizationId', 'workspaceId', 'tenantId'] as const).every(
            (level) => wanted[level] === null || wanted[level] === place[level],
          ),
        ).filter((place) => wanted.workspaceId !== null || wanted.organizationId === null || !place.reserved);
        for (const permission of throughout) {
          for (const place of inside) expect(mayAt(holdings, place, permission, NOW)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gains nothing by a denial, and loses nothing by a role', () => {
    fc.assert(
      fc.property(held, grant, assignment, (holdings, more, role) => {
        const [roles, grants] = holdings;
        const before = new Access(roles, grants);
        const denied = new Access(roles, [...grants, { ...more, effect: 'deny' }]);
        const promoted = new Access([...roles, role], grants);
        for (const place of PLACES) {
          const had = before.permissionsAt(place, NOW);
          for (const permission of denied.permissionsAt(place, NOW)) expect(had.has(permission)).toBe(true);
          for (const permission of had) expect(promoted.permissionsAt(place, NOW).has(permission)).toBe(true);
        }
      }),
    );
  });

  it('enters a tenant only by a role or a grant that reaches it', () => {
    fc.assert(
      fc.property(held, (holdings) => {
        const access = new Access(...holdings);
        for (const place of PLACES) {
          if (access.permissionsAt(place, NOW).size > 0) expect(access.mayEnter(place, NOW)).toBe(true);
          if (!access.mayEnter(place, NOW)) expect(access.rolesAt(place, NOW)).toEqual([]);
        }
      }),
    );
  });
});
