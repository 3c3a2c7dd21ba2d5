import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessDirectory, SeedService } from '../../src/modules/100-core/index.js';
import { ApiKeyAuthenticator, KeyUsage, StoredKeys } from '../../src/modules/300-api-keys/index.js';
import { newId } from '../../src/shared/platform/index.js';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';

type Auth = { authorization: string };

let postgres: TestPostgres;
let server: IdentityServer;
let admin: Auth;
let developer: Auth;
let tenantId: string;
let workspaceId: string;
/** A second tenant of the default workspace. */
const siblingId = newId();

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  const { organizationId, ...place } = server.seeded.places.default;
  ({ tenantId, workspaceId } = place);
  await server.sql(
    `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, 'sibling', 'Sibling')`,
    [siblingId, workspaceId, organizationId],
  );
  admin = await server.as('admin.telemetryflow');
  developer = await server.as('developer.telemetryflow');
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

let keysMade = 0;

function create(headers: Auth, changed: Record<string, unknown> = {}): Promise<Answer> {
  const body = {
    name: `key ${(keysMade += 1)}`,
    permissions: ['metrics:write'],
    scope: { type: 'tenant', tenantId },
    ...changed,
  };
  return server.request('POST', '/api/v2/api-keys', { headers, body });
}
function validate(headers: Record<string, string>): Promise<Answer> {
  return server.request('GET', '/api/v2/api-keys/validate', { headers });
}
function pairOf({ body }: Answer) {
  return { 'x-api-key-id': body.keyId, 'x-api-key-secret': body.keySecret };
}

