import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessDirectory, Quotas } from '../../src/modules/100-core/index.js';
import { newId } from '../../src/shared/platform/index.js';
import { ADMIN, DEMO, HierarchyCalls, type Ids, SUPER, unique, VIEWER } from './hierarchy-calls.js';
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

async function listed(who: Parameters<HierarchyCalls['call']>[0], path: string): Promise<string[]> {
  const { status, body } = await on.call(who, 'GET', `${path}?limit=100`);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.meta.total).toBe(body.data.length);
  return body.data.map(({ id }: { id: string }) => id).sort();
}

describe('what lists and reads show', () => {
  it('B12: is of the own organization only, whatever is asked, but for the platform’s administrators', async () => {
    const [own, foreign] = [await on.tree(), await on.tree()];
    const { email } = await on.person(own, 'administrator');
    const session = await on.signedIn(email);
    expect(await listed(session, '/organizations')).toEqual([own.organizationId]);
    expect(await listed(session, '/workspaces')).toEqual([own.workspaceId]);
    expect(await listed(session, '/tenants')).toEqual([own.tenantId]);
    // Regions are everyone's; how many organizations others have there is not.
    const regions = await on.call(session, 'GET', '/regions?limit=100');
    const organizations = Object.fromEntries(
      regions.body.data.map((region: { id: string; organizations: number }) => [region.id, region.organizations]),
    );
    expect([organizations[own.regionId], organizations[foreign.regionId]]).toEqual([1, 0]);

    for (const query of [
      `organizationId=${foreign.organizationId}`,
      `workspaceId=${foreign.workspaceId}`,
      'deleted=true',
    ]) {
      expect((await on.call(session, 'GET', `/tenants?${query}`)).body, query).toMatchObject({
        data: [],
        meta: { total: 0 },
      });
    }
    for (const [path, id, changes] of [
      ['/organizations', foreign.organizationId, { name: 'Stolen' }],
      ['/workspaces', foreign.workspaceId, { name: 'Stolen' }],
      ['/tenants', foreign.tenantId, { name: 'Stolen' }],
    ] as const) {
      const target = `${path}/${id}`;
      const unknown = await on.call(session, 'GET', `${path}/${newId()}`);
      for (const [method, suffix, body] of [
        ['GET', '', undefined],
        ['PATCH', '', changes],
        ['PATCH', '/activate', undefined],
        ['PATCH', '/deactivate', undefined],
      ] as const) {
        const refused = await on.call(session, method, `${target}${suffix}`, body);
        // Foreign and unknown look the same.
        expect([refused.status, refused.body.detail], `${method} ${target}${suffix}`).toEqual([
          404,
          unknown.body.detail,
        ]);
      }
      expect([403, 404]).toContain((await on.call(session, 'DELETE', target)).status);
    }
    for (const [path, draft] of [
      ['/workspaces', { organizationId: foreign.organizationId }],
      ['/tenants', { workspaceId: foreign.workspaceId }],
    ] as const) {
      expect((await on.call(session, 'POST', path, { ...draft, code: unique('planted'), name: 'x' })).status).toBe(404);
    }
    for (const [method, path] of [
      ['GET', `/workspaces/${foreign.workspaceId}/quotas`],
      ['PUT', `/workspaces/${foreign.workspaceId}/quotas`],
      ['GET', `/organizations/${foreign.organizationId}/administrators`],
      ['PUT', `/organizations/${foreign.organizationId}/settings`],
    ] as const) {
      expect((await on.call(session, method, path, method === 'PUT' ? {} : undefined)).status, path).toBe(404);
    }
    const everywhere = await listed(SUPER, '/tenants');
    expect(everywhere).toEqual(expect.arrayContaining([own.tenantId, foreign.tenantId]));
    const [untouched] = await server.sql('SELECT name FROM tenants WHERE tenant_id = $1', [foreign.tenantId]);
    expect(untouched).toEqual({ name: 'Some name' });
  });

  it('is of the own workspace only for whoever holds no more', async () => {
    const ids = await on.tree();
    const sibling = await on.created('/workspaces', { code: unique('ws'), organizationId: ids.organizationId });
    const other = await on.created('/tenants', { code: unique('tn'), workspaceId: sibling.id });
    const { email } = await on.person(ids, 'administrator', { type: 'workspace', id: ids.workspaceId });
    const session = await on.signedIn(email);
    expect(await listed(session, '/workspaces')).toEqual([ids.workspaceId]);
    expect(await listed(session, '/tenants')).toEqual([ids.tenantId]);
    for (const [method, path, body] of [
      ['GET', `/workspaces/${sibling.id}`, undefined],
      ['PATCH', `/workspaces/${sibling.id}`, { name: 'Stolen' }],
      ['GET', `/tenants/${other.id}`, undefined],
      ['DELETE', `/tenants/${other.id}`, undefined],
      ['POST', '/tenants', { code: unique('tn'), name: 'x', workspaceId: sibling.id }],
    ] as const) {
      expect((await on.call(session, method, path, body)).status, `${method} ${path}`).toBe(404);
    }
    expect((await on.call(session, 'PATCH', `/workspaces/${ids.workspaceId}`, { name: 'Mine' })).status).toBe(200);
    // Organizations are not theirs to see, nor to add workspaces to.
    expect((await on.call(session, 'GET', '/organizations')).status).toBe(403);
    expect((await on.call(session, 'POST', '/workspaces', { code: unique('ws'), name: 'x' })).status).toBe(403);
  });

  it('needs the permission where the thing lies: a platform-wide viewer administers only at home', async () => {
    const [own, foreign] = [await on.tree(), await on.tree()];
    const { userId, email } = await on.person(own, 'administrator');
    await on.assign(userId, own.organizationId, 'viewer', { type: 'platform' });
    const session = await on.signedIn(email);
    expect((await on.call(session, 'PATCH', `/tenants/${own.tenantId}`, { name: 'Mine' })).status).toBe(200);
    expect((await on.call(session, 'GET', `/tenants/${foreign.tenantId}`)).status).toBe(200);
    for (const [method, path, body] of [
      ['PATCH', `/tenants/${foreign.tenantId}`, { name: 'Stolen' }],
      ['PATCH', `/workspaces/${foreign.workspaceId}/deactivate`, undefined],
      ['DELETE', `/tenants/${foreign.tenantId}`, undefined],
      ['PUT', `/workspaces/${foreign.workspaceId}/quotas`, {}],
      ['POST', '/tenants', { code: unique('tn'), name: 'x', workspaceId: foreign.workspaceId }],
    ] as const) {
      expect((await on.call(session, method, path, body)).status, `${method} ${path}`).toBe(403);
    }
  });

  it('leaves out what is denied', async () => {
    const ids = await on.tree();
    const sibling = await on.created('/workspaces', { code: unique('ws'), organizationId: ids.organizationId });
    const { userId, email } = await on.person(ids, 'administrator');
    const session = await on.signedIn(email);
    expect(await listed(session, '/workspaces')).toEqual([ids.workspaceId, sibling.id].sort());
    await server.sql(
      `INSERT INTO permission_grants (permission_grant_id, user_id, permission_id, organization_id, effect, scope_type, scope_id)
       SELECT $1, $2, permission_id, $3, 'deny', 'workspace', $4 FROM permissions WHERE name = 'workspaces:read'`,
      [newId(), userId, ids.organizationId, sibling.id],
    );
    server.app.get(AccessDirectory).evict(userId);
    expect(await listed(session, '/workspaces')).toEqual([ids.workspaceId]);
    expect((await on.call(session, 'GET', `/workspaces/${sibling.id}`)).status).toBe(404);
  });

  it('hides the platform’s own workspace from everyone else, also in counts', async () => {
    const { default: home, platform } = server.seeded.places;
    for (const who of [ADMIN, VIEWER]) {
      expect(await listed(who, '/workspaces')).not.toContain(platform.workspaceId);
      expect(await listed(who, '/tenants')).not.toContain(platform.tenantId);
      expect((await on.call(who, 'GET', `/workspaces/${platform.workspaceId}`)).status).toBe(404);
      expect((await on.call(who, 'GET', `/tenants/${platform.tenantId}`)).status).toBe(404);
      const workspaces = (await listed(who, '/workspaces')).length;
      expect((await on.call(who, 'GET', `/organizations/${home.organizationId}`)).body.workspaces).toBe(workspaces);
      expect((await on.call(who, 'GET', '/organizations/me')).body.workspaces).toBe(workspaces);
    }
    expect(await listed(SUPER, '/tenants')).toContain(platform.tenantId);
  });

  it('keeps Demo reading, in the demo organization', async () => {
    const { demo, default: home } = server.seeded.places;
    expect(await listed(DEMO, '/organizations')).toEqual([demo.organizationId]);
    expect(await listed(DEMO, '/workspaces')).toEqual([demo.workspaceId]);
    expect(await listed(DEMO, '/tenants')).toEqual([demo.tenantId]);
    expect((await on.call(DEMO, 'GET', `/tenants/${home.tenantId}`)).status).toBe(404);
    expect((await on.call(DEMO, 'PATCH', `/tenants/${demo.tenantId}`, { name: 'x' })).status).toBe(403);
    expect(
      (await on.call(DEMO, 'POST', '/tenants', { code: unique('tn'), name: 'x', workspaceId: demo.workspaceId }))
        .status,
    ).toBe(403);
  });
});

