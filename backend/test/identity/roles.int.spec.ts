import { PERMISSIONS, ROLE_PERMISSIONS, SYSTEM_ROLES } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { HOSTILE_NAMES, people, secondOrganization, type People } from './people.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

const ADMIN = 'admin.telemetryflow';
const SUPER = 'super.administrator';

let postgres: TestPostgres;
let server: IdentityServer;
let team: People;
let foreign: Awaited<ReturnType<typeof secondOrganization>>;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  team = people(server);
  foreign = await secondOrganization(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

let counter = 0;
const create = (changed: Record<string, unknown> = {}, who: Parameters<People['as']>[0] = ADMIN) =>
  team.as(who, 'POST', '/roles', { name: `Role ${(counter += 1)}`, permissions: ['logs:read'], ...changed });

describe('custom roles', () => {
  it('are created with what is asked, and shown beside the system roles', async () => {
    const created = await create({
      name: 'Log Keepers',
      description: 'Keep logs.',
      permissions: ['logs:delete', 'logs:read', 'logs:read'],
    });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v2/roles/${created.body.id}`);
    expect(created.body).toMatchObject({
      code: 'log-keepers',
      name: 'Log Keepers',
      level: 4,
      isSystem: false,
      organizationId: server.seeded.places.default.organizationId,
      permissions: ['logs:delete', 'logs:read'],
      users: 0,
    });
    expect((await team.as(ADMIN, 'GET', `/roles/${created.body.id}`)).body).toEqual(created.body);
    const listed = await team.as(ADMIN, 'GET', '/roles?limit=100');
    const codes = listed.body.data.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(expect.arrayContaining([...SYSTEM_ROLES, 'log-keepers']));
    const custom = await team.as(ADMIN, 'GET', '/roles?includeSystem=false&search=KEEP');
    expect(custom.body.data.map(({ code }: { code: string }) => code)).toEqual(['log-keepers']);
    expect((await team.acts(created.body.id))[0]).toMatchObject({
      type: 'role.created',
      payload: { after: { permissions: ['logs:read', 'logs:delete'] } },
    });
  });

  it('have a code and a name of their own, also under parallel requests', async () => {
    const both = await Promise.all([create({ name: 'Twins' }), create({ name: 'TWINS' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await create({ code: 'twins' })).body.errors).toMatchObject([{ path: 'code', code: 'taken' }]);
    expect((await create({ code: 'administrator' })).status).toBe(409);
    expect((await create({ name: 'super ADMINISTRATOR' })).status).toBe(409);
    // What another organization calls its roles is nobody's business here.
    expect((await create({ name: 'Enigma', code: 'enigma' })).status).toBe(201);
  });

  it('name every unknown permission at once, and refuse those of the platform', async () => {
    const refused = await create({ permissions: ['logs:read', 'logs:burn', 'platform:manage', '*:*'] });
    expect(refused.status).toBe(400);
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'permissions.1',
      'permissions.2',
      'permissions.3',
    ]);
    expect((await create({ permissions: ['platform:manage'] }, SUPER)).status).toBe(400);
    expect((await create({ code: 'Not A Code', name: '', level: 9 })).body.errors).toHaveLength(3);
  });

  it.each(HOSTILE_NAMES)('store %j as it is, or refuse it', async (_, name, stored) => {
    const { status, body } = await create({ name });
    expect(status).toBe(stored === null ? 400 : 201);
    if (stored !== null) expect(body.name).toBe(stored);
  });

  it('are changed, renamed and given other permissions, each with before and after', async () => {
    const { body } = await create();
    const path = `/roles/${body.id}`;
    const renamed = await team.as(ADMIN, 'PATCH', path, { name: `Renamed ${newId()}`, level: 3 });
    expect(renamed.body).toMatchObject({ level: 3, code: body.code });
    const given = await team.as(ADMIN, 'PUT', `${path}/permissions`, { permissions: ['traces:read', 'logs:read'] });
    expect(given.body.permissions).toEqual(['logs:read', 'traces:read']);
    expect((await team.as(ADMIN, 'PUT', `${path}/permissions`, { permissions: ['x'] })).status).toBe(400);
    expect((await team.acts(body.id)).slice(1)).toMatchObject([
      { type: 'role.updated', payload: { before: { level: 4 }, after: { level: 3 } } },
      { type: 'role.permissions_changed', payload: { added: ['traces:read'], removed: [] } },
    ]);
    expect((await team.as(ADMIN, 'PATCH', path, { name: 'Viewer' })).status).toBe(409);
  });

  it('B13: a role in use is not deletable, also when it is given at the same moment', async () => {
    const { body: role } = await create();
    const user = await team.add();
    const assigned = await team.as(ADMIN, 'POST', `/users/${user.id}/roles`, { roleId: role.id });
    expect((await team.as(ADMIN, 'GET', `/roles/${role.id}`)).body.users).toBe(1);
    expect((await team.as(ADMIN, 'GET', `/roles/${role.id}/users`)).body.data).toMatchObject([{ id: user.id }]);
    expect((await team.as(ADMIN, 'DELETE', `/roles/${role.id}`)).status).toBe(409);
    await team.as(ADMIN, 'DELETE', `/users/${user.id}/roles/${assigned.body.id}`);
    const [removed, given] = await Promise.all([
      team.as(ADMIN, 'DELETE', `/roles/${role.id}`),
      team.as(ADMIN, 'POST', `/users/${user.id}/roles`, { roleId: role.id }),
    ]);
    expect([
      [204, 404],
      [409, 201],
    ]).toContainEqual([removed.status, given.status]);
  });

  it('whose last assignment has expired, or whose last holder is deleted, can be deleted', async () => {
    const { body: role } = await create();
    const [user, other] = [await team.add(), await team.add()];
    const assigned = await team.as(ADMIN, 'POST', `/users/${user.id}/roles`, { roleId: role.id });
    await server.sql('UPDATE role_assignments SET expires_at = now() WHERE role_assignment_id = $1', [
      assigned.body.id,
    ]);
    await team.as(ADMIN, 'POST', `/users/${other.id}/roles`, { roleId: role.id });
    expect((await team.as(ADMIN, 'DELETE', `/roles/${role.id}`)).status).toBe(409);
    await team.as(ADMIN, 'DELETE', `/users/${other.id}`);
    expect((await team.as(ADMIN, 'DELETE', `/roles/${role.id}`)).status).toBe(204);
    expect((await team.as(ADMIN, 'GET', `/roles/${role.id}`)).status).toBe(404);
    expect((await team.acts(role.id)).at(-1)).toMatchObject({
      type: 'role.deleted',
      payload: { before: { level: 4 } },
    });
  });
});

describe('system roles', () => {
  it('B13: never change, whoever asks', async () => {
    for (const code of SYSTEM_ROLES) {
      const path = `/roles/${await team.roleId(code)}`;
      for (const who of [ADMIN, SUPER]) {
        expect((await team.as(who, 'PATCH', path, { name: 'Mine' })).status).toBe(403);
        expect((await team.as(who, 'PUT', `${path}/permissions`, { permissions: [] })).status).toBe(403);
        expect((await team.as(who, 'DELETE', path)).status).toBe(403);
      }
      const shown = await team.as(ADMIN, 'GET', path);
      expect(shown.body.permissions).toEqual([...ROLE_PERMISSIONS[code]].sort());
      expect(shown.body).toMatchObject({ isSystem: true, organizationId: null });
    }
  });
});

describe('roles of another organization', () => {
  it('B12: are not there', async () => {
    const path = `/roles/${foreign.roleId}`;
    expect((await team.as(ADMIN, 'GET', path)).status).toBe(404);
    expect((await team.as(ADMIN, 'GET', `${path}/users`)).status).toBe(404);
    expect((await team.as(ADMIN, 'PATCH', path, { name: 'Mine' })).status).toBe(404);
    expect((await team.as(ADMIN, 'PUT', `${path}/permissions`, { permissions: [] })).status).toBe(404);
    expect((await team.as(ADMIN, 'DELETE', path)).status).toBe(404);
    for (const list of ['/roles?limit=100', '/roles?search=enigma&includeSystem=false', '/permission-matrix']) {
      expect(JSON.stringify((await team.as(ADMIN, 'GET', list)).body)).not.toContain(foreign.roleId);
    }
    expect((await team.as(SUPER, 'GET', path)).body).toMatchObject({ code: 'enigma' });
    expect((await team.as(SUPER, 'PATCH', path, { description: 'Broken.' })).status).toBe(200);
    expect((await team.as(ADMIN, 'GET', '/roles/42')).status).toBe(400);
  });
});

describe('B13: nobody makes a role of what they lack', () => {
  it('neither on creation nor later, nor of a stronger tier', async () => {
    const { body: keeper } = await create({
      name: 'Role Keeper',
      permissions: ['roles:create', 'roles:read', 'roles:update', 'roles:delete', 'logs:read'],
    });
    const user = await team.add('role-keeper');
    expect((await create({}, user.auth)).status).toBe(201);
    const lacking = await create({ permissions: ['logs:read', 'logs:delete'] }, user.auth);
    expect([lacking.status, lacking.body.detail]).toEqual([403, expect.stringContaining('logs:delete')]);
    expect((await create({ level: 3 }, user.auth)).status).toBe(403);
    expect((await create({ level: 1 })).status).toBe(403);
    expect((await create({ level: 2 })).status).toBe(201);

    const { body: weak } = await create({ permissions: ['logs:delete'] });
    const path = `/roles/${weak.id}/permissions`;
    expect((await team.as(user.auth, 'PUT', path, { permissions: ['logs:delete', 'logs:write'] })).status).toBe(403);
    // Taking away, and leaving what was there, is no giving.
    expect((await team.as(user.auth, 'PUT', path, { permissions: ['logs:delete', 'logs:read'] })).status).toBe(200);
    const { body: strong } = await create({ level: 3 });
    expect((await team.as(user.auth, 'PATCH', `/roles/${strong.id}`, { name: 'Taken over' })).status).toBe(403);
    expect((await team.as(user.auth, 'DELETE', `/roles/${strong.id}`)).status).toBe(403);
    expect((await team.as(user.auth, 'PATCH', `/roles/${weak.id}`, { level: 1 })).status).toBe(403);
    // Nor to a role of one's own, even what one holds by another.
    const own = { permissions: [...keeper.permissions, 'metrics:read'] };
    expect((await team.as(user.auth, 'PUT', `/roles/${keeper.id}/permissions`, own)).status).toBe(403);
  });
});

describe('B11: who may touch roles', () => {
  it.each([
    [SUPER, 200, 201],
    [ADMIN, 200, 201],
    ['developer.telemetryflow', 200, 403],
    ['viewer.telemetryflow', 200, 403],
    ['demo.telemetryflow', 200, 403],
  ])('%s reads (%i) and creates (%i)', async (who, read, made) => {
    expect((await team.as(who, 'GET', '/roles')).status).toBe(read);
    expect((await create({}, who)).status).toBe(made);
    const { body } = await create();
    expect((await team.as(who, 'DELETE', `/roles/${body.id}`)).status).toBe(made === 201 ? 204 : made);
  });
});

describe('the permission matrix', () => {
  it('shows every permission with its level, and what every role holds', async () => {
    const { body } = await team.as(ADMIN, 'GET', '/permission-matrix');
    expect(body.permissions.map(({ name }: { name: string }) => name)).toEqual(PERMISSIONS);
    expect(body.permissions.find(({ name }: { name: string }) => name === 'users:read')).toMatchObject({
      resource: 'users',
      action: 'read',
      level: 'organization',
      description: 'Read users',
    });
    const administrator = body.roles.find(({ code }: { code: string }) => code === 'administrator');
    expect(administrator.permissions).toEqual([...ROLE_PERMISSIONS.administrator].sort());
    const list = await team.as('viewer.telemetryflow', 'GET', '/permissions');
    expect(list.body.data).toEqual(body.permissions);
    const resources = await team.as(ADMIN, 'GET', '/permissions/resources');
    expect(resources.body.data).toContain('api-keys');
    expect(new Set(resources.body.data).size).toBe(resources.body.data.length);
  });
});
