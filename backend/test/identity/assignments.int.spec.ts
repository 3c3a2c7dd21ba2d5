import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClusterEvents, PlatformEvent } from '../../src/shared/messaging/index.js';
import { newId } from '../../src/shared/platform/index.js';
import { people, secondOrganization, type People, type Person } from './people.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

const ADMIN = 'admin.telemetryflow';
const SUPER = 'super.administrator';
const HOUR_MS = 3_600_000;

let postgres: TestPostgres;
let server: IdentityServer;
let team: People;
let foreign: Awaited<ReturnType<typeof secondOrganization>>;
let user: Person;
let home: IdentityServer['seeded']['places']['default'];

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  team = people(server);
  foreign = await secondOrganization(server);
  home = server.seeded.places.default;
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});
beforeEach(async () => {
  user = await team.add();
});

const assign = async (role: string, changed: Record<string, unknown> = {}, who: Parameters<People['as']>[0] = ADMIN) =>
  team.as(who, 'POST', `/users/${user.id}/roles`, { roleId: await team.roleId(role), ...changed });
const grant = (body: Record<string, unknown>, who: Parameters<People['as']>[0] = ADMIN) =>
  team.as(who, 'POST', `/users/${user.id}/permissions`, body);
const mayDelete = async () => (await server.request('GET', '/probe/deletion', { headers: user.auth })).status;
const mayRead = async () => (await server.request('GET', '/probe/metrics', { headers: user.auth })).status;
const idOf = async (email: string) =>
  (await server.sql<{ user_id: string }>('SELECT user_id FROM users WHERE email = $1', [email]))[0]!.user_id;
async function makeRole(name: string, permissions: string[], level?: number) {
  const { body } = await team.as(ADMIN, 'POST', '/roles', { name, permissions, ...(level && { level }) });
  return body as { id: string; code: string };
}

