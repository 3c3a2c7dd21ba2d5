import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterEvents, PlatformEvent } from '../../src/shared/messaging/index.js';
import { newId } from '../../src/shared/platform/index.js';
import { ADMIN, HierarchyCalls, type Ids, SUPER, unique } from './hierarchy-calls.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;
let on: HierarchyCalls;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  on = new HierarchyCalls(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

type Tree = Ids & { readonly regionId: string };
const LEVELS = [
  ['regions', (ids: Tree) => ids.regionId],
  ['organizations', (ids: Tree) => ids.organizationId],
  ['workspaces', (ids: Tree) => ids.workspaceId],
  ['tenants', (ids: Tree) => ids.tenantId],
] as const;

/** A key of the tenant, and what it answers when it is presented. */
async function keyFor(who: Record<string, string>, ids: Ids) {
  const answer = await on.call(who, 'POST', '/api-keys', {
    name: unique('key'),
    scope: { type: 'tenant', tenantId: ids.tenantId },
    permissions: ['metrics:read'],
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const headers = { 'x-api-key-id': answer.body.keyId, 'x-api-key-secret': answer.body.keySecret };
  return async () => (await server.request('GET', '/probe/metrics', { headers })).status;
}

describe.each(LEVELS)('deactivating one of the %s', (path, idOf) => {
  it('closes logins, sessions and keys of everything in it at once, and opens logins and keys again', async () => {
    const ids = await on.tree();
    const { email } = await on.person(ids, 'administrator');
    const first = await on.login(email);
    const session = { authorization: `Bearer ${first.body.access_token}` };
    const presented = await keyFor(session, ids);
    const probe = async () => (await server.request('GET', '/probe/metrics', { headers: session })).status;
    // All of it is known to the caches by now.
    expect([await probe(), await presented()]).toEqual([200, 200]);

    const closed = await on.call(SUPER, 'PATCH', `/${path}/${idOf(ids)}/deactivate`);
    expect([closed.status, closed.body]).toMatchObject([200, { id: idOf(ids), isActive: false }]);
    expect([await probe(), await presented()]).toEqual([401, 401]);
    const refused = await on.login(email);
    expect([refused.status, refused.body.code]).toEqual([401, 'AUTH_INVALID_CREDENTIALS']);
    const refresh = await server.request('POST', '/api/v2/auth/refresh', {
      body: { refresh_token: first.body.refresh_token },
    });
    expect(refresh.status).toBe(401);
    // Nobody else goes there either: not even the platform's administrators.
    const elsewhere = { ...(await server.as(SUPER)), 'x-tenant-id': ids.tenantId };
    expect((await server.request('GET', '/probe/metrics', { headers: elsewhere })).status).toBe(404);

    const open = await on.call(SUPER, 'PATCH', `/${path}/${idOf(ids)}/activate`);
    expect([open.status, open.body]).toMatchObject([200, { isActive: true }]);
    expect(await presented()).toBe(200);
    expect((await on.login(email)).status).toBe(200);
    // The session was ended, not put to sleep.
    expect(await probe()).toBe(401);
    const acts = (await on.acts(idOf(ids))).map(({ type, payload }) => [type, payload['before'], payload['after']]);
    const level = path.slice(0, -1);
    expect(acts.slice(1)).toEqual([
      [`${level}.deactivated`, { isActive: true }, { isActive: false }],
      [`${level}.activated`, { isActive: false }, { isActive: true }],
    ]);
  });

  it('happens once, however many ask for it at the same time', async () => {
    const ids = await on.tree();
    const target = `/${path}/${idOf(ids)}`;
    expect(await on.race(SUPER, 'PATCH', `${target}/deactivate`)).toEqual([200, 200, 200, 200, 200]);
    expect(await on.race(SUPER, 'PATCH', `${target}/activate`)).toEqual([200, 200, 200, 200, 200]);
    const acts = (await on.acts(idOf(ids))).map(({ type }) => type.split('.')[1]);
    expect(acts).toEqual(['created', 'deactivated', 'activated']);
  });
});

describe('a closed place', () => {
  it('stays closed below while something above it is closed', async () => {
    const ids = await on.tree();
    const { email } = await on.person(ids, 'viewer');
    await on.call(SUPER, 'PATCH', `/organizations/${ids.organizationId}/deactivate`);
    await on.call(SUPER, 'PATCH', `/tenants/${ids.tenantId}/activate`);
    expect((await on.login(email)).status).toBe(401);
  });

  it('closes only what is in it', async () => {
    const ids = await on.tree();
    const sibling = await on.created('/tenants', { code: unique('tn'), workspaceId: ids.workspaceId });
    const { email } = await on.person({ ...ids, tenantId: sibling.id }, 'viewer');
    const session = await on.signedIn(email);
    await on.call(SUPER, 'PATCH', `/tenants/${ids.tenantId}/deactivate`);
    expect((await server.request('GET', '/probe/metrics', { headers: session })).status).toBe(200);
    const there = { ...session, 'x-tenant-id': ids.tenantId };
    expect((await server.request('GET', '/probe/metrics', { headers: there })).status).toBe(404);
  });

  it('is forgotten by the caches of other nodes when the event reaches them', async () => {
    const ids = await on.tree();
    const { email } = await on.person(ids, 'viewer');
    const session = await on.signedIn(email);
    const headers = { ...(await server.as(SUPER)), 'x-tenant-id': ids.tenantId };
    const statuses = async () => [
      (await server.request('GET', '/probe/metrics', { headers: session })).status,
      (await server.request('GET', '/probe/metrics', { headers })).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    // As another node does it: the database changes, and this node is told by the event alone.
    await server.sql('UPDATE tenants SET is_active = false WHERE tenant_id = $1', [ids.tenantId]);
    expect(await statuses()).toEqual([200, 200]);
    const payload = { aggregateId: ids.tenantId };
    const event = new PlatformEvent(newId(), 'tenant.deactivated', payload, ids.organizationId, new Date());
    server.app.get(ClusterEvents).deliver(event);
    expect(await statuses()).toEqual([401, 404]);
  });

  it('may be closed by the administrator of its organization, and by nobody of another', async () => {
    const ids = await on.tree();
    const spare = await on.created('/tenants', { code: unique('tn'), workspaceId: ids.workspaceId });
    const { email } = await on.person(ids, 'administrator');
    expect((await on.call(ADMIN, 'PATCH', `/tenants/${spare.id}/deactivate`)).status).toBe(404);
    const closed = await on.call(await on.signedIn(email), 'PATCH', `/tenants/${spare.id}/deactivate`);
    expect([closed.status, closed.body.isActive]).toEqual([200, false]);
  });
});

describe('what the platform needs', () => {
  it('can be neither closed nor deleted: its own workspace, and the home of its last super administrator', async () => {
    const { default: home, platform } = server.seeded.places;
    const [organization] = await server.sql<{ region_id: string }>(
      'SELECT region_id FROM organizations WHERE organization_id = $1',
      [home.organizationId],
    );
    for (const target of [
      `/regions/${organization!.region_id}`,
      `/organizations/${home.organizationId}`,
      `/workspaces/${home.workspaceId}`,
      `/tenants/${home.tenantId}`,
      `/workspaces/${platform.workspaceId}`,
      `/tenants/${platform.tenantId}`,
    ]) {
      expect((await on.call(SUPER, 'PATCH', `${target}/deactivate`)).status, target).toBe(409);
      expect((await on.call(SUPER, 'DELETE', target)).status, target).toBe(409);
    }
    // For the organization's own administrator the reserved workspace does not exist.
    expect((await on.call(ADMIN, 'PATCH', `/workspaces/${platform.workspaceId}/deactivate`)).status).toBe(404);
    expect((await on.call(ADMIN, 'PATCH', `/tenants/${platform.tenantId}/deactivate`)).status).toBe(404);
    expect((await on.call(ADMIN, 'PATCH', `/tenants/${home.tenantId}/deactivate`)).status).toBe(409);
    const planted = { code: unique('tn'), name: 'x', workspaceId: platform.workspaceId };
    expect((await on.call(SUPER, 'POST', '/tenants', planted)).status).toBe(409);
    expect((await on.call(ADMIN, 'POST', '/tenants', planted)).status).toBe(404);
  });

  it('may be closed once another super administrator is at home elsewhere, but not both homes at once', async () => {
    const { default: home } = server.seeded.places;
    const at = {
      ...home,
      tenantId: (await on.created('/tenants', { code: unique('tn'), workspaceId: home.workspaceId })).id,
    };
    const { userId } = await on.person(at, 'super_administrator', { type: 'platform' });
    // The first is moved to a tenant of its own, so that the seeded one stays open for the other tests.
    const own = await on.created('/tenants', { code: unique('tn'), workspaceId: home.workspaceId });
    await server.sql(`UPDATE users SET tenant_id = $1 WHERE email = 'super.administrator@telemetryflow.id'`, [own.id]);
    const session = await server.as(SUPER);
    const [one, two] = await Promise.all([
      on.call(session, 'PATCH', `/tenants/${own.id}/deactivate`),
      on.call(session, 'PATCH', `/tenants/${at.tenantId}/deactivate`),
    ]);
    // The one that closes the caller's own home may end the caller's session before the other is looked at.
    const statuses = [one.status, two.status].sort();
    expect([
      [200, 401],
      [200, 409],
      [200, 404],
    ]).toContainEqual(statuses);
    const open = await server.sql('SELECT 1 FROM tenants WHERE tenant_id = ANY($1) AND is_active', [
      [own.id, at.tenantId],
    ]);
    expect(open.length).toBe(1);
    await server.sql('UPDATE tenants SET is_active = true WHERE tenant_id = $1', [own.id]);
    await server.sql('UPDATE users SET tenant_id = $1, is_active = (user_id <> $2) WHERE user_id = $2 OR email = $3', [
      home.tenantId,
      userId,
      'super.administrator@telemetryflow.id',
    ]);
  });
});
