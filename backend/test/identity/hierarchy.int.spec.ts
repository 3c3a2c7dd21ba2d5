import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { ADMIN, DEMO, DEVELOPER, HierarchyCalls, SUPER, unique, VIEWER } from './hierarchy-calls.js';
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

/** A request of each level that would be good under the given parents. */
function drafts(ids: { regionId: string; organizationId: string; workspaceId: string }) {
  return [
    ['/regions', {}],
    ['/organizations', { regionId: ids.regionId }],
    ['/workspaces', { organizationId: ids.organizationId }],
    ['/tenants', { workspaceId: ids.workspaceId }],
  ] as const;
}

describe('the hierarchy', () => {
  it('creates, reads, changes and lists every level', async () => {
    const region = await on.created('/regions', { code: unique('r'), name: 'Frankfurt', dataLocation: 'Germany' });
    expect(region).toMatchObject({ name: 'Frankfurt', description: '', dataLocation: 'Germany', organizations: 0 });
    const organization = await on.created('/organizations', {
      code: unique('org'),
      regionId: region.id,
      domain: 'Example.COM',
    });
    expect(organization).toMatchObject({ regionId: region.id, domain: 'example.com', workspaces: 0, users: 0 });
    const workspace = await on.created('/workspaces', {
      code: unique('ws'),
      organizationId: organization.id,
      datasourceConfig: { a: [1] },
    });
    expect(workspace).toMatchObject({ organizationId: organization.id, datasourceConfig: { a: [1] }, quotas: {} });
    const tenant = await on.created('/tenants', {
      code: unique('tn'),
      workspaceId: workspace.id,
      settings: { colour: 'red' },
    });
    expect(tenant).toMatchObject({ organizationId: organization.id, workspaceId: workspace.id, isActive: true });

    for (const [path, node, changes] of [
      ['/regions', region, { name: 'Frankfurt am Main' }],
      ['/organizations', organization, { domain: null }],
      ['/workspaces', workspace, { datasourceConfig: { b: true } }],
      ['/tenants', tenant, { description: 'line one\nline two' }],
    ] as const) {
      const read = await on.call(SUPER, 'GET', `${path}/${node.id}`);
      expect([read.status, read.body]).toEqual([200, expect.objectContaining({ code: node.code, deletedAt: null })]);
      // The code is no part of a change: unknown fields are ignored.
      const changed = await on.call(SUPER, 'PATCH', `${path}/${node.id}`, { ...changes, code: 'another' });
      expect([changed.status, changed.body]).toMatchObject([200, { ...changes, code: node.code }]);
      // Saying it again is no act.
      await on.call(SUPER, 'PATCH', `${path}/${node.id}`, changes);
      const list = await on.call(SUPER, 'GET', `${path}?search=${node.code}`);
      expect(list.body).toMatchObject({ data: [{ id: node.id }], meta: { page: 1, limit: 20, total: 1 } });
      const level = path.slice(1, -1);
      const acts = await on.acts(node.id);
      expect(acts.map(({ type }) => type)).toEqual([`${level}.created`, `${level}.updated`]);
      expect(acts[0]!.payload).toMatchObject({
        after: { code: node.code },
        actor: { type: 'user' },
        result: 'success',
      });
      expect(acts[1]!.payload).toMatchObject({ after: changes });
      expect(Object.keys(acts[1]!.payload['before'] as object)).toEqual(Object.keys(changes));
      if (level !== 'region') expect(acts[0]!.organization_id).toBe(organization.id);
    }
    expect((await on.call(SUPER, 'GET', `/organizations/${organization.id}`)).body.workspaces).toBe(1);
    expect((await on.call(SUPER, 'GET', `/regions/${region.id}`)).body.organizations).toBe(1);
  });

  it('B15: duplicate codes 409, bad codes and ids 400, unknown ids 404', async () => {
    const ids = await on.tree();
    for (const [path, draft] of drafts(ids)) {
      const code = unique('code');
      await on.created(path, { ...draft, code });
      const again = await on.call(SUPER, 'POST', path, { ...draft, code, name: 'Another' });
      expect([again.status, again.body.errors]).toMatchObject([409, [{ path: 'code', code: 'taken' }]]);

      for (const bad of [
        '',
        'a',
        'Upper-Case',
        '-begins',
        'white space',
        'ünïcode',
        'x'.repeat(51),
        'a\u0000b',
        'a_b',
      ]) {
        const refused = await on.call(SUPER, 'POST', path, { ...draft, code: bad, name: '' });
        // Every field error at once, each with its field.
        expect(refused.status, bad).toBe(400);
        expect(refused.body.errors.map((error: { path: string }) => error.path).sort()).toEqual(
          expect.arrayContaining(['code', 'name']),
        );
      }
      for (const [method, suffix, body] of [
        ['GET', '', undefined],
        ['PATCH', '', { name: 'Another' }],
        ['DELETE', '', undefined],
        ['POST', '/restore', undefined],
        ['PATCH', '/activate', undefined],
        ['PATCH', '/deactivate', undefined],
      ] as const) {
        expect((await on.call(SUPER, method, `${path}/${newId()}${suffix}`, body)).status, `${method} ${suffix}`).toBe(
          404,
        );
        const malformed = await on.call(SUPER, method, `${path}/not-a-uuid${suffix}`, body);
        expect([malformed.status, malformed.body.errors[0].path]).toEqual([400, 'id']);
      }
    }
    const nowhere = { regionId: newId(), organizationId: newId(), workspaceId: newId() };
    for (const [path, draft] of drafts(nowhere).slice(1)) {
      const orphan = await on.call(SUPER, 'POST', path, { ...draft, code: unique('orphan'), name: 'Orphan' });
      expect(orphan.status, path).toBe(404);
    }
  });

  it('lets workspaces of two organizations, and tenants of two workspaces, share a code', async () => {
    const [one, two] = [await on.tree(), await on.tree()];
    for (const ids of [one, two]) {
      await on.created('/workspaces', { code: 'shared', organizationId: ids.organizationId });
      await on.created('/tenants', { code: 'shared', workspaceId: ids.workspaceId });
    }
  });

  it('lets exactly one of several win that create the same code at once', async () => {
    const ids = await on.tree();
    for (const [path, draft] of drafts(ids)) {
      const statuses = await on.race(SUPER, 'POST', path, { ...draft, code: unique('raced'), name: 'Raced' });
      expect(statuses, path).toEqual([201, 409, 409, 409, 409]);
    }
  });

  it('stores hostile text inert, and refuses what has no place in the store', async () => {
    const ids = await on.tree();
    const inert = [
      `<script>alert('x')</script>`,
      `=cmd|'/c calc'!A1`,
      `'; DROP TABLE tenants; --`,
      '\u202egnp.exe',
      '👩‍👩‍👧‍👦 % _ \\',
      'ⱤⱢ'.repeat(127),
    ];
    for (const name of inert) {
      const tenant = await on.created('/tenants', { code: unique('tn'), workspaceId: ids.workspaceId, name });
      expect(tenant.name).toBe(name);
      const found = await on.call(
        SUPER,
        'GET',
        `/tenants?workspaceId=${ids.workspaceId}&search=${encodeURIComponent(name.slice(0, 200))}`,
      );
      expect(found.body.data, name).toMatchObject([{ id: tenant.id, name }]);
    }
    for (const [field, value] of [
      ['name', 'a\u0000b'],
      ['name', 'x'.repeat(256)],
      ['name', 'x'.repeat(10_240)],
      ['name', 42],
      ['description', 'x'.repeat(1001)],
      ['domain', 'not a domain'],
      ['settings', { deep: 'a\u0000b' }],
      ['settings', { ['a\u0000b']: 1 }],
      ['settings', { half: '\ud800' }],
      ['settings', { long: 'x'.repeat(17_000) }],
      ['settings', JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`)],
      ['settings', ['a', 'list']],
      ['settings', 'text'],
    ] as const) {
      const body = { code: unique('tn'), workspaceId: ids.workspaceId, name: 'x', [field]: value };
      const refused = await on.call(SUPER, 'POST', '/tenants', body);
      expect(
        [refused.status, refused.body.errors?.[0]?.path],
        `${field}: ${JSON.stringify(value).slice(0, 40)}`,
      ).toEqual([400, field]);
    }
    for (const query of [
      'limit=101',
      'limit=0',
      'page=0',
      'page=x',
      'isActive=perhaps',
      'search=%00',
      'workspaceId=x',
    ]) {
      expect((await on.call(SUPER, 'GET', `/tenants?${query}`)).status, query).toBe(400);
    }
    expect((await on.call(SUPER, 'GET', '/tenants?page=9007199254740991&limit=100')).body.data).toEqual([]);
  });

  it('filters and pages its lists', async () => {
    const ids = await on.tree();
    const names = ['beta', 'Alpha', 'gamma', 'Delta'];
    for (const name of names) await on.created('/tenants', { code: unique('tn'), workspaceId: ids.workspaceId, name });
    const page = async (query: string) =>
      (await on.call(SUPER, 'GET', `/tenants?workspaceId=${ids.workspaceId}&${query}`)).body;
    const all = await page('');
    expect(all.data.map(({ name }: { name: string }) => name)).toEqual([
      'Alpha',
      'beta',
      'Delta',
      'gamma',
      'Some name',
    ]);
    expect((await page('limit=2&page=2')).data.map(({ name }: { name: string }) => name)).toEqual(['Delta', 'gamma']);
    expect((await page('limit=2&page=2')).meta).toEqual({ page: 2, limit: 2, total: 5, totalPages: 3 });
    await on.call(SUPER, 'PATCH', `/tenants/${all.data[0].id}/deactivate`);
    expect((await page('isActive=false')).data).toMatchObject([{ name: 'Alpha', isActive: false }]);
    expect((await page('isActive=true')).meta.total).toBe(4);
    expect((await page('search=ALPH')).meta.total).toBe(1);
    const byRegion = await on.call(SUPER, 'GET', `/organizations?regionId=${ids.regionId}`);
    expect(byRegion.body.data).toMatchObject([{ id: ids.organizationId }]);
    const byOrganization = await on.call(SUPER, 'GET', `/workspaces?organizationId=${ids.organizationId}`);
    expect(byOrganization.body.data).toMatchObject([{ id: ids.workspaceId, tenants: 5 }]);
  });
});

describe('who may do what to the hierarchy', () => {
  it.each([
    [ADMIN, { regions: 403, organizations: 403, workspaces: 201, tenants: 201 }],
    [DEVELOPER, { regions: 403, organizations: 403, workspaces: 201, tenants: 201 }],
    [VIEWER, { regions: 403, organizations: 403, workspaces: 403, tenants: 403 }],
    [DEMO, { regions: 403, organizations: 403, workspaces: 403, tenants: 403 }],
  ])('%s creates only what the tier allows', async (who, expected) => {
    const home = server.seeded.places[who === DEMO ? 'demo' : 'default'];
    const [{ id: regionId }] = (await server.sql<{ id: string }>('SELECT region_id AS id FROM regions LIMIT 1')) as [
      { id: string },
    ];
    for (const [path, draft] of drafts({ regionId, ...home })) {
      const body = { ...draft, code: unique('tier'), name: 'x' };
      const level = path.slice(1) as keyof typeof expected;
      expect((await on.call(who, 'POST', path, body)).status, path).toBe(expected[level]);
    }
  });

  it('lets a developer delete nothing, and a viewer change nothing', async () => {
    const { workspaceId, tenantId } = server.seeded.places.default;
    expect((await on.call(DEVELOPER, 'DELETE', `/tenants/${tenantId}`)).status).toBe(403);
    expect((await on.call(DEVELOPER, 'DELETE', `/workspaces/${workspaceId}`)).status).toBe(403);
    expect((await on.call(DEVELOPER, 'POST', `/workspaces/${workspaceId}/restore`)).status).toBe(403);
    expect((await on.call(VIEWER, 'PATCH', `/tenants/${tenantId}`, { name: 'x' })).status).toBe(403);
    expect((await on.call(VIEWER, 'PATCH', `/tenants/${tenantId}/deactivate`)).status).toBe(403);
    expect((await on.call(VIEWER, 'PUT', `/workspaces/${workspaceId}/quotas`, {})).status).toBe(403);
  });

  it('answers everyone with the organization they stand in', async () => {
    for (const [who, place] of [
      [VIEWER, 'default'],
      [DEMO, 'demo'],
    ] as const) {
      const own = await on.call(who, 'GET', '/organizations/me');
      expect([own.status, own.body.id]).toEqual([200, server.seeded.places[place].organizationId]);
    }
    const elsewhere = await on.call(
      { ...(await server.as(SUPER)), 'x-tenant-id': server.seeded.places.demo.tenantId },
      'GET',
      '/organizations/me',
    );
    expect(elsewhere.body.id).toBe(server.seeded.places.demo.organizationId);
    expect((await server.request('GET', '/api/v2/organizations/me')).status).toBe(401);
  });

  it('keeps the settings to the creator', async () => {
    const ids = await on.tree();
    const [creator, other] = [await on.person(ids, 'administrator'), await on.person(ids, 'administrator')];
    await server.sql('UPDATE users SET is_organization_creator = true WHERE user_id = $1', [creator.userId]);
    const settings = { name: 'Renamed', domain: 'renamed.example' };
    const path = `/organizations/${ids.organizationId}/settings`;
    expect((await on.call(await on.signedIn(other.email), 'PUT', path, settings)).status).toBe(403);
    expect((await on.call(SUPER, 'PUT', path, settings)).status).toBe(403);
    expect((await on.call(ADMIN, 'PUT', path, settings)).status).toBe(404);
    const changed = await on.call(await on.signedIn(creator.email), 'PUT', path, settings);
    expect([changed.status, changed.body]).toEqual([204, undefined]);
    expect((await on.call(SUPER, 'GET', `/organizations/${ids.organizationId}`)).body).toMatchObject(settings);
    const acts = await on.acts(ids.organizationId);
    expect(acts.at(-1)).toMatchObject({ type: 'organization.settings_changed', payload: { after: settings } });
    const bad = await on.call(await on.signedIn(creator.email), 'PUT', path, { name: 'x', domain: '?' });
    expect([bad.status, bad.body.errors.length]).toEqual([400, 2]);
  });

  it('lists the administrators of an organization, each once', async () => {
    const ids = await on.tree();
    const direct = await on.person(ids, 'administrator');
    const both = await on.person(ids, 'administrator');
    const narrow = await on.person(ids, 'administrator', { type: 'tenant', id: ids.tenantId });
    const byGroup = await on.person(ids, 'viewer');
    const groupId = newId();
    await server.sql('INSERT INTO groups (group_id, organization_id, name) VALUES ($1, $2, $3)', [
      groupId,
      ids.organizationId,
      'Admins',
    ]);
    for (const { userId } of [both, byGroup]) {
      await server.sql('INSERT INTO group_members (group_id, user_id, organization_id) VALUES ($1, $2, $3)', [
        groupId,
        userId,
        ids.organizationId,
      ]);
    }
    await server.sql(
      `INSERT INTO group_role_assignments (group_role_assignment_id, group_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, $2, role_id, $3, 'organization', $3 FROM roles WHERE code = 'administrator' AND is_system`,
      [newId(), groupId, ids.organizationId],
    );
    const list = await on.call(SUPER, 'GET', `/organizations/${ids.organizationId}/administrators`);
    expect(list.status).toBe(200);
    expect(list.body.data.map(({ id }: { id: string }) => id).sort()).toEqual(
      [direct, both, byGroup].map(({ userId }) => userId).sort(),
    );
    expect(list.body.meta.total).toBe(3);
    expect(JSON.stringify(list.body)).not.toContain(narrow.userId);
    expect((await on.call(ADMIN, 'GET', `/organizations/${ids.organizationId}/administrators`)).status).toBe(404);
  });
});