describe('creating a key', () => {
  it('answers 201 with a location and the only copy of the secret', async () => {
    const answer = await create(admin, { description: 'for the shop', permissions: ['traces:write', 'logs:write'] });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v2/api-keys/${answer.body.id}`);
    expect(answer.body.keyId).toMatch(/^tfk-[0-9a-f]{32}$/);
    expect(answer.body.keySecret).toMatch(/^tfs-[0-9a-f]{64}$/);
    expect(answer.body.otelKeySecret).toBe(answer.body.keySecret.replace('-', '_'));
    expect(answer.body).toMatchObject({
      status: 'active',
      permissions: ['logs:write', 'traces:write'],
      scope: { tenantId },
    });
    const days = (Date.parse(answer.body.expiresAt) - Date.parse(answer.body.createdAt)) / 86_400_000;
    expect(days).toBe(365);

    const shown = await server.request('GET', answer.headers.get('location')!, { headers: admin });
    expect(shown.status).toBe(200);
    expect(JSON.stringify(shown.body)).not.toContain(answer.body.keySecret.slice(4));
    const [row] = await server.sql<{ secret_hash: string }>('SELECT secret_hash FROM api_keys WHERE api_key_id = $1', [
      answer.body.id,
    ]);
    expect(row!.secret_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    const events = await server.sql<{ text: string }>(
      `SELECT payload::text AS text FROM outbox WHERE type = 'api_key.created'`,
    );
    expect(events).toHaveLength(1);
    expect(events[0]!.text).not.toContain(answer.body.keySecret.slice(4));
  });

  it('keeps a rate limit of its own, or none', async () => {
    for (const [rateLimit, stored] of [
      [60, 60],
      [undefined, null],
    ] as const) {
      const created = await create(admin, { rateLimit });
      expect(created.body.rateLimit).toBe(stored);
      const shown = await server.request('GET', created.headers.get('location')!, { headers: admin });
      expect(shown.body.rateLimit).toBe(stored);
    }
  });

  it.each([
    ['a permission that no key may hold', { permissions: ['users:read'] }, 400],
    ['no permission', { permissions: [] }, 400],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 400],
    ['an expiry beyond 730 days', { expiresAt: new Date(Date.now() + 731 * 86_400_000).toISOString() }, 400],
    ['a malformed tenant', { scope: { type: 'tenant', tenantId: 'default' } }, 400],
    ['an unknown tenant', { scope: { type: 'tenant', tenantId: newId() } }, 404],
    ['no name', { name: ' ' }, 400],
    ['a rate limit that lets nothing in', { rateLimit: 0 }, 400],
    ['a rate limit of half a request', { rateLimit: 1.5 }, 400],
  ])('refuses %s', async (_, changed, status) => {
    expect((await create(admin, changed)).status).toBe(status);
  });

  it('answers 404 for a tenant of another organization, and for the reserved one', async () => {
    for (const place of [server.seeded.places.demo, server.seeded.places.platform]) {
      expect((await create(admin, { scope: { type: 'tenant', tenantId: place.tenantId } })).status).toBe(404);
      expect((await create(admin, { scope: { type: 'workspace', workspaceId: place.workspaceId } })).status).toBe(404);
    }
  });

  it('refuses who lacks the right to create, or what the key is to hold', async () => {
    expect((await create(await server.as('viewer.telemetryflow'))).status).toBe(403);
    // A role that creates keys but can't write telemetry.
    await server.sql(`DELETE FROM role_permissions WHERE role_id = (SELECT role_id FROM roles WHERE code = 'developer')
      AND permission_id = (SELECT permission_id FROM permissions WHERE name = 'metrics:write')`);
    try {
      const refused = await create(await freshDeveloper());
      expect([refused.status, refused.body.code]).toEqual([403, 'PERMISSION_DENIED']);
      expect((await create(await freshDeveloper(), { permissions: ['logs:write'] })).status).toBe(201);
    } finally {
      await server.app.get(SeedService).seed();
      await freshDeveloper();
    }
  });
});

/** After a change of roles behind the application's back. */
async function freshDeveloper(): Promise<Auth> {
  server.app.get(AccessDirectory).evictAll();
  return developer;
}

it('refuses characters that no name has', async () => {
  const answer = await create(admin, { name: 'a\u0000b', description: 'c\u0007' });
  expect(answer.status).toBe(400);
  expect(answer.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['description', 'name']);
  expect((await create(admin, { description: 'two\nlines' })).status).toBe(201);
});

describe('authenticating', () => {
  it('takes every header family, in both spellings, and refuses what is off by anything', async () => {
    const { body } = await create(admin);
    const { keyId, keySecret, otelKeyId, otelKeySecret } = body;
    for (const [id, secret] of [
      [keyId, keySecret],
      [otelKeyId, otelKeySecret],
    ]) {
      const carriers: Record<string, string>[] = [
        { 'X-API-Key-ID': id, 'X-API-Key-Secret': secret },
        { 'X-TelemetryFlow-Key-ID': id, 'X-TelemetryFlow-Key-Secret': secret },
        { Authorization: `Bearer ${id}:${secret}` },
        { Authorization: `Bearer ${id}.${secret}` },
        { Authorization: `${id}.${secret}` },
        { Authorization: `${id}/${secret}` },
        { 'X-API-Key': `${id}.${secret}` },
        { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        { 'X-API-Key-ID': `${id}, ${id}`, 'X-API-Key-Secret': `${secret}, ${secret}` },
        { 'X-TelemetryFlow-Key-ID': id, 'X-TelemetryFlow-Key-Secret': secret, Authorization: `Bearer ${id}:${secret}` },
      ];
      for (const headers of carriers) {
        const answer = await validate(headers);
        expect(answer.status, JSON.stringify(Object.keys(headers))).toBe(200);
        expect(answer.body).toMatchObject({ valid: true, keyId, permissions: ['metrics:write'] });
      }
    }
    const other = (await create(admin)).body;
    const refused: Record<string, string>[] = [
      {},
      { 'X-API-Key-ID': keyId },
      { 'X-API-Key-ID': keyId, 'X-API-Key-Secret': other.keySecret },
      { 'X-API-Key-ID': `${keyId}, ${other.keyId}`, 'X-API-Key-Secret': keySecret },
      { 'X-API-Key-ID': `tfk-${'0'.repeat(32)}`, 'X-API-Key-Secret': keySecret },
      { Authorization: `Bearer ${keyId}:${keySecret}0` },
      { Authorization: `Bearer ${keyId}` },
    ];
    for (const headers of refused) expect((await validate(headers)).status).toBe(401);
  });

  it('lets a key call the API with its own permissions, in its own place', async () => {
    const reader = pairOf(await create(admin, { permissions: ['metrics:read'] }));
    const writer = pairOf(await create(admin, { permissions: ['metrics:write'] }));
    const probe = (headers: Record<string, string>) => server.request('GET', '/probe/metrics', { headers });
    expect((await probe(reader)).body).toMatchObject({ actor: 'api-key', tenantId });
    expect((await probe(writer)).status).toBe(403);
    expect((await probe({ ...reader, 'x-api-key-secret': writer['x-api-key-secret'] })).status).toBe(401);
    expect((await probe({ ...reader, 'x-tenant-id': siblingId })).status).toBe(404);
    expect((await server.request('GET', '/api/v2/auth/me', { headers: reader })).status).toBe(403);
    const wide = pairOf(
      await create(admin, { permissions: ['metrics:read'], scope: { type: 'workspace', workspaceId } }),
    );
    expect((await probe(wide)).body).toMatchObject({ tenantId });
    expect((await probe({ ...wide, 'x-tenant-id': siblingId })).body).toMatchObject({ tenantId: siblingId });
    expect((await probe({ ...wide, 'x-tenant-id': server.seeded.places.demo.tenantId })).status).toBe(404);
  });

  it('notes the use without a write per request', async () => {
    const created = await create(admin);
    for (let i = 0; i < 3; i += 1) await validate(pairOf(created));
    await expect
      .poll(async () => {
        await server.app.get(KeyUsage).flush();
        return server.sql('SELECT usage_count, last_used_at FROM api_keys WHERE api_key_id = $1', [created.body.id]);
      })
      .toEqual([{ usage_count: '3', last_used_at: expect.any(Date) }]);
  });

  it('refuses a key that has expired, or whose tenant was deactivated', async () => {
    const created = await create(admin, { scope: { type: 'tenant', tenantId: siblingId } });
    await server.sql('UPDATE api_keys SET expires_at = now() WHERE api_key_id = $1', [created.body.id]);
    expect((await validate(pairOf(created))).status).toBe(401);
    const other = await create(admin, { scope: { type: 'tenant', tenantId: siblingId } });
    await server.sql('UPDATE tenants SET is_active = false WHERE tenant_id = $1', [siblingId]);
    expect((await validate(pairOf(other))).status).toBe(401);
    await server.sql('UPDATE tenants SET is_active = true WHERE tenant_id = $1', [siblingId]);
  });
});

describe('revoking', () => {
  it('takes effect at once, is idempotent, and needs the right to delete', async () => {
    const created = await create(developer);
    const path = `/api/v2/api-keys/${created.body.id}`;
    expect((await validate(pairOf(created))).status).toBe(200);
    expect((await server.request('DELETE', path, { headers: developer })).status).toBe(403);
    expect((await server.request('DELETE', path, { headers: admin })).status).toBe(204);
    expect((await validate(pairOf(created))).status).toBe(401);
    expect((await server.request('DELETE', path, { headers: admin })).status).toBe(204);
    expect((await server.request('GET', path, { headers: admin })).body.status).toBe('revoked');
    const events = await server.sql(
      `SELECT 1 FROM outbox WHERE type = 'api_key.revoked' AND payload ->> 'aggregateId' = $1`,
      [created.body.id],
    );
    expect(events).toHaveLength(1);
  });

  it('of a whole workspace’s key takes more than one of its tenants', async () => {
    const { id } = (await create(admin, { scope: { type: 'workspace', workspaceId } })).body;
    await server.sql(
      `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, u.user_id, r.role_id, u.organization_id, 'tenant', $2
       FROM users u, roles r WHERE u.email LIKE 'viewer.%' AND r.code = 'administrator' AND r.is_system`,
      [newId(), tenantId],
    );
    const viewer = await server.as('viewer.telemetryflow');
    const own = (await create(viewer)).body.id;
    const revoke = async (key: string, headers: Auth) =>
      (await server.request('DELETE', `/api/v2/api-keys/${key}`, { headers })).status;
    expect(await revoke(own, viewer)).toBe(204);
    expect(await revoke(id, viewer)).toBe(403);
    expect(await revoke(id, admin)).toBe(204);
  });

  it('lets exactly one of two parallel revocations act', async () => {
    const { id } = (await create(admin)).body;
    const twice = await Promise.all(
      [1, 2].map(() => server.request('DELETE', `/api/v2/api-keys/${id}`, { headers: admin })),
    );
    expect(twice.map(({ status }) => status)).toEqual([204, 204]);
    expect(
      await server.sql(`SELECT 1 FROM outbox WHERE type = 'api_key.revoked' AND payload ->> 'aggregateId' = $1`, [id]),
    ).toHaveLength(1);
  });

  it('answers 400 for a malformed, 404 for an unknown, a sibling tenant’s and a foreign key', async () => {
    const sibling = (await create(admin, { scope: { type: 'tenant', tenantId: siblingId } })).body.id;
    const supervisor = await server.as('super.administrator');
    const foreign = (
      await create(supervisor, { scope: { type: 'tenant', tenantId: server.seeded.places.demo.tenantId } })
    ).body.id;
    for (const method of ['GET', 'DELETE']) {
      const status = async (id: string, headers: Record<string, string> = admin) =>
        (await server.request(method, `/api/v2/api-keys/${id}`, { headers })).status;
      expect(await status('nonsense')).toBe(400);
      expect(await status(newId())).toBe(404);
      expect(await status(sibling)).toBe(404);
      expect(await status(foreign)).toBe(404);
    }
    const there = { ...admin, 'x-tenant-id': siblingId };
    expect((await server.request('GET', `/api/v2/api-keys/${sibling}`, { headers: there })).status).toBe(200);
  });
});

describe('listing', () => {
  it('pages, newest first, with the keys of the place only and no secrets', async () => {
    const { body } = await server.request('GET', '/api/v2/api-keys?page=1&limit=2', { headers: admin });
    expect(body.data).toHaveLength(2);
    expect(body.meta).toMatchObject({ page: 1, limit: 2, totalPages: Math.ceil(body.meta.total / 2) });
    expect(Date.parse(body.data[0].createdAt)).toBeGreaterThanOrEqual(Date.parse(body.data[1].createdAt));
    const all = await server.request('GET', '/api/v2/api-keys?limit=100', { headers: admin });
    expect(all.body.data).toHaveLength(body.meta.total);
    const places = new Set(
      all.body.data.map(
        ({ scope }: { scope: { tenantId?: string; workspaceId?: string } }) => scope.tenantId ?? scope.workspaceId,
      ),
    );
    expect(places).toEqual(new Set([tenantId, workspaceId]));
    expect(JSON.stringify(all.body)).not.toMatch(/tfs|argon2|secret/i);
    expect((await server.request('GET', '/api/v2/api-keys?limit=101', { headers: admin })).status).toBe(400);
  });
});

describe('keys that the server keeps', () => {
  it('survive a restart, cannot be revoked, and are replaced when damaged, expired or for another tenant', async () => {
    const keys = server.app.get(StoredKeys);
    const file = join(postgres.dataDir, 'secrets', 'development-key.json');
    const first = await keys.ensureDevelopmentKey(tenantId);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(first);
    expect(await keys.ensureDevelopmentKey(tenantId)).toEqual(first);
    const answer = await validate({ authorization: `Bearer ${first.keyId}:${first.keySecret}` });
    expect(answer.body.permissions).toEqual(['logs:write', 'metrics:write', 'traces:write']);

    await writeFile(file, '{"keyId": ');
    const second = await keys.ensureDevelopmentKey(tenantId);
    expect(second.keyId).not.toBe(first.keyId);
    const list = await server.request('GET', '/api/v2/api-keys?limit=100', { headers: admin });
    const { id } = list.body.data.find(({ keyId }: { keyId: string }) => keyId === second.keyId);
    // Nobody can revoke it; a time it has like any other.
    expect((await server.request('DELETE', `/api/v2/api-keys/${id}`, { headers: admin })).status).toBe(400);
    await server.sql('UPDATE api_keys SET expires_at = now() WHERE api_key_id = $1', [id]);
    server.app.get(ApiKeyAuthenticator).evict(second.keyId);
    const third = await keys.ensureDevelopmentKey(tenantId);
    expect(third.keyId).not.toBe(second.keyId);
    expect((await keys.ensureDevelopmentKey(siblingId)).keyId).not.toBe(third.keyId);

    const { tenantId: platform } = server.seeded.places.platform;
    const own = await keys.ensureStoredKey('platform', platform, ['traces:write']);
    expect((await keys.ensureStoredKey('platform', platform, ['traces:write'])).keyId).toBe(own.keyId);
    expect((await keys.ensureStoredKey('platform', platform, ['traces:write', 'logs:write'])).keyId).not.toBe(
      own.keyId,
    );
  });
});