describe('roles of a user', () => {
  it('B14: take effect with the next request, and end with it', async () => {
    expect(await mayDelete()).toBe(403);
    const assigned = await assign('administrator', { scope: { type: 'tenant', id: home.tenantId } });
    expect(assigned.status, JSON.stringify(assigned.body)).toBe(201);
    expect(assigned.headers.get('location')).toBe(`/api/v2/users/${user.id}/roles/${assigned.body.id}`);
    expect(assigned.body).toMatchObject({
      role: { code: 'administrator', level: 2, isSystem: true },
      scope: { type: 'tenant', id: home.tenantId },
      scopeName: 'Default',
      viaGroup: null,
      expiresAt: null,
      assignedBy: await idOf('admin.telemetryflow@telemetryflow.id'),
    });
    expect(await mayDelete()).toBe(200);
    // In one tenant it manages nobody.
    expect((await team.as(user.auth, 'GET', '/users')).status).toBe(200);
    expect(
      (await team.as(user.auth, 'DELETE', `/users/${await idOf('demo.telemetryflow@telemetryflow.id')}`)).status,
    ).toBe(403);
    const listed = await team.as(ADMIN, 'GET', `/users/${user.id}/roles`);
    expect(listed.body.data.map(({ role }: { role: { code: string } }) => role.code)).toEqual([
      'administrator',
      'viewer',
    ]);
    expect((await team.as(ADMIN, 'DELETE', `/users/${user.id}/roles/${assigned.body.id}`)).status).toBe(204);
    expect(await mayDelete()).toBe(403);
    expect((await team.as(ADMIN, 'DELETE', `/users/${user.id}/roles/${assigned.body.id}`)).status).toBe(404);
    expect((await team.acts(user.id)).slice(-2).map(({ type }) => type)).toEqual([
      'user.role_assigned',
      'user.role_removed',
    ]);
  });

  it('B14: a change of the role itself takes effect with the next request', async () => {
    const role = await makeRole('Board Eraser', ['dashboards:read']);
    await assign(role.code);
    expect(await mayDelete()).toBe(403);
    await team.as(ADMIN, 'PUT', `/roles/${role.id}/permissions`, { permissions: ['dashboards:delete'] });
    expect(await mayDelete()).toBe(200);
    await team.as(ADMIN, 'PUT', `/roles/${role.id}/permissions`, { permissions: [] });
    expect(await mayDelete()).toBe(403);
  });

  it('B14: what another node changed is forgotten when its event arrives', async () => {
    expect(await mayRead()).toBe(200);
    const arrive = (type: string, aggregateId: string) =>
      server.app
        .get(ClusterEvents)
        .deliver(new PlatformEvent(newId(), type, { aggregateId }, home.organizationId, new Date()));
    await server.sql('UPDATE role_assignments SET expires_at = now() WHERE user_id = $1', [user.id]);
    expect(await mayRead()).toBe(200);
    arrive('user.role_removed', newId());
    expect(await mayRead()).toBe(200);
    arrive('user.role_removed', user.id);
    expect(await mayRead()).toBe(403);
    for (const type of ['role.permissions_changed', 'group.member_added']) {
      await server.sql('UPDATE role_assignments SET expires_at = NULL WHERE user_id = $1', [user.id]);
      arrive(type, newId());
      expect(await mayRead(), type).toBe(200);
      await server.sql('UPDATE role_assignments SET expires_at = now() WHERE user_id = $1', [user.id]);
      arrive(type, newId());
      expect(await mayRead(), type).toBe(403);
    }
  });

  it('end when they expire, and can be given again then', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
    const assigned = await assign('developer', { expiresAt });
    expect(assigned.body.expiresAt).toBe(expiresAt);
    expect((await assign('developer')).status).toBe(409);
    await server.sql(`UPDATE role_assignments SET expires_at = now() WHERE role_assignment_id = $1`, [
      assigned.body.id,
    ]);
    const listed = await team.as(ADMIN, 'GET', `/users/${user.id}/roles`);
    expect(listed.body.data).toHaveLength(1);
    expect((await team.as(ADMIN, 'GET', `/users/${user.id}`)).body.roles).toEqual(['viewer']);
    expect((await assign('developer')).body.expiresAt).toBeNull();
    expect((await assign('administrator', { expiresAt: '2020-01-01T00:00:00Z' })).body.errors).toMatchObject([
      { path: 'expiresAt' },
    ]);
  });

  it('are given once: of parallel requests one wins', async () => {
    const answers = await Promise.all([assign('developer'), assign('developer'), assign('developer')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    // At another place it is another assignment.
    expect((await assign('developer', { scope: { type: 'workspace', id: home.workspaceId } })).status).toBe(201);
  });

  it('answer 404 for a foreign or unknown user, role or place', async () => {
    const viewer = await team.roleId('viewer');
    expect((await team.as(ADMIN, 'POST', `/users/${foreign.userId}/roles`, { roleId: viewer })).status).toBe(404);
    expect((await team.as(ADMIN, 'POST', `/users/${newId()}/roles`, { roleId: viewer })).status).toBe(404);
    expect((await team.as(ADMIN, 'POST', `/users/${user.id}/roles`, { roleId: foreign.roleId })).status).toBe(404);
    expect((await team.as(ADMIN, 'POST', `/users/${user.id}/roles`, { roleId: newId() })).status).toBe(404);
    for (const scope of [
      { type: 'organization', id: foreign.organizationId },
      { type: 'workspace', id: foreign.workspaceId },
      { type: 'tenant', id: foreign.tenantId },
      { type: 'tenant', id: newId() },
      { type: 'workspace', id: server.seeded.places.platform.workspaceId },
    ]) {
      expect((await assign('developer', { scope })).status, JSON.stringify(scope)).toBe(404);
      // Nor does the super administrator spread a user of one organization into another.
      expect((await assign('developer', { scope }, SUPER)).status, JSON.stringify(scope)).toBe(404);
    }
    expect((await assign('developer', { scope: { type: 'tenant', id: 'default' } })).status).toBe(400);
  });

  it('fit their place: own roles in the organization, the strongest over everything, Demo in the demo organization', async () => {
    const role = await makeRole('Local', ['logs:read']);
    const refused = await assign(role.code, { scope: { type: 'platform' } }, SUPER);
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, 'scope']);
    expect((await assign('super_administrator', {}, SUPER)).status).toBe(400);
    expect((await assign('demo', {}, SUPER)).body.errors).toMatchObject([{ path: 'roleId' }]);
    expect((await assign('super_administrator', { scope: { type: 'platform' } }, SUPER)).body).toMatchObject({
      scope: { type: 'platform' },
      scopeName: 'Platform',
    });
    expect((await team.as(user.auth, 'GET', '/auth/me')).body.isPlatformAdministrator).toBe(true);
  });
});

