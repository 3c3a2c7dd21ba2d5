import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessDirectory } from '../../src/modules/100-core/index.js';
import { Database, systemScope } from '../../src/shared/platform/database/index.js';
import { newId, type RequestContext } from '../../src/shared/platform/index.js';
import { secondOrganization } from './people.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;
let foreign: Awaited<ReturnType<typeof secondOrganization>>;
let home: IdentityServer['seeded']['places']['default'];

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  foreign = await secondOrganization(server);
  home = server.seeded.places.default;
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

describe('row-level security', () => {
  it('hides groups, memberships, group roles and grants from another organization', async () => {
    const { groupId, organizationId, userId, roleId } = foreign;
    await server.sql(`INSERT INTO group_members (group_id, user_id, organization_id) VALUES ($1, $2, $3)`, [
      groupId,
      userId,
      organizationId,
    ]);
    await server.sql(
      `INSERT INTO group_role_assignments (group_role_assignment_id, group_id, role_id, organization_id, scope_type, scope_id)
       VALUES ($1, $2, $3, $4, 'organization', $4)`,
      [newId(), groupId, roleId, organizationId],
    );
    await server.sql(
      `INSERT INTO permission_grants (permission_grant_id, user_id, permission_id, organization_id, effect, scope_type, scope_id)
       SELECT $1, $2, permission_id, $3, 'allow', 'organization', $3 FROM permissions WHERE name = 'logs:read'`,
      [newId(), userId, organizationId],
    );
    const context = (place: { organizationId: string; workspaceId: string; tenantId: string }): RequestContext => ({
      requestId: 'r',
      actor: { type: 'system', id: newId() },
      roles: [],
      permissions: new Set(),
      isPlatformAdministrator: false,
      ip: '',
      userAgent: '',
      ...place,
    });
    const database = server.app.get(Database);
    const TABLES = ['groups', 'group_members', 'group_role_assignments', 'permission_grants'];
    for (const table of TABLES) {
      const count = (scope: Parameters<Database['transaction']>[0]) =>
        database.transaction(scope, async (manager) => {
          const sql = `SELECT count(*)::int AS n FROM ${table} WHERE organization_id = $1`;
          const [row] = await manager.query<{ n: number }[]>(sql, [organizationId]);
          return row!.n;
        });
      expect(await count(context(foreign)), table).toBe(1);
      expect(await count(context(home)), table).toBe(0);
      expect(await count(systemScope('authentication')), table).toBe(1);
      expect(await count(systemScope('api-keys')), table).toBe(0);
      const [, changed] = await database.transaction(context(home), (manager) =>
        manager.query<[unknown[], number]>(`DELETE FROM ${table} WHERE organization_id = $1`, [organizationId]),
      );
      expect(changed, table).toBe(0);
    }
    const planted = database.transaction(context(home), (manager) =>
      manager.query(`INSERT INTO groups (group_id, organization_id, name) VALUES ($1, $2, 'planted')`, [
        newId(),
        organizationId,
      ]),
    );
    await expect(planted).rejects.toThrow(/row-level security/);
    // Nor can a group of one organization have a member of another, even for the platform itself.
    const [userOfHome] = await server.sql<{ user_id: string }>(`SELECT user_id FROM users WHERE email LIKE 'admin.%'`);
    const mixed = server.sql(`INSERT INTO group_members (group_id, user_id, organization_id) VALUES ($1, $2, $3)`, [
      groupId,
      userOfHome!.user_id,
      organizationId,
    ]);
    await expect(mixed).rejects.toThrow(/foreign key/);
    expect(
      (await server.app.get(AccessDirectory).accessOf(userId)).rolesAt({ ...foreign, reserved: false }, Date.now()),
    ).toEqual(['enigma']);
  });
});
