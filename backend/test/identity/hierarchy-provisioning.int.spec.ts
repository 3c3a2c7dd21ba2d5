import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { ADMIN, HierarchyCalls, SUPER, unique } from './hierarchy-calls.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;
let on: HierarchyCalls;
let regionId: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  on = new HierarchyCalls(server);
  regionId = (await on.created('/regions', { code: unique('region') })).id;
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const PASSWORD = 'harbour-violet-ladder-93';

function draft(overrides: Record<string, unknown> = {}) {
  return {
    organization: { code: unique('acme'), name: 'Acme', regionId },
    administrator: { email: `${newId()}@example.com`, firstName: 'Ada', lastName: 'Byron', password: PASSWORD },
    ...overrides,
  };
}

async function counts(): Promise<unknown> {
  const [row] = await server.sql(
    `SELECT (SELECT count(*)::int FROM organizations) AS organizations, (SELECT count(*)::int FROM workspaces) AS workspaces,
            (SELECT count(*)::int FROM tenants) AS tenants, (SELECT count(*)::int FROM users) AS users,
            (SELECT count(*)::int FROM api_keys) AS keys, (SELECT count(*)::int FROM role_assignments) AS roles,
            (SELECT count(*)::int FROM outbox WHERE type NOT LIKE 'auth.%') AS acts`,
  );
  return row;
}

const provision = (body: unknown, who = SUPER) => on.call(who, 'POST', '/organizations/provision', body);

describe('provisioning an organization', () => {
  it('makes one that can be worked in at once', async () => {
    const body = draft({
      workspace: { code: 'shop', name: 'Shop' },
      tenant: { code: 'production', name: 'Production' },
    });
    const answer = await provision(body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    const { organization, workspace, tenant, administratorId, key } = answer.body;
    expect(answer.headers.get('location')).toBe(`/api/v2/organizations/${organization.id}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(organization).toMatchObject({ code: body.organization.code, regionId, workspaces: 1, users: 1 });
    expect(workspace).toMatchObject({ code: 'shop', organizationId: organization.id });
    expect(tenant).toMatchObject({ code: 'production', workspaceId: workspace.id, organizationId: organization.id });

    // The administrator works, as creator of the organization and only there.
    const login = await server.request('POST', '/api/v2/auth/login', {
      body: { email: body.administrator.email, password: PASSWORD },
    });
    expect(login.status).toBe(200);
    const session = { authorization: `Bearer ${login.body.access_token}` };
    const settings = await on.call(session, 'PUT', `/organizations/${organization.id}/settings`, { name: 'Acme Inc.' });
    expect(settings.status).toBe(204);
    expect((await on.call(session, 'GET', '/organizations')).body.data).toMatchObject([{ name: 'Acme Inc.' }]);
    const administrators = await on.call(session, 'GET', `/organizations/${organization.id}/administrators`);
    expect(administrators.body.data).toMatchObject([{ id: administratorId, isOrganizationCreator: true }]);

    // The key works, and its secret is nowhere but in the answer.
    const validated = await server.request('GET', '/api/v2/api-keys/validate', {
      headers: { 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
    });
    expect(validated.body).toMatchObject({ organizationId: organization.id, tenantId: tenant.id });
    expect(validated.body.permissions.sort()).toEqual(['logs:write', 'metrics:write', 'traces:write']);
    const [leak] = await server.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM outbox WHERE payload::text LIKE '%' || $1 || '%' OR payload::text LIKE '%' || $2 || '%'`,
      [key.keySecret, PASSWORD],
    );
    expect(leak!.n).toBe(0);

    const acts = await server.sql<{ type: string }>(
      `SELECT type FROM outbox WHERE organization_id = $1 AND type NOT LIKE 'auth.%' ORDER BY created_at, id`,
      [organization.id],
    );
    expect(acts.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'organization.created',
        'workspace.created',
        'tenant.created',
        'user.created',
        'api_key.created',
      ]),
    );
  });

  it('takes defaults for what is left out, and the key that is asked for', async () => {
    const answer = await provision(draft({ key: { name: 'Reader', permissions: ['metrics:read'] } }));
    expect(answer.body).toMatchObject({
      workspace: { code: 'default', name: 'Default' },
      tenant: { code: 'default', name: 'Default' },
    });
    const { key } = answer.body;
    const validated = await server.request('GET', '/api/v2/api-keys/validate', {
      headers: { 'x-api-key-id': key.otelKeyId, 'x-api-key-secret': key.otelKeySecret },
    });
    expect(validated.body.permissions).toEqual(['metrics:read']);
  });

  it('invites the administrator who is given no password', async () => {
    const body = draft({ administrator: { email: `${newId()}@example.com`, firstName: 'Ada', lastName: 'Byron' } });
    const { administratorId } = (await provision(body)).body;
    const [user] = await server.sql('SELECT password_hash, email_verified_at FROM users WHERE user_id = $1', [
      administratorId,
    ]);
    expect(user).toEqual({ password_hash: null, email_verified_at: null });
    expect((await on.acts(administratorId)).map(({ type }) => type)).toEqual(['user.created', 'user.invited']);
  });

  it('leaves nothing behind when any part is refused, and names all that is', async () => {
    const first = draft();
    expect((await provision(first)).status).toBe(201);
    const before = await counts();
    const taken = await provision({
      ...first,
      administrator: { ...first.administrator, email: first.administrator.email.toUpperCase() },
    });
    expect([taken.status, taken.body.errors.map(({ path }: { path: string }) => path).sort()]).toEqual([
      409,
      ['administrator.email', 'organization.code'],
    ]);
    const cases: [number, Record<string, unknown>][] = [
      [409, draft({ organization: first.organization })],
      [409, draft({ administrator: first.administrator })],
      [404, draft({ organization: { code: unique('acme'), name: 'Acme', regionId: newId() } })],
      [400, draft({ administrator: { ...draft().administrator, password: 'password1234' } })],
      [400, draft({ key: { name: 'Key', permissions: ['users:delete'] } })],
      [400, draft({ key: { name: 'Key', permissions: [] } })],
      [400, draft({ workspace: { code: 'Not A Code', name: '' } })],
      [400, draft({ tenant: { code: 'ok', name: 'a\u0000b' } })],
      [400, { organization: {}, administrator: {} }],
    ];
    for (const [status, body] of cases) {
      const answer = await provision(body);
      expect(answer.status, JSON.stringify([body, answer.body])).toBe(status);
    }
    expect(await counts()).toEqual(before);
  });

  it('is undone as a whole when its last step fails', async () => {
    const before = await counts();
    // The key is the last: a database that refuses it refuses all of it.
    await server.sql(`ALTER TABLE api_keys ADD CONSTRAINT refused CHECK (name <> 'Refused') NOT VALID`);
    const answer = await provision(draft({ key: { name: 'Refused', permissions: ['metrics:read'] } }));
    await server.sql('ALTER TABLE api_keys DROP CONSTRAINT refused');
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('constraint');
    expect(await counts()).toEqual(before);
  });

  it('lets exactly one of several win that want the same code or the same address', async () => {
    const one = draft();
    const codes = await Promise.all(
      Array.from({ length: 4 }, () => provision(draft({ organization: one.organization }))),
    );
    expect(codes.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const addresses = await Promise.all(
      Array.from({ length: 4 }, () => provision(draft({ administrator: one.administrator }))),
    );
    expect(addresses.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('is the platform’s', async () => {
    expect((await provision(draft(), ADMIN)).status).toBe(403);
    expect((await server.request('POST', '/api/v2/organizations/provision', { body: draft() })).status).toBe(401);
  });
});