describe('B13: nobody gives what they lack', () => {
  it('an administrator can’t make a super administrator, nor anyone hold the platform', async () => {
    expect((await assign('super_administrator', { scope: { type: 'platform' } })).status).toBe(403);
    expect((await assign('viewer', { scope: { type: 'platform' } })).status).toBe(403);
    const created = await team.as(ADMIN, 'POST', '/users', {
      email: 'climber@example.com',
      firstName: 'C',
      lastName: 'L',
      roleId: await team.roleId('super_administrator'),
      scope: { type: 'platform' },
    });
    expect(created.status).toBe(403);
    expect((await server.sql(`SELECT 1 FROM users WHERE email = 'climber@example.com'`)).length).toBe(0);
    expect((await grant({ permission: 'platform:manage', scope: { type: 'platform' } })).status).toBe(403);
  });

  it('an administrator of one organization takes nothing that is held over the platform, and denies nothing there', async () => {
    const platform = { scope: { type: 'platform' } };
    const held = await assign('viewer', platform, SUPER);
    expect(held.status).toBe(201);
    expect((await team.as(ADMIN, 'DELETE', `/users/${user.id}/roles/${held.body.id}`)).status).toBe(403);
    expect((await grant({ permission: 'logs:read', effect: 'deny', ...platform })).status).toBe(403);
    const denied = await grant({ permission: 'logs:read', effect: 'deny', ...platform }, SUPER);
    expect((await team.as(ADMIN, 'DELETE', `/users/${user.id}/permissions/${denied.body.id}`)).status).toBe(403);
    expect((await team.as(SUPER, 'DELETE', `/users/${user.id}/roles/${held.body.id}`)).status).toBe(204);
  });

  it('whoever may assign gives only what they hold, where they hold it', async () => {
    await makeRole('Assigner', ['permissions:assign', 'permissions:read', 'users:read', 'logs:read']);
    await makeRole('Log Reader', ['logs:read']);
    await makeRole('Log Burner', ['logs:read', 'logs:delete']);
    await makeRole('Strong Reader', ['logs:read'], 3);
    const assigner = await team.add('assigner');
    user = await team.add('log-reader');
    expect((await assign('log-reader', { scope: { type: 'tenant', id: home.tenantId } }, assigner.auth)).status).toBe(
      201,
    );
    const lacking = await assign('log-burner', {}, assigner.auth);
    expect([lacking.status, lacking.body.detail]).toEqual([403, expect.stringContaining('logs:delete')]);
    expect((await assign('strong-reader', {}, assigner.auth)).status).toBe(403);
    expect((await assign('administrator', {}, assigner.auth)).status).toBe(403);
    expect((await grant({ permission: 'logs:read' }, assigner.auth)).status).toBe(201);
    expect((await grant({ permission: 'logs:delete' }, assigner.auth)).status).toBe(403);
    // Denied in one tenant, they do not hold it throughout the organization any more.
    const denied = { permission: 'logs:read', effect: 'deny', scope: { type: 'tenant', id: home.tenantId } };
    await team.as(ADMIN, 'POST', `/users/${assigner.id}/permissions`, denied);
    expect((await grant({ permission: 'logs:read' }, assigner.auth)).status).toBe(403);
  });

  it('nobody edits themself upward', async () => {
    const own = await idOf('admin.telemetryflow@telemetryflow.id');
    const roleId = await team.roleId('viewer');
    expect((await team.as(ADMIN, 'POST', `/users/${own}/roles`, { roleId })).status).toBe(403);
    expect((await team.as(ADMIN, 'POST', `/users/${own}/permissions`, { permission: 'logs:read' })).status).toBe(403);
    const denial = { permission: 'exports:delete', effect: 'deny' };
    const denied = await team.as(SUPER, 'POST', `/users/${own}/permissions`, denial);
    expect(denied.status).toBe(201);
    expect((await team.as(ADMIN, 'DELETE', `/users/${own}/permissions/${denied.body.id}`)).status).toBe(403);
    expect((await team.as(SUPER, 'DELETE', `/users/${own}/permissions/${denied.body.id}`)).status).toBe(204);
  });
});

describe('direct grants', () => {
  it('B14: allow and deny with the next request, and last denial wins over any role', async () => {
    expect(await mayDelete()).toBe(403);
    const allowed = await grant({
      permission: 'dashboards:delete',
      scope: { type: 'workspace', id: home.workspaceId },
    });
    expect(allowed.body).toMatchObject({ effect: 'allow', scopeName: 'Default', permission: 'dashboards:delete' });
    expect(await mayDelete()).toBe(200);
    const denied = await grant({ permission: 'metrics:read', effect: 'deny' });
    expect(await mayRead()).toBe(403);
    await assign('administrator');
    expect(await mayRead()).toBe(403);
    const shown = await team.as(ADMIN, 'GET', `/users/${user.id}/permissions`);
    expect(shown.body.grants).toHaveLength(2);
    expect(shown.body.effective).toContain('dashboards:delete');
    expect(shown.body.effective).not.toContain('metrics:read');
    expect((await team.as(ADMIN, 'DELETE', `/users/${user.id}/permissions/${denied.body.id}`)).status).toBe(204);
    expect(await mayRead()).toBe(200);
    expect((await team.as(ADMIN, 'DELETE', `/users/${user.id}/permissions/${denied.body.id}`)).status).toBe(404);
    expect((await team.acts(user.id)).slice(-4).map(({ type }) => type)).toEqual([
      'user.permission_granted',
      'user.permission_denied',
      'user.role_assigned',
      'user.permission_revoked',
    ]);
  });

  it('are one per permission and place: again, they are replaced', async () => {
    const first = await grant({ permission: 'logs:delete' });
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
    const second = await grant({ permission: 'logs:delete', effect: 'deny', expiresAt });
    expect([second.status, second.body.id]).toEqual([201, first.body.id]);
    expect(second.body).toMatchObject({ effect: 'deny', expiresAt });
    expect((await team.acts(user.id)).at(-1)!.payload['before']).toMatchObject({ effect: 'allow' });
  });

  it('refuse what means nothing', async () => {
    expect((await grant({ permission: 'logs:burn' })).body.errors).toMatchObject([{ path: 'permission' }]);
    const narrow = await grant({ permission: 'users:read', scope: { type: 'tenant', id: home.tenantId } });
    expect(narrow.body.errors).toMatchObject([{ path: 'scope' }]);
    expect((await grant({ permission: 'logs:read', scope: { type: 'tenant', id: foreign.tenantId } })).status).toBe(
      404,
    );
  });
});

