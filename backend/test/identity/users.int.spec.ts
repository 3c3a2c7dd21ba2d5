import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { HOSTILE_NAMES, people, secondOrganization, type People } from './people.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

const ADMIN = 'admin.telemetryflow';
const SUPER = 'super.administrator';

let postgres: TestPostgres;
let server: IdentityServer;
let team: People;
let foreignUserId: string;
let foreignTenantId: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  team = people(server);
  ({ userId: foreignUserId, tenantId: foreignTenantId } = await secondOrganization(server));
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const person = (changed: Record<string, unknown> = {}) => ({
  email: `new-${newId()}@example.com`,
  firstName: 'Ada',
  lastName: 'Lovelace',
  password: team.password,
  ...changed,
});
const create = (changed: Record<string, unknown> = {}, who = ADMIN) => team.as(who, 'POST', '/users', person(changed));
const idOf = async (localPart: string) => {
  const [row] = await server.sql<{ user_id: string }>('SELECT user_id FROM users WHERE email = $1', [
    `${localPart}@telemetryflow.id`,
  ]);
  return row!.user_id;
};

describe('creating a user', () => {
  it('answers 201 with the user, who signs in as Viewer of the organization', async () => {
    const created = await create({ email: '  Ada@Example.com ' });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v2/users/${created.body.id}`);
    expect(created.body).toMatchObject({
      email: 'ada@example.com',
      roles: ['viewer'],
      isActive: true,
      isLocked: false,
      mfaEnabled: false,
      emailVerified: true,
      tenantId: server.seeded.places.default.tenantId,
    });
    expect((await team.as(ADMIN, 'GET', `/users/${created.body.id}`)).body).toEqual(created.body);
    const session = await team.signIn('ada@example.com');
    const me = await server.request('GET', '/api/v2/auth/me', { headers: session });
    expect(me.body).toMatchObject({ email: 'ada@example.com', roles: ['viewer'] });
  });

  it('answers 409 for an address in other letter case, also of another organization and of parallel requests', async () => {
    const email = 'Grace@Example.com';
    const both = await Promise.all([create({ email }), create({ email: email.toUpperCase() })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const refused = both.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({ code: 'CONFLICT', errors: [{ path: 'email', code: 'taken' }] });
    expect((await create({ email: 'ALAN@example.org' })).status).toBe(409);
  });

  it('records who created whom, and no secret in answer, row or event', async () => {
    const { body } = await create({ forcePasswordChange: true });
    const acts = await team.acts(body.id);
    expect(acts.map(({ type }) => type)).toEqual(['user.created', 'user.role_assigned']);
    expect(acts[0]!.payload).toMatchObject({
      actor: { email: 'admin.telemetryflow@telemetryflow.id' },
      after: { email: body.email, forcePasswordChange: true },
    });
    expect(JSON.stringify([acts, body])).not.toMatch(/argon2|correct horse/);
    const [row] = await server.sql<{ password_hash: string }>('SELECT password_hash FROM users WHERE user_id = $1', [
      body.id,
    ]);
    expect(row!.password_hash).toMatch(/^\$argon2id\$/);
  });

  it('without a password records an invitation, and nobody can sign in yet', async () => {
    const { status, body } = await create({ password: undefined });
    expect(status).toBe(201);
    expect(body.emailVerified).toBe(false);
    const acts = await team.acts(body.id);
    expect(acts.map(({ type }) => type)).toEqual(['user.created', 'user.role_assigned', 'user.invited']);
    expect(acts[2]!.payload).toMatchObject({ userId: body.id });
    await expect(team.signIn(body.email)).rejects.toThrow('AUTH_INVALID_CREDENTIALS');
  });

  it('names every refused field at once', async () => {
    const { status, body } = await create({ email: 'not an address', firstName: ' ', lastName: 'x'.repeat(101) });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['email', 'firstName', 'lastName']);
    const weak = await create({ password: 'ada' });
    expect(weak.status).toBe(400);
    expect(weak.body.errors.length).toBeGreaterThan(1);
    expect(new Set(weak.body.errors.map(({ path }: { path: string }) => path))).toEqual(new Set(['password']));
  });

  it('refuses a tenant, a role and a scope that are unknown, foreign or reserved', async () => {
    const { platform } = server.seeded.places;
    for (const tenantId of [newId(), foreignTenantId, platform.tenantId]) {
      expect((await create({ tenantId })).status, tenantId).toBe(404);
    }
    expect((await create({ tenantId: 'default' })).status).toBe(400);
    expect((await create({ roleId: newId() })).status).toBe(404);
    expect((await create({ scope: { type: 'tenant', id: foreignTenantId } })).status).toBe(404);
    expect((await create({ scope: { type: 'workspace', id: platform.workspaceId } })).status).toBe(404);
  });

  it('stays within the quota of the workspace, also under parallel requests', async () => {
    const { workspaceId } = server.seeded.places.default;
    const [row] = await server.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM users WHERE workspace_id = $1 AND deleted_at IS NULL',
      [workspaceId],
    );
    const quota = JSON.stringify({ maxUsers: row!.n + 1 });
    await server.sql('UPDATE workspaces SET quotas = $2 WHERE workspace_id = $1', [workspaceId, quota]);
    try {
      const three = await Promise.all([create(), create(), create()]);
      expect(three.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    } finally {
      await server.sql(`UPDATE workspaces SET quotas = '{}' WHERE workspace_id = $1`, [workspaceId]);
    }
  });

  it.each(['developer.telemetryflow', 'viewer.telemetryflow', 'demo.telemetryflow'])(
    'is refused to %s',
    async (who) => {
      expect((await create({}, who)).status).toBe(403);
    },
  );

  it.each(HOSTILE_NAMES)('stores %j as it is, or refuses it', async (_, name, stored) => {
    const { status, body } = await create({ firstName: name });
    expect(status).toBe(stored === null ? 400 : 201);
    if (stored !== null) expect(body.firstName).toBe(stored);
  });
});

describe('lists of users', () => {
  it('show their own organization, filtered, paged and counted', async () => {
    const marker = `zeta${newId().slice(-6)}`;
    for (const n of [1, 2, 3]) await create({ firstName: `${marker}%_`, lastName: `L${n}` });
    const found = await team.as(ADMIN, 'GET', `/users?search=${marker.toUpperCase()}&limit=2`);
    expect(found.body.meta).toEqual({ page: 1, limit: 2, total: 3, totalPages: 2 });
    expect(found.body.data.map((user: { lastName: string }) => user.lastName)).toEqual(['L3', 'L2']);
    const second = await team.as(ADMIN, 'GET', `/users?search=${marker}&limit=2&page=2`);
    expect(second.body.data).toHaveLength(1);
    expect((await team.as(ADMIN, 'GET', `/users?search=${encodeURIComponent(`${marker}%_ l1`)}`)).body.meta.total).toBe(
      1,
    );
    expect((await team.as(ADMIN, 'GET', '/users?search=%25%25zz')).body.meta.total).toBe(0);
    const [all] = await server.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM users WHERE organization_id = $1 AND deleted_at IS NULL',
      [server.seeded.places.default.organizationId],
    );
    expect(found.body.counts).toMatchObject({ total: all!.n, active: all!.n, locked: 0 });
    const viewers = await team.as(ADMIN, 'GET', `/users?roleId=${await team.roleId('developer')}`);
    expect(viewers.body.data.map((user: { email: string }) => user.email)).toEqual([
      'developer.telemetryflow@telemetryflow.id',
    ]);
    expect((await team.as(ADMIN, 'GET', '/users?limit=101')).status).toBe(400);
  });

  it('never show another organization to its administrator; the super administrator sees it', async () => {
    for (const query of ['', '?search=turing', '?email=alan@example.org', `?tenantId=${foreignTenantId}`]) {
      const { body } = await team.as(ADMIN, 'GET', `/users${query}`);
      expect(JSON.stringify(body)).not.toContain('alan@example.org');
    }
    const path = `/users/${foreignUserId}`;
    for (const [method, suffix, body] of [
      ['GET', ''],
      ['GET', '/roles'],
      ['GET', '/permissions'],
      ['PATCH', '', { firstName: 'Stolen' }],
      ['DELETE', ''],
      ['POST', '/activate'],
      ['POST', '/deactivate'],
      ['POST', '/unlock'],
      ['POST', '/invite'],
      ['PUT', '/password', { password: 'stolen goods never prosper 9' }],
      ['POST', '/roles', { roleId: newId() }],
      ['POST', '/permissions', { permission: 'logs:read' }],
      ['DELETE', `/roles/${newId()}`],
      ['DELETE', `/permissions/${newId()}`],
    ] as const) {
      expect((await team.as(ADMIN, method, path + suffix, body)).status, `${method} ${suffix}`).toBe(404);
    }
    const seen = await team.as(SUPER, 'GET', '/users?search=turing');
    expect(seen.body.data.map((user: { id: string }) => user.id)).toEqual([foreignUserId]);
    const renamed = await team.as(SUPER, 'PATCH', path, { firstName: 'Alan M.' });
    expect(renamed.body).toMatchObject({ firstName: 'Alan M.', email: 'alan@example.org' });
    const [act] = await team.acts(foreignUserId);
    expect(act!.payload['organizationId']).toBe(renamed.body.organizationId);
  });

  it('answers 400 for a malformed and 404 for an unknown id', async () => {
    expect((await team.as(ADMIN, 'GET', '/users/42')).status).toBe(400);
    expect((await team.as(ADMIN, 'GET', `/users/${newId()}`)).status).toBe(404);
  });
});

describe('changing a user', () => {
  it('changes what is given, and records before and after', async () => {
    const { body } = await create();
    const changed = await team.as(ADMIN, 'PATCH', `/users/${body.id}`, {
      firstName: 'Augusta',
      lastName: 'Lovelace',
      timezone: 'Asia/Jakarta',
      locale: 'id-ID',
      email: 'other@example.com',
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      firstName: 'Augusta',
      timezone: 'Asia/Jakarta',
      locale: 'id-ID',
      email: body.email,
    });
    const act = (await team.acts(body.id)).at(-1)!;
    expect(act).toMatchObject({
      type: 'user.updated',
      payload: { before: { firstName: 'Ada', timezone: 'UTC' }, after: { firstName: 'Augusta' } },
    });
    expect(act.payload['after']).not.toHaveProperty('lastName');
  });

  it('refuses time zones and languages that do not exist, together', async () => {
    const { body } = await create();
    const refused = await team.as(ADMIN, 'PATCH', `/users/${body.id}`, { timezone: 'Mars/Olympus', locale: 'x_y' });
    expect(refused.status).toBe(400);
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual(['timezone', 'locale']);
  });

  it('moves the place a login starts in only within the organization', async () => {
    const { body } = await create();
    expect((await team.as(ADMIN, 'PATCH', `/users/${body.id}`, { tenantId: foreignTenantId })).status).toBe(404);
    const siblingId = newId();
    const { workspaceId, organizationId } = server.seeded.places.default;
    await server.sql(
      `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, 'sib', 'Sib')`,
      [siblingId, workspaceId, organizationId],
    );
    const moved = await team.as(ADMIN, 'PATCH', `/users/${body.id}`, { tenantId: siblingId });
    expect(moved.body.tenantId).toBe(siblingId);
  });
});

describe('keeping a user out', () => {
  it.each([
    ['deactivated', (id: string) => team.as(ADMIN, 'POST', `/users/${id}/deactivate`), 200],
    ['deleted', (id: string) => team.as(ADMIN, 'DELETE', `/users/${id}`), 204],
  ])('B10: a %s user’s live token is refused with the next request', async (_, act, status) => {
    const user = await team.add();
    expect((await team.as(user.auth, 'GET', '/auth/me')).status).toBe(200);
    expect((await act(user.id)).status).toBe(status);
    expect((await team.as(user.auth, 'GET', '/auth/me')).status).toBe(401);
    const [live] = await server.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM sessions WHERE user_id = $1 AND ended_at IS NULL',
      [user.id],
    );
    expect(live!.n).toBe(0);
    await expect(team.signIn(user.email)).rejects.toThrow('AUTH_INVALID_CREDENTIALS');
  });

  it('deactivates and activates once: of two at the same time one wins', async () => {
    const { body } = await create();
    const twice = (verb: string) =>
      Promise.all([1, 2].map(() => team.as(ADMIN, 'POST', `/users/${body.id}/${verb}`))).then((answers) =>
        answers.map(({ status }) => status).sort(),
      );
    expect(await twice('deactivate')).toEqual([200, 409]);
    expect((await team.as(ADMIN, 'GET', `/users?isActive=false`)).body.data[0].id).toBe(body.id);
    expect(await twice('activate')).toEqual([200, 409]);
    await team.signIn(body.email);
    const types = (await team.acts(body.id)).map(({ type }) => type);
    expect(types.filter((type) => /activated/.test(type))).toEqual(['user.deactivated', 'user.activated']);
  });

  it('lets a deleted user’s address register again, and the old one stays gone', async () => {
    const { body } = await create();
    expect((await team.as(ADMIN, 'DELETE', `/users/${body.id}`)).status).toBe(204);
    expect((await team.as(ADMIN, 'GET', `/users/${body.id}`)).status).toBe(404);
    expect((await team.as(ADMIN, 'DELETE', `/users/${body.id}`)).status).toBe(404);
    const again = await create({ email: body.email });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(body.id);
    const found = await team.as(ADMIN, 'GET', `/users?email=${body.email}`);
    expect(found.body.data.map((user: { id: string }) => user.id)).toEqual([again.body.id]);
  });

  it('does not let anyone shut themself out', async () => {
    const own = await idOf(ADMIN);
    expect((await team.as(ADMIN, 'POST', `/users/${own}/deactivate`)).status).toBe(409);
    expect((await team.as(ADMIN, 'DELETE', `/users/${own}`)).status).toBe(409);
    const request = { password: 'another fine horse staple 4' };
    expect((await team.as(ADMIN, 'PUT', `/users/${own}/password`, request)).status).toBe(409);
  });

  it('does not let an administrator touch who holds a stronger tier', async () => {
    const path = `/users/${await idOf(SUPER)}`;
    for (const [method, suffix, body] of [
      ['PATCH', '', { firstName: 'Sub' }],
      ['POST', '/deactivate'],
      ['DELETE', ''],
      ['PUT', '/password', { password: 'stolen goods never prosper 9' }],
      ['POST', '/permissions', { permission: 'logs:read', effect: 'deny' }],
    ] as const) {
      expect((await team.as(ADMIN, method, path + suffix, body)).status, `${method} ${suffix}`).toBe(403);
    }
  });
});

describe('locks and passwords', () => {
  it('opens a locked account', async () => {
    const { body } = await create();
    for (let i = 0; i < 5; i += 1)
      await expect(team.signIn(body.email, 'a wrong guess')).rejects.toThrow('AUTH_INVALID');
    expect((await team.as(ADMIN, 'GET', `/users/${body.id}`)).body.isLocked).toBe(true);
    expect((await team.as(ADMIN, 'GET', '/users')).body.counts.locked).toBe(1);
    await expect(team.signIn(body.email)).rejects.toThrow('AUTH_INVALID_CREDENTIALS');
    const unlocked = await team.as(ADMIN, 'POST', `/users/${body.id}/unlock`);
    expect([unlocked.status, unlocked.body.isLocked]).toEqual([200, false]);
    await team.signIn(body.email);
    expect((await team.acts(body.id)).map(({ type }) => type)).toContain('user.unlocked');
  });

  it('sets another password: sessions end, the lock is lifted, the next one has to be chosen', async () => {
    const user = await team.add();
    const password = 'purple monkey dishwasher 42';
    const weak = await team.as(ADMIN, 'PUT', `/users/${user.id}/password`, { password: 'short' });
    expect(weak.status).toBe(400);
    const reused = await team.as(ADMIN, 'PUT', `/users/${user.id}/password`, { password: team.password });
    expect(reused.body.errors).toMatchObject([{ path: 'password', code: 'reused' }]);
    expect((await team.as(user.auth, 'GET', '/auth/me')).status).toBe(200);
    expect((await team.as(ADMIN, 'PUT', `/users/${user.id}/password`, { password })).status).toBe(204);
    expect((await team.as(user.auth, 'GET', '/auth/me')).status).toBe(401);
    await expect(team.signIn(user.email)).rejects.toThrow('AUTH_INVALID_CREDENTIALS');
    const login = await server.request('POST', '/api/v2/auth/login', { body: { email: user.email, password } });
    expect(login.status).toBe(200);
    expect((await team.as(ADMIN, 'GET', `/users/${user.id}`)).body.forcePasswordChange).toBe(true);
    const act = (await team.acts(user.id)).find(({ type }) => type === 'user.password_set')!;
    expect(JSON.stringify(act)).not.toMatch(/purple|argon2/);
  });

  it('invites again, but not who is deactivated', async () => {
    const { body } = await create();
    expect((await team.as(ADMIN, 'POST', `/users/${body.id}/invite`)).status).toBe(202);
    expect((await team.acts(body.id)).at(-1)!.type).toBe('user.invited');
    await team.as(ADMIN, 'POST', `/users/${body.id}/deactivate`);
    expect((await team.as(ADMIN, 'POST', `/users/${body.id}/invite`)).status).toBe(409);
  });
});
