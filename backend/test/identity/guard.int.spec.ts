import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessDirectory } from '../../src/modules/100-core/index.js';
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

async function probe(path: string, who: string | null, headers: Record<string, string> = {}) {
  const auth = who === null ? {} : await server.as(who);
  return server.request('GET', path, { headers: { ...auth, ...headers } });
}

describe('the guard', () => {
  it('is closed by default: a route without metadata is refused to everyone', async () => {
    expect((await probe('/probe/unmarked', null)).status).toBe(401);
    expect((await probe('/probe/unmarked', 'viewer.telemetryflow')).status).toBe(403);
    expect((await probe('/probe/unmarked', 'super.administrator')).status).toBe(403);
  });

  it.each([
    ['super.administrator', 200, 200],
    ['admin.telemetryflow', 200, 200],
    ['developer.telemetryflow', 200, 403],
    ['viewer.telemetryflow', 200, 403],
    ['demo.telemetryflow', 200, 403],
  ])('lets %s read (%i) and delete (%i)', async (who, read, remove) => {
    expect((await probe('/probe/metrics', who)).status).toBe(read);
    expect((await probe('/probe/deletion', who)).status).toBe(remove);
  });

  it('answers as problem+json', async () => {
    const { status, headers, body } = await probe('/probe/metrics', null);
    expect(status).toBe(401);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body.code).toBe('UNAUTHENTICATED');
  });

  it('never reads "Bearer tfk…" as a JWT', async () => {
    const { status, body } = await probe('/probe/metrics', null, {
      authorization: `Bearer tfk-${'0'.repeat(32)}.tfs-${'0'.repeat(64)}`,
    });
    expect([status, body.detail]).toEqual([401, 'The API key is not valid']);
  });

  it('switches the place by header, only to where the caller may go', async () => {
    const { default: home, demo, platform } = server.seeded.places;
    const own = await probe('/probe/metrics', 'viewer.telemetryflow');
    expect(own.body).toMatchObject({ tenantId: home.tenantId });
    const switched = await probe('/probe/metrics', 'super.administrator', { 'x-tenant-id': demo.tenantId });
    expect(switched.body).toMatchObject({ tenantId: demo.tenantId, organizationId: demo.organizationId });
    const byWorkspace = await probe('/probe/metrics', 'super.administrator', {
      'X-Workspace-ID': platform.workspaceId,
    });
    expect(byWorkspace.body).toMatchObject({ tenantId: platform.tenantId });

    for (const who of ['admin.telemetryflow', 'viewer.telemetryflow']) {
      for (const place of [demo, platform]) {
        expect((await probe('/probe/metrics', who, { 'x-tenant-id': place.tenantId })).status).toBe(404);
        expect((await probe('/probe/metrics', who, { 'x-workspace-id': place.workspaceId })).status).toBe(404);
      }
    }
    expect((await probe('/probe/metrics', 'demo.telemetryflow', { 'x-tenant-id': home.tenantId })).status).toBe(404);
    expect((await probe('/probe/metrics', 'super.administrator', { 'x-tenant-id': newId() })).status).toBe(404);
    expect((await probe('/probe/metrics', 'super.administrator', { 'x-tenant-id': 'default' })).status).toBe(400);
    const disagreeing = { 'x-tenant-id': demo.tenantId, 'x-workspace-id': home.workspaceId };
    expect((await probe('/probe/metrics', 'super.administrator', disagreeing)).status).toBe(404);
  });

  it('takes permissions from what is held now, not from the token', async () => {
    const headers = await server.as('viewer.telemetryflow');
    const [row] = await server.sql<{ user_id: string }>(`SELECT user_id FROM users WHERE email LIKE 'viewer.%'`);
    await server.sql('UPDATE role_assignments SET expires_at = now() WHERE user_id = $1', [row!.user_id]);
    server.app.get(AccessDirectory).evict(row!.user_id);
    expect((await server.request('GET', '/probe/metrics', { headers })).status).toBe(403);
    expect((await server.request('GET', '/api/v2/auth/me', { headers })).body).toMatchObject({
      roles: [],
      permissions: [],
    });
    await server.sql('UPDATE role_assignments SET expires_at = NULL WHERE user_id = $1', [row!.user_id]);
    server.app.get(AccessDirectory).evict(row!.user_id);
  });
});