describe('the last administrators', () => {
  it('B13: keep their role and their account, whoever acts', async () => {
    const adminId = await idOf('admin.telemetryflow@telemetryflow.id');
    const superId = await idOf('super.administrator@telemetryflow.id');
    // Earlier tests made more of both.
    await server.sql(
      `UPDATE users SET is_active = false WHERE email NOT LIKE '%@telemetryflow.id' AND user_id IN (
         SELECT user_id FROM role_assignments JOIN roles USING (role_id) WHERE code IN ('administrator', 'super_administrator'))`,
    );
    const roleOf = async (id: string) => (await team.as(SUPER, 'GET', `/users/${id}/roles`)).body.data[0].id as string;
    expect((await team.as(SUPER, 'DELETE', `/users/${adminId}/roles/${await roleOf(adminId)}`)).status).toBe(409);
    expect((await team.as(SUPER, 'POST', `/users/${adminId}/deactivate`)).status).toBe(409);
    expect((await team.as(SUPER, 'DELETE', `/users/${adminId}`)).status).toBe(409);
    expect((await team.as(SUPER, 'DELETE', `/users/${superId}/roles/${await roleOf(superId)}`)).status).toBe(409);
    expect((await team.as(ADMIN, 'GET', '/users')).status).toBe(200);
    // One whose role ends tomorrow is no replacement.
    await assign('administrator', { expiresAt: new Date(Date.now() + HOUR_MS).toISOString() });
    expect((await team.as(SUPER, 'DELETE', `/users/${adminId}`)).status).toBe(409);
  });

  it('B13: of two who are removed at the same moment one stays', async () => {
    const adminId = await idOf('admin.telemetryflow@telemetryflow.id');
    const [first, second] = [await team.add('administrator'), await team.add('administrator')];
    // Everybody else's ends in an hour: these two are the lasting ones.
    await server.sql(
      `UPDATE role_assignments SET expires_at = now() + interval '1 hour'
       WHERE scope_type = 'organization' AND user_id <> ALL($1::uuid[])`,
      [[first.id, second.id]],
    );
    const [one, two] = await Promise.all([
      team.as(ADMIN, 'POST', `/users/${first.id}/deactivate`),
      team.as(ADMIN, 'DELETE', `/users/${second.id}`),
    ]);
    expect([
      [200, 409],
      [409, 204],
    ]).toContainEqual([one.status, two.status]);
    await server.sql('UPDATE role_assignments SET expires_at = NULL WHERE user_id = $1', [adminId]);
  });
});

describe('the list of assignments', () => {
  it('shows people of the organization with all they hold, searched and paged', async () => {
    await assign('developer', { scope: { type: 'tenant', id: home.tenantId } });
    const { body } = await team.as('viewer.telemetryflow', 'GET', `/assignments?search=${user.email}`);
    expect(body.meta.total).toBe(1);
    expect(body.data[0]).toMatchObject({
      user: { id: user.id, email: user.email },
      assignments: [{ role: { code: 'developer' } }, { role: { code: 'viewer' }, scopeName: 'TelemetryFlow' }],
    });
    const all = await team.as(SUPER, 'GET', '/assignments?limit=100');
    expect(JSON.stringify(all.body)).toContain('alan@example.org');
    const own = await team.as(SUPER, 'GET', `/assignments?limit=1&page=2&organizationId=${home.organizationId}`);
    expect(own.body.data).toHaveLength(1);
    const asViewer = await team.as('viewer.telemetryflow', 'GET', '/assignments?limit=100');
    expect(JSON.stringify(asViewer.body)).not.toContain('alan@example.org');
  });
});
