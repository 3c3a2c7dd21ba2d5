import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { HOSTILE_NAMES, people, secondOrganization, type People, type Person } from './people.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

const ADMIN = 'admin.telemetryflow';
const SUPER = 'super.administrator';

let postgres: TestPostgres;
let server: IdentityServer;
let team: People;
let foreign: Awaited<ReturnType<typeof secondOrganization>>;
let group: { id: string; name: string };
let counter = 0;

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
beforeEach(async () => {
  const created = await create();
  group = created.body;
});

const create = (changed: Record<string, unknown> = {}, who: Parameters<People['as']>[0] = ADMIN) =>
  team.as(who, 'POST', '/groups', { name: `Group ${(counter += 1)}`, ...changed });
const join = (userId: string, who: Parameters<People['as']>[0] = ADMIN, groupId = group.id) =>
  team.as(who, 'POST', `/groups/${groupId}/users`, { userId });
const give = async (role: string, changed: Record<string, unknown> = {}, who: Parameters<People['as']>[0] = ADMIN) =>
  team.as(who, 'POST', `/groups/${group.id}/roles`, { roleId: await team.roleId(role), ...changed });
const mayDelete = async (user: Person) =>
  (await server.request('GET', '/probe/deletion', { headers: user.auth })).status;

describe('groups', () => {
  it('are created, listed, changed and deleted, each recorded', async () => {
    const made = await create({ name: 'On Call', description: 'Who is woken.' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/api/v2/groups/${made.body.id}`);
    expect(made.body).toMatchObject({
      name: 'On Call',
      members: 0,
      organizationId: server.seeded.places.default.organizationId,
    });
    const listed = await team.as('viewer.telemetryflow', 'GET', '/groups?search=WOKEN');
    expect(listed.body).toMatchObject({ data: [made.body], meta: { total: 1 } });
    const path = `/groups/${made.body.id}`;
    const changed = await team.as(ADMIN, 'PATCH', path, { description: '' });
    expect(changed.body).toMatchObject({ name: 'On Call', description: '' });
    expect((await team.as(ADMIN, 'DELETE', path)).status).toBe(204);
    expect((await team.as(ADMIN, 'GET', path)).status).toBe(404);
    expect((await team.acts(made.body.id)).map(({ type }) => type)).toEqual([
      'group.created',
      'group.updated',
      'group.deleted',
    ]);
  });

  it('have a name of their own in the organization, also under parallel requests', async () => {
    const both = await Promise.all([create({ name: 'Night Shift' }), create({ name: 'NIGHT SHIFT' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await team.as(ADMIN, 'PATCH', `/groups/${group.id}`, { name: 'night shift' })).body.errors).toMatchObject([
      { path: 'name', code: 'taken' },
    ]);
    expect((await create({ name: 'Hut 8' })).status).toBe(201);
  });

  it.each(HOSTILE_NAMES)('store %j as it is, or refuse it', async (_, name, stored) => {
    const { status, body } = await create({ name });
    expect(status).toBe(stored === null ? 400 : 201);
    if (stored !== null) expect(body.name).toBe(stored);
  });

  it('B12: of another organization are not there', async () => {
    const path = `/groups/${foreign.groupId}`;
    for (const [method, suffix, body] of [
      ['GET', ''],
      ['GET', '/users'],
      ['GET', '/roles'],
      ['PATCH', '', { name: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/users', { userId: newId() }],
      ['DELETE', `/users/${foreign.userId}`],
      ['POST', '/roles', { roleId: newId() }],
      ['DELETE', `/roles/${newId()}`],
    ] as const) {
      expect((await team.as(ADMIN, method, path + suffix, body)).status, `${method} ${suffix}`).toBe(404);
    }
    expect(JSON.stringify((await team.as(ADMIN, 'GET', '/groups?limit=100')).body)).not.toContain(foreign.groupId);
    expect((await team.as(SUPER, 'GET', path)).body).toMatchObject({ name: 'Hut 8' });
    expect((await team.as(ADMIN, 'GET', '/groups/42')).status).toBe(400);
    expect((await join(foreign.userId)).status).toBe(404);
    expect((await join(foreign.userId, SUPER)).status).toBe(404);
    expect((await join(newId())).status).toBe(404);
    expect((await team.as(ADMIN, 'POST', `/groups/${group.id}/roles`, { roleId: foreign.roleId })).status).toBe(404);
  });

  it.each([
    ['developer.telemetryflow', 403],
    ['viewer.telemetryflow', 403],
    ['demo.telemetryflow', 403],
  ])('B11: are read by %s, and not written (%i)', async (who, status) => {
    const user = await team.add();
    expect((await team.as(who, 'GET', '/groups')).status).toBe(200);
    expect((await create({}, who)).status).toBe(status);
    expect((await join(user.id, who)).status).toBe(status);
    expect((await give('viewer', {}, who)).status).toBe(status);
    expect((await team.as(who, 'DELETE', `/groups/${group.id}`)).status).toBe(status);
  });
});

describe('members', () => {
  it('B14: hold the group’s roles from their joining to their leaving', async () => {
    const user = await team.add();
    const given = await give('administrator', { scope: { type: 'tenant', id: server.seeded.places.default.tenantId } });
    expect(given.status, JSON.stringify(given.body)).toBe(201);
    expect(given.body).toMatchObject({ role: { code: 'administrator' }, scopeName: 'Default', viaGroup: null });
    expect(await mayDelete(user)).toBe(403);
    const joined = await join(user.id);
    expect(joined.headers.get('location')).toBe(`/api/v2/groups/${group.id}/users/${user.id}`);
    expect([joined.status, joined.body.members]).toEqual([201, 1]);
    expect(await mayDelete(user)).toBe(200);
    const roles = await team.as(ADMIN, 'GET', `/users/${user.id}/roles`);
    expect(roles.body.data[0]).toMatchObject({ role: { code: 'administrator' }, viaGroup: { id: group.id } });
    expect((await team.as(ADMIN, 'GET', `/users/${user.id}`)).body.roles).toEqual(['administrator', 'viewer']);
    // What comes through a group is not taken from the user.
    const direct = await team.as(ADMIN, 'DELETE', `/users/${user.id}/roles/${roles.body.data[0].id}`);
    expect(direct.status).toBe(404);
    expect((await team.as(ADMIN, 'DELETE', `/groups/${group.id}/users/${user.id}`)).status).toBe(204);
    expect(await mayDelete(user)).toBe(403);
    await join(user.id);
    expect((await team.as(ADMIN, 'DELETE', `/groups/${group.id}/roles/${given.body.id}`)).status).toBe(204);
    expect(await mayDelete(user)).toBe(403);
    await give('administrator');
    expect(await mayDelete(user)).toBe(200);
    await team.as(ADMIN, 'DELETE', `/groups/${group.id}`);
    expect(await mayDelete(user)).toBe(403);
  });

  it('are in a group once, and a stranger can’t leave it', async () => {
    const user = await team.add();
    const answers = await Promise.all([join(user.id), join(user.id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const listed = await team.as(ADMIN, 'GET', `/groups/${group.id}/users`);
    expect(listed.body).toMatchObject({ data: [{ id: user.id, email: user.email }], meta: { total: 1 } });
    const leave = () => team.as(ADMIN, 'DELETE', `/groups/${group.id}/users/${user.id}`);
    expect((await Promise.all([leave(), leave()])).map(({ status }) => status).sort()).toEqual([204, 404]);
    await join(user.id);
    await team.as(ADMIN, 'DELETE', `/users/${user.id}`);
    expect((await team.as(ADMIN, 'GET', `/groups/${group.id}`)).body.members).toBe(0);
  });
});

describe('B13: nobody climbs by a group', () => {
  it('neither into one, nor by giving it something, nor past what they hold', async () => {
    await team.as(ADMIN, 'POST', '/roles', {
      name: `Grouper`,
      permissions: [
        'groups:create',
        'groups:read',
        'groups:update',
        'groups:delete',
        'permissions:assign',
        'users:read',
      ],
    });
    const grouper = await team.add('grouper');
    const user = await team.add('grouper');
    const mine = (await create({}, grouper.auth)).body.id as string;
    expect((await join(user.id, grouper.auth, mine)).status).toBe(201);
    const developer = { roleId: await team.roleId('developer') };
    expect((await team.as(grouper.auth, 'POST', `/groups/${mine}/roles`, developer)).status).toBe(403);
    // A group of a stronger tier is not theirs to touch.
    await give('administrator');
    expect((await join(user.id, grouper.auth)).status).toBe(403);
    expect((await join(grouper.id, grouper.auth)).status).toBe(403);
    expect((await team.as(grouper.auth, 'DELETE', `/groups/${group.id}`)).status).toBe(403);
    expect((await give('super_administrator', { scope: { type: 'platform' } })).status).toBe(403);
    // One’s own group gets nothing from oneself, and one does not join a group that has roles.
    const [admin] = await server.sql<{ user_id: string }>(`SELECT user_id FROM users WHERE email LIKE 'admin.%'`);
    expect((await join(admin!.user_id)).status).toBe(403);
    const bare = (await create()).body.id as string;
    expect((await join(admin!.user_id, ADMIN, bare)).status).toBe(201);
    expect((await team.as(ADMIN, 'POST', `/groups/${bare}/roles`, developer)).status).toBe(403);
  });

  it('and the last administrator does not fall with one', async () => {
    const user = await team.add();
    const given = await give('administrator');
    await join(user.id);
    const [admin] = await server.sql<{ id: string }>(`SELECT user_id AS id FROM users WHERE email LIKE 'admin.%'`);
    const [direct] = (await team.as(SUPER, 'GET', `/users/${admin!.id}/roles`)).body.data as { id: string }[];
    expect((await team.as(SUPER, 'DELETE', `/users/${admin!.id}/roles/${direct!.id}`)).status).toBe(204);
    const path = `/groups/${group.id}`;
    expect((await team.as(SUPER, 'DELETE', path)).status).toBe(409);
    expect((await team.as(SUPER, 'DELETE', `${path}/users/${user.id}`)).status).toBe(409);
    expect((await team.as(SUPER, 'DELETE', `${path}/roles/${given.body.id}`)).status).toBe(409);
    expect((await team.as(SUPER, 'DELETE', `/users/${user.id}`)).status).toBe(409);
    const back = await team.as(SUPER, 'POST', `/users/${admin!.id}/roles`, {
      roleId: await team.roleId('administrator'),
    });
    expect(back.status).toBe(201);
    expect((await team.as(SUPER, 'DELETE', path)).status).toBe(204);
  });
});
