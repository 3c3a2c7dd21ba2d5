import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const SUPER = 'super.administrator';
const ADMIN = 'admin.telemetryflow';

let counter = 0;
const unique = (prefix: string) => `${prefix}-${(counter += 1)}`;

async function call(who: string, method: string, path: string, body?: unknown) {
  return server.request(method, `/api/v2${path}`, {
    headers: await server.as(who),
    ...(body === undefined ? {} : { body }),
  });
}

async function created(path: string, body: Record<string, unknown>, who = SUPER) {
  const answer = await call(who, 'POST', path, { name: 'Some name', ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  expect(answer.headers.get('location')).toBe(`/api/v2${path}/${answer.body.id}`);
  return answer.body;
}

async function actsOn(id: string) {
  return server.sql<{ type: string; payload: Record<string, unknown>; organization_id: string }>(
    `SELECT type, payload, organization_id FROM outbox WHERE payload->>'aggregateId' = $1 ORDER BY created_at, id`,
    [id],
  );
}

describe('the hierarchy', () => {
  it('creates, reads, changes and lists every level', async () => {
    const region = await created('/regions', { code: unique('region'), name: 'Frankfurt', dataLocation: 'Germany' });
    expect(region).toMatchObject({
      name: 'Frankfurt',
      description: '',
      dataLocation: 'Germany',
      isActive: true,
      organizations: 0,
    });
    const organization = await created('/organizations', {
      code: unique('org'),
      regionId: region.id,
      domain: 'Example.COM',
    });
    expect(organization).toMatchObject({ regionId: region.id, domain: 'example.com', workspaces: 0, users: 0 });
    const workspace = await created('/workspaces', {
      code: unique('ws'),
      organizationId: organization.id,
      datasourceConfig: { a: [1] },
    });
    expect(workspace).toMatchObject({
      organizationId: organization.id,
      datasourceConfig: { a: [1] },
      quotas: {},
      tenants: 0,
    });
    const tenant = await created('/tenants', {
      code: unique('tn'),
      workspaceId: workspace.id,
      settings: { colour: 'red' },
    });
    expect(tenant).toMatchObject({
      organizationId: organization.id,
      workspaceId: workspace.id,
      settings: { colour: 'red' },
    });

    for (const [path, node, changes] of [
      ['/regions', region, { name: 'Frankfurt am Main' }],
      ['/organizations', organization, { domain: null }],
      ['/workspaces', workspace, { datasourceConfig: { b: true } }],
      ['/tenants', tenant, { description: 'line one\nline two' }],
    ] as const) {
      const read = await call(SUPER, 'GET', `${path}/${node.id}`);
      expect([read.status, read.body.code]).toEqual([200, node.code]);
      // The code is no part of a change: unknown fields are ignored.
      const changed = await call(SUPER, 'PATCH', `${path}/${node.id}`, { ...changes, code: 'another' });
      expect([changed.status, changed.body]).toMatchObject([200, { ...changes, code: node.code }]);
      const list = await call(SUPER, 'GET', `${path}?search=${node.code}`);
      expect(list.body).toMatchObject({
        data: [{ id: node.id }],
        meta: { page: 1, limit: 20, total: 1, totalPages: 1 },
      });
      const [first, second] = await actsOn(node.id);
      const level = path.slice(1, -1);
      expect(first).toMatchObject({ type: `${level}.created`, payload: { after: { code: node.code } } });
      expect(second).toMatchObject({ type: `${level}.updated`, payload: { after: changes, actor: { type: 'user' } } });
      expect(Object.keys(second!.payload['before'] as object)).toEqual(Object.keys(changes));
    }
    expect((await call(SUPER, 'GET', `/organizations/${organization.id}`)).body.workspaces).toBe(1);
  });
});