describe('the scopes of the switcher', () => {
  it.each([
    ['super.administrator', ['Demo', 'TelemetryFlow'], ['Demo', 'Default', 'Platform']],
    ['admin.telemetryflow', ['TelemetryFlow'], ['Default']],
    ['demo.telemetryflow', ['Demo'], ['Demo']],
  ])('show %s exactly what it may enter', async (who, organizations, workspaces) => {
    const { status, body } = await probe('/api/v2/scopes', who);
    expect(status).toBe(200);
    expect(body.organizations.map(({ name }: { name: string }) => name)).toEqual(organizations);
    const names = body.organizations.flatMap((o: { workspaces: { name: string }[] }) =>
      o.workspaces.map(({ name }) => name),
    );
    expect(names).toEqual(workspaces);
  });
});

describe('the first start in production', () => {
  it('creates one super administrator with a random password, told once', async () => {
    const fresh = await startTestPostgres();
    try {
      const environment = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) };
      const first = await startIdentityServer(fresh, environment);
      expect(first.seeded.seedLogins).toEqual([]);
      const credentials = first.seeded.superAdministrator!;
      expect(credentials.password).toMatch(/^[\w-]{24}$/);
      const login = await first.request('POST', '/api/v2/auth/login', {
        headers: { 'x-client': 'browser' },
        body: credentials,
      });
      expect(login.status).toBe(200);
      expect(login.headers.get('set-cookie')).toContain('Secure');
      const documented = { email: credentials.email, password: 'SuperAdmin@123456' };
      expect((await first.request('POST', '/api/v2/auth/login', { body: documented })).status).toBe(401);
      expect(await first.sql('SELECT 1 FROM users')).toHaveLength(1);
      await first.stop();
      const second = await startIdentityServer(fresh, environment);
      expect(second.seeded.superAdministrator).toBeNull();
      await second.stop();
    } finally {
      await fresh.stop();
    }
  });
});

describe('a start in production on what development left behind', () => {
  it('ends the documented logins and their sessions, and gives the super administrator a password of its own', async () => {
    const used = await startTestPostgres();
    try {
      const development = await startIdentityServer(used, { NODE_ENV: 'development' });
      await development.sql(`UPDATE users SET password_hash = NULL WHERE email LIKE 'viewer.%'`);
      const session = await development.request('POST', '/api/v2/auth/login', {
        body: { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' },
      });
      await development.stop();

      const environment = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) };
      const production = await startIdentityServer(used, environment);
      const logIn = async (email: string, password: string) =>
        (await production.request('POST', '/api/v2/auth/login', { body: { email, password } })).status;
      expect(await logIn('super.administrator@telemetryflow.id', 'SuperAdmin@123456')).toBe(401);
      expect(await logIn('admin.telemetryflow@telemetryflow.id', 'Admin@123456')).toBe(401);
      expect(await logIn('developer.telemetryflow@telemetryflow.id', 'Developer@123456')).toBe(401);
      const refresh = { refresh_token: session.body.refresh_token };
      expect((await production.request('POST', '/api/v2/auth/refresh', { body: refresh })).status).toBe(401);
      const { email, password } = production.seeded.superAdministrator!;
      expect(await logIn(email, password)).toBe(200);
      await production.stop();

      const again = await startIdentityServer(used, environment);
      expect(again.seeded.superAdministrator).toBeNull();
      await again.stop();
    } finally {
      await used.stop();
    }
  });

  it('leaves a demonstration its documented logins', async () => {
    const used = await startTestPostgres();
    try {
      await (await startIdentityServer(used, { NODE_ENV: 'development' })).stop();
      const demonstration = await startIdentityServer(used, { NODE_ENV: 'production', DEMO: 'true' });
      await demonstration.as('demo.telemetryflow');
      await demonstration.stop();
    } finally {
      await used.stop();
    }
  });
});