describe('quotas of a workspace', () => {
  it('are set by the organization, read by the workspace, and known to other modules at once', async () => {
    const ids = await on.tree();
    const path = `/workspaces/${ids.workspaceId}/quotas`;
    const quotas = { maxMetricsPerMonth: 1000, maxUsers: 5, maxRetentionDays: null };
    expect(await server.app.get(Quotas).quotasOf(ids.workspaceId)).toEqual({});
    const { email } = await on.person(ids, 'administrator', { type: 'workspace', id: ids.workspaceId });
    const inWorkspace = await on.signedIn(email);
    // No workspace sets its own.
    expect((await on.call(inWorkspace, 'PUT', path, quotas)).status).toBe(403);
    const set = await on.call(SUPER, 'PUT', path, quotas);
    expect([set.status, set.body]).toEqual([200, quotas]);
    expect((await on.call(inWorkspace, 'GET', path)).body).toEqual(quotas);
    expect(await server.app.get(Quotas).quotasOf(ids.workspaceId)).toEqual(quotas);
    expect((await on.acts(ids.workspaceId)).at(-1)).toMatchObject({
      type: 'workspace.quotas_changed',
      payload: { before: { quotas: {} }, after: { quotas } },
    });
    for (const [field, value] of [
      ['maxUsers', 0],
      ['maxLogsPerMonth', -1],
      ['maxRetentionDays', 3651],
      ['maxTenants', 1.5],
      ['maxDashboards', 'many'],
    ] as const) {
      const refused = await on.call(SUPER, 'PUT', path, { [field]: value });
      expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([400, field]);
    }
    expect(await server.app.get(Quotas).quotasOf(newId())).toEqual({});
  });

  it('let exactly one of several take the last tenant', async () => {
    const ids: Ids = await on.tree();
    await on.call(SUPER, 'PUT', `/workspaces/${ids.workspaceId}/quotas`, { maxTenants: 2 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        on.call(SUPER, 'POST', '/tenants', { code: unique('tn'), name: 'x', workspaceId: ids.workspaceId }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });
});
