/**
 * The first of the three walls between organizations, alone: what the credential reaches, and the conditions of the
 * statements themselves. Row-level security is switched off for all tables; no telemetry store is there.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HierarchyCalls, SUPER } from './hierarchy-calls.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { furnish, type House, MARK, tracesOf } from './two-organizations.js';

let postgres: TestPostgres;
let server: IdentityServer;
let on: HierarchyCalls;
let own: House;
let foreign: House;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  on = new HierarchyCalls(server);
  [own, foreign] = [await furnish(server, 'own'), await furnish(server, MARK)];
  await server.sql(`
    DO $$ DECLARE t regclass; BEGIN
      FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity LOOP
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', t);
      END LOOP;
    END $$`);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

function expectNothingForeign(what: string, text: string): void {
  for (const trace of tracesOf(foreign)) expect(text, what).not.toContain(trace);
}

const LISTS = [
  '/scopes',
  '/organizations',
  '/organizations/me',
  '/workspaces',
  '/tenants',
  '/users',
  '/groups',
  '/roles',
  '/permission-matrix',
  '/assignments',
  '/api-keys',
  '/auth/sessions',
  '/auth/devices',
];

it('row-level security is off', async () => {
  const rows = await server.sql(
    `SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity`,
  );
  expect(rows).toEqual([]);
});

it.each(LISTS)('%s shows nothing of another organization, and something of its own', async (path) => {
  for (const query of ['?limit=100', `?limit=100&search=${MARK}`, '?limit=100&deleted=true']) {
    const answer = await on.call(own.administrator, 'GET', `${path}${query}`);
    expect(answer.status, `${path}${query}: ${JSON.stringify(answer.body)}`).toBe(200);
    expectNothingForeign(`${path}${query}`, JSON.stringify(answer.body));
  }
  const all = await on.call(own.administrator, 'GET', `${path}?limit=100`);
  expect(JSON.stringify(all.body).length).toBeGreaterThan(2);
});

it('counts nothing of another organization', async () => {
  for (const [path, expected] of [
    ['/organizations', 1],
    ['/workspaces', 1],
    ['/tenants', 1],
    ['/users', 2],
    ['/groups', 1],
    ['/api-keys', 1],
  ] as const) {
    const { body } = await on.call(own.administrator, 'GET', path);
    expect([body.meta.total, body.data.length], path).toEqual([expected, expected]);
    if (body.counts) expect(body.counts.total, path).toBe(expected);
  }
  expect((await on.call(own.administrator, 'GET', '/roles?includeSystem=false')).body.meta.total).toBe(1);
});

it('B12: ids of another organization are unknown, whatever is done to them', async () => {
  const targets: [string, string, unknown?][] = [
    ...(
      [
        ['/organizations', foreign.organizationId],
        ['/workspaces', foreign.workspaceId],
        ['/tenants', foreign.tenantId],
        ['/users', foreign.userId],
        ['/groups', foreign.groupId],
        ['/roles', foreign.roleId],
        ['/api-keys', foreign.apiKeyId],
      ] as const
    ).flatMap(([path, id]): [string, string, unknown?][] => [
      ['GET', `${path}/${id}`],
      ['PATCH', `${path}/${id}`, { name: 'Stolen', firstName: 'Stolen' }],
      ['DELETE', `${path}/${id}`],
    ]),
    ['PATCH', `/workspaces/${foreign.workspaceId}/deactivate`],
    ['PATCH', `/tenants/${foreign.tenantId}/deactivate`],
    ['POST', `/tenants/${foreign.tenantId}/restore`],
    ['GET', `/workspaces/${foreign.workspaceId}/quotas`],
    ['PUT', `/workspaces/${foreign.workspaceId}/quotas`, {}],
    ['GET', `/organizations/${foreign.organizationId}/administrators`],
    ['PUT', `/organizations/${foreign.organizationId}/settings`, { name: 'Stolen' }],
    ['POST', '/workspaces', { code: 'planted', name: 'x', organizationId: foreign.organizationId }],
    ['POST', '/tenants', { code: 'planted', name: 'x', workspaceId: foreign.workspaceId }],
    ['GET', `/users/${foreign.userId}/roles`],
    ['GET', `/users/${foreign.userId}/permissions`],
    ['POST', `/users/${foreign.userId}/deactivate`],
    ['POST', `/users/${foreign.userId}/invite`],
    ['PUT', `/users/${foreign.userId}/password`, { password: 'another-harbour-ladder-7' }],
    ['POST', `/users/${foreign.userId}/roles`, { roleId: own.roleId }],
    ['POST', `/users/${own.userId}/roles`, { roleId: foreign.roleId }],
    ['POST', `/users/${own.userId}/roles`, { roleId: own.roleId, scope: { type: 'tenant', id: foreign.tenantId } }],
    ['GET', `/groups/${foreign.groupId}/users`],
    ['POST', `/groups/${foreign.groupId}/users`, { userId: own.userId }],
    ['POST', `/groups/${own.groupId}/users`, { userId: foreign.userId }],
    ['POST', `/groups/${own.groupId}/roles`, { roleId: foreign.roleId }],
    ['GET', `/roles/${foreign.roleId}/users`],
    ['PUT', `/roles/${foreign.roleId}/permissions`, { permissions: [] }],
    ['GET', `/api-keys/${foreign.apiKeyId}/usage`],
    ['POST', `/api-keys/${foreign.apiKeyId}/rotate`, {}],
    ['POST', `/api-keys/${foreign.apiKeyId}/revoke`, {}],
    [
      'POST',
      '/api-keys',
      { name: 'planted', permissions: ['metrics:read'], scope: { type: 'tenant', tenantId: foreign.tenantId } },
    ],
  ];
  for (const [method, path, body] of targets) {
    const answer = await on.call(own.administrator, method, path, body);
    expect([403, 404], `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`).toContain(answer.status);
    expect(JSON.stringify(answer.body), path).not.toContain(MARK);
  }
  const [left] = await server.sql(
    `SELECT (SELECT count(*)::int FROM tenants WHERE organization_id = $1 AND is_active AND deleted_at IS NULL) AS tenants,
            (SELECT count(*)::int FROM users WHERE organization_id = $1 AND is_active AND deleted_at IS NULL) AS users,
            (SELECT count(*)::int FROM api_keys WHERE organization_id = $1 AND status = 'active') AS keys,
            (SELECT count(*)::int FROM roles WHERE organization_id = $1 AND deleted_at IS NULL) AS roles`,
    [foreign.organizationId],
  );
  expect(left).toEqual({ tenants: 1, users: 2, keys: 1, roles: 1 });
});

it('B22: a header that names a place beyond the credential is refused and recorded, for people and keys', async () => {
  for (const [who, headers] of [
    ['user', own.administrator],
    ['api-key', own.keyHeaders],
  ] as const) {
    for (const [header, id] of [
      ['x-tenant-id', foreign.tenantId],
      ['x-workspace-id', foreign.workspaceId],
    ] as const) {
      const recorded = async () =>
        server.sql<{ payload: Record<string, unknown>; organization_id: string }>(
          `SELECT payload, organization_id FROM outbox WHERE type = 'security.access_denied'
           AND payload->'actor'->>'type' = $1 AND payload->>'reason' = 'place' ORDER BY created_at, id`,
          [who],
        );
      const before = (await recorded()).length;
      const refused = await server.request('GET', '/probe/metrics', { headers: { ...headers, [header]: id } });
      expect(refused.status, `${who} ${header}`).toBe(404);
      const acts = await recorded();
      expect(acts.length).toBe(before + 1);
      expect(acts.at(-1)).toMatchObject({
        organization_id: own.organizationId,
        payload: { result: 'denied', route: '/probe/metrics' },
      });
    }
  }
});

it('the platform’s administrators see both, and say so by where they stand', async () => {
  const { body } = await on.call(SUPER, 'GET', '/organizations?limit=100');
  const ids = body.data.map(({ id }: { id: string }) => id);
  expect(ids).toEqual(expect.arrayContaining([own.organizationId, foreign.organizationId]));
});
