import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessDirectory, SeedService } from '../../src/modules/100-core/index.js';
import { ExpireApiKeys } from '../../src/modules/300-api-keys/application/commands/expire-api-keys.js';
import { newId } from '../../src/shared/platform/index.js';
import type { IdentityServer } from './identity-app.js';
import { type Auth, fieldsOf, KeyServer } from './key-server.js';

const DAY_MS = 86_400_000;

let keys: KeyServer;
let server: IdentityServer;
let siblingId: string;
let organizationId: string;
let workspaceId: string;
let tenantId: string;

beforeAll(async () => {
  keys = await KeyServer.start();
  ({ server, siblingId } = keys);
  ({ organizationId, workspaceId, tenantId } = keys.place);
});
afterAll(() => keys?.stop());

describe('B16: the secret', () => {
  it('B16: appears only in the answers that create and rotate, and is stored as Argon2id', async () => {
    const created = await keys.create();
    const rotation = await keys.call('POST', `/${created.id}/rotate`, {});
    expect(rotation.status).toBe(201);
    expect(rotation.headers.get('cache-control')).toBe('no-store');
    expect(rotation.headers.get('location')).toBe(`/api/v2/api-keys/${rotation.body.id}`);
    for (const { id, keySecret, otelKeySecret } of [created, rotation.body]) {
      expect(keySecret).toMatch(/^tfs-[0-9a-f]{64}$/);
      expect(otelKeySecret).toBe(keySecret.replace('-', '_'));
      const body = keySecret.slice(4);
      const elsewhere = await Promise.all([
        keys.call('GET', '?limit=100'),
        keys.call('GET', `/${id}`),
        keys.call('GET', `/${id}/usage`),
        keys.call('PATCH', `/${id}`, { description: 'seen' }),
        keys.call('POST', `/${id}/suspend`),
      ]);
      for (const answer of elsewhere) expect(JSON.stringify(answer.body)).not.toMatch(new RegExp(`${body}|argon2`));
      const [row] = await server.sql<{ secret_hash: string }>(
        'SELECT secret_hash FROM api_keys WHERE api_key_id = $1',
        [id],
      );
      expect(row!.secret_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
      for (const act of await keys.actsOf(id)) expect(JSON.stringify(act)).not.toMatch(new RegExp(`${body}|argon2`));
    }
  });
});

describe('B19: rotation', () => {
  it('B19: lets both pairs in during grace and the old one no longer; the answered id is the one that works', async () => {
    const expiresAt = new Date(Date.now() + 90 * DAY_MS).toISOString();
    const old = await keys.create({ permissions: ['logs:write', 'metrics:read'], rateLimit: 77, expiresAt });
    const { status, body: next } = await keys.call('POST', `/${old.id}/rotate`, { gracePeriodMinutes: 15 });
    expect(status).toBe(201);
    const { permissions, scope, rateLimit } = old;
    expect(next).toMatchObject({ permissions, scope, rateLimit, expiresAt, status: 'active', oldKeyId: old.keyId });
    expect(next).toMatchObject({ oldId: old.id, name: `${old.name} (Rotated)` });
    expect(Date.parse(next.oldKeyWorksUntil) - Date.parse(next.createdAt)).toBe(15 * 60_000);
    expect(await Promise.all([keys.works(old), keys.works(next)])).toEqual([true, true]);
    expect((await keys.call('GET', `/${next.id}`)).body.keyId).toBe(next.keyId);
    expect((await keys.call('GET', `/${old.id}`)).body).toMatchObject({
      status: 'rotated',
      gracePeriodExpiresAt: next.oldKeyWorksUntil,
    });

    await keys.store(old.id, 'grace_period_expires_at = now()');
    expect(await Promise.all([keys.works(old), keys.works(next)])).toEqual([false, true]);
    expect((await keys.call('GET', `/${old.id}`)).body.status).toBe('expired');
  });

  it('B19: has 30 minutes of grace unless told, and none at once when told so', async () => {
    const usual = await keys.create();
    const { body } = await keys.call('POST', `/${usual.id}/rotate`);
    expect(Date.parse(body.oldKeyWorksUntil) - Date.parse(body.createdAt)).toBe(30 * 60_000);
    const cut = await keys.create();
    expect(await keys.works(cut)).toBe(true);
    const { body: next } = await keys.call('POST', `/${cut.id}/rotate`, { gracePeriodMinutes: 0 });
    expect(await Promise.all([keys.works(cut), keys.works(next)])).toEqual([false, true]);
  });

  it('B19: is for active keys only: revoked, rotated, suspended and expired ones answer 400', async () => {
    const [revoked, rotated, suspended, expired] = await Promise.all([
      keys.create(),
      keys.create(),
      keys.create(),
      keys.create(),
    ]);
    await keys.call('DELETE', `/${revoked.id}`);
    await keys.call('POST', `/${rotated.id}/rotate`);
    await keys.call('POST', `/${suspended.id}/suspend`);
    await keys.store(expired.id, 'expires_at = now()');
    for (const { id } of [revoked, rotated, suspended, expired]) {
      const answer = await keys.call('POST', `/${id}/rotate`);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['id']]);
    }
    for (const gracePeriodMinutes of [-1, 1.5, 43_201, 'soon']) {
      const answer = await keys.call('POST', `/${revoked.id}/rotate`, { gracePeriodMinutes });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['gracePeriodMinutes']]);
    }
  });

  it('is won by exactly one of those that come at the same time', async () => {
    const { id, name } = await keys.create();
    const answers = await Promise.all(Array.from({ length: 5 }, () => keys.call('POST', `/${id}/rotate`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    const rows = await server.sql('SELECT 1 FROM api_keys WHERE name LIKE $1', [`${name} (%`]);
    expect(rows).toHaveLength(1);
    expect((await keys.actsOf(id)).map(({ type }) => type)).toEqual(['api_key.created', 'api_key.rotated']);
  });

  it('counts names on, past those that others have', async () => {
    const first = await keys.create({ name: 'till' });
    await keys.create({ name: 'TILL (rotated 2)', scope: { type: 'tenant', tenantId: siblingId } });
    const second = (await keys.call('POST', `/${first.id}/rotate`)).body;
    const third = (await keys.call('POST', `/${second.id}/rotate`)).body;
    expect([second.name, third.name]).toEqual(['till (Rotated)', 'till (Rotated 3)']);
  });

  it('needs all that the key holds: nobody comes by a secret that may more than they', async () => {
    const key = await keys.create({ permissions: ['metrics:write'] });
    await limitDeveloper(async (developer) => {
      const refused = await keys.call('POST', `/${key.id}/rotate`, {}, developer);
      expect([refused.status, refused.body.code]).toEqual([403, 'PERMISSION_DENIED']);
      expect((await keys.call('PATCH', `/${key.id}`, { name: `${key.name}, renamed` }, developer)).status).toBe(200);
      const longer = new Date(Date.now() + 700 * DAY_MS).toISOString();
      expect((await keys.call('PATCH', `/${key.id}`, { expiresAt: longer }, developer)).status).toBe(403);
    });
    expect((await keys.call('POST', `/${key.id}/rotate`)).status).toBe(201);
  });
});

/** While a developer may not write metrics. */
async function limitDeveloper(work: (developer: Auth) => Promise<void>): Promise<void> {
  const [user] = await server.sql<{ user_id: string }>(
    `SELECT user_id FROM users WHERE email LIKE 'developer.telemetryflow@%'`,
  );
  await server.sql(`DELETE FROM role_permissions WHERE role_id = (SELECT role_id FROM roles WHERE code = 'developer')
    AND permission_id = (SELECT permission_id FROM permissions WHERE name = 'metrics:write')`);
  server.app.get(AccessDirectory).evict(user!.user_id);
  try {
    await work(await server.as('developer.telemetryflow'));
  } finally {
    await server.app.get(SeedService).seed();
    server.app.get(AccessDirectory).evictAll();
  }
}

describe('changing a key', () => {
  it('takes effect at the next request, and says before and after', async () => {
    const key = await keys.create({ permissions: ['metrics:read'] });
    const pair = { 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret };
    const probe = async () => (await server.request('GET', '/probe/metrics', { headers: pair })).status;
    expect(await probe()).toBe(200);
    const expiresAt = new Date(Date.now() + 5 * DAY_MS).toISOString();
    const changes = {
      name: 'front door',
      description: 'two\nlines',
      permissions: ['logs:read'],
      rateLimit: 5,
      expiresAt,
    };
    const changed = await keys.call('PATCH', `/${key.id}`, changes);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...changes, keyId: key.keyId, status: 'active' });
    expect(await probe()).toBe(403);
    expect((await keys.call('PATCH', `/${key.id}`, { rateLimit: null })).body.rateLimit).toBeNull();
    const [, act] = await keys.actsOf(key.id);
    expect(act).toMatchObject({ type: 'api_key.updated', organization_id: organizationId });
    expect(act!.payload).toMatchObject({
      keyId: key.keyId,
      before: { name: key.name, permissions: ['metrics:read'], rateLimit: null },
      after: changes,
      actor: { type: 'user' },
      result: 'success',
    });
  });

  it('that changes nothing is no act', async () => {
    const { id, name } = await keys.create();
    expect((await keys.call('PATCH', `/${id}`, { name })).status).toBe(200);
    expect(await keys.actsOf(id)).toHaveLength(1);
  });

  it('names all faulty fields at once', async () => {
    const { id } = await keys.create();
    const answer = await keys.call('PATCH', `/${id}`, {
      name: 'x'.repeat(256),
      description: 'y'.repeat(1001),
      permissions: ['users:read'],
      rateLimit: 0,
      expiresAt: 'soon',
    });
    expect(answer.status).toBe(400);
    expect(new Set(fieldsOf(answer).map((path: string) => path.split('.')[0]))).toEqual(
      new Set(['name', 'description', 'permissions', 'rateLimit', 'expiresAt']),
    );
    for (const expiresAt of ['2020-01-01T00:00:00Z', new Date(Date.now() + 731 * DAY_MS).toISOString()]) {
      expect(fieldsOf(await keys.call('PATCH', `/${id}`, { expiresAt }))).toEqual(['expiresAt']);
    }
  });

  it('keeps hostile text inert', async () => {
    for (const name of [
      '<img src=x onerror=alert(1)>',
      "=cmd|' /C calc'!A0",
      '🔑 \u202Egnp.exe',
      "'; DROP TABLE api_keys; --",
    ]) {
      const answer = await keys.call('POST', '', {
        name,
        permissions: ['logs:write'],
        scope: { type: 'tenant', tenantId },
      });
      expect([201, 400]).toContain(answer.status);
      if (answer.status === 201) expect((await keys.call('GET', `/${answer.body.id}`)).body.name).toBe(name);
      else expect(fieldsOf(answer)).toEqual(['name']);
    }
    expect((await keys.call('GET', `?search=${encodeURIComponent("'; DROP")}`)).status).toBe(200);
  });

  it('of revoked, rotated and expired keys is refused with 409', async () => {
    const [revoked, rotated, expired] = await Promise.all([keys.create(), keys.create(), keys.create()]);
    await keys.call('POST', `/${revoked.id}/revoke`, { reason: 'leaked' });
    await keys.call('POST', `/${rotated.id}/rotate`);
    await keys.store(expired.id, 'expires_at = now()');
    for (const { id } of [revoked, rotated, expired]) {
      expect((await keys.call('PATCH', `/${id}`, { description: 'again' })).status).toBe(409);
      expect((await keys.call('POST', `/${id}/suspend`)).status).toBe(409);
      expect((await keys.call('POST', `/${id}/reactivate`)).status).toBe(409);
    }
    // Neither time nor anything else brings a key back.
    const later = new Date(Date.now() + DAY_MS).toISOString();
    expect((await keys.call('PATCH', `/${expired.id}`, { expiresAt: later })).status).toBe(409);
    expect(await Promise.all([keys.works(revoked), keys.works(expired)])).toEqual([false, false]);
  });
});

describe('names', () => {
  it('are one key’s in use throughout the organization, whatever their case, and free again afterwards', async () => {
    const { id } = await keys.create({ name: 'shop' });
    const twice = await keys.call('POST', '', {
      name: 'SHOP',
      permissions: ['logs:write'],
      scope: { type: 'tenant', tenantId: siblingId },
    });
    expect([twice.status, twice.body.code, fieldsOf(twice)]).toEqual([409, 'CONFLICT', ['name']]);
    const other = await keys.create();
    expect((await keys.call('PATCH', `/${other.id}`, { name: 'Shop' })).status).toBe(409);
    await keys.call('POST', `/${id}/suspend`);
    expect((await keys.call('PATCH', `/${other.id}`, { name: 'Shop' })).status).toBe(409);
    await keys.call('DELETE', `/${id}`);
    expect((await keys.call('PATCH', `/${other.id}`, { name: 'Shop' })).status).toBe(200);
  });

  it('go to exactly one of those that want it at the same time', async () => {
    const body = { name: 'contested', permissions: ['logs:write'], scope: { type: 'tenant', tenantId } };
    const answers = await Promise.all(Array.from({ length: 4 }, () => keys.call('POST', '', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });
});

describe('suspending', () => {
  it('stops a key at once and reactivating lets it in again, each once', async () => {
    const key = await keys.create();
    expect(await keys.works(key)).toBe(true);
    const twice = await Promise.all([1, 2].map(() => keys.call('POST', `/${key.id}/suspend`)));
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(twice.find(({ status }) => status === 200)!.body.status).toBe('suspended');
    expect(await keys.works(key)).toBe(false);
    const back = await Promise.all([1, 2].map(() => keys.call('POST', `/${key.id}/reactivate`)));
    expect(back.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await keys.works(key)).toBe(true);
    expect((await keys.actsOf(key.id)).map(({ type }) => type)).toEqual([
      'api_key.created',
      'api_key.suspended',
      'api_key.reactivated',
    ]);
  });

  it('needs the whole workspace for a key that acts there', async () => {
    const wide = await keys.create({ scope: { type: 'workspace', workspaceId } });
    await server.sql(
      `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, u.user_id, r.role_id, u.organization_id, 'tenant', $2
       FROM users u, roles r WHERE u.email LIKE 'viewer.%' AND r.code = 'administrator' AND r.is_system`,
      [newId(), tenantId],
    );
    const viewer = await server.as('viewer.telemetryflow');
    for (const [method, path] of [
      ['PATCH', ''],
      ['POST', '/rotate'],
      ['POST', '/suspend'],
      ['POST', '/revoke'],
    ] as const) {
      expect((await keys.call(method, `/${wide.id}${path}`, {}, viewer)).status, path).toBe(403);
    }
    expect((await keys.call('POST', `/${wide.id}/suspend`)).status).toBe(200);
  });
});

describe('revoking', () => {
  it('keeps its reason, and the first one', async () => {
    const key = await keys.create();
    const revoke = (reason: string) => keys.call('POST', `/${key.id}/revoke`, { reason });
    expect((await revoke('leaked in a log')).status).toBe(204);
    expect(await keys.works(key)).toBe(false);
    expect((await revoke('something else')).status).toBe(204);
    expect((await keys.call('GET', `/${key.id}`)).body).toMatchObject({
      status: 'revoked',
      revokedReason: 'leaked in a log',
    });
    expect((await revoke('x'.repeat(501))).status).toBe(400);
    const acts = await keys.actsOf(key.id);
    expect(acts.map(({ type }) => type)).toEqual(['api_key.created', 'api_key.revoked']);
    expect(acts[1]!.payload).toMatchObject({ reason: 'leaked in a log', before: { status: 'active' } });
  });
});

describe('keys of the server', () => {
  it('can be neither revoked, suspended, changed, rotated nor deleted', async () => {
    const key = await keys.create();
    await keys.store(key.id, 'is_system = true');
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/revoke'],
      ['POST', '/suspend'],
      ['POST', '/reactivate'],
      ['POST', '/rotate'],
      ['PATCH', ''],
    ] as const) {
      const answer = await keys.call(method, `/${key.id}${path}`, method === 'DELETE' ? undefined : {});
      expect([answer.status, answer.body.errors[0].code], path).toEqual([400, 'system_key']);
    }
    expect(await keys.works(key)).toBe(true);
  });
});

describe('expiry', () => {
  it('shows before the job has run, and is written down, once and with an act, by the job', async () => {
    const [aged, rotated, suspended, alive] = await Promise.all([
      keys.create(),
      keys.create(),
      keys.create(),
      keys.create(),
    ]);
    await keys.call('POST', `/${rotated.id}/rotate`);
    await keys.call('POST', `/${suspended.id}/suspend`);
    await keys.store(aged.id, 'expires_at = now()');
    await keys.store(rotated.id, 'grace_period_expires_at = now()');
    await keys.store(suspended.id, 'expires_at = now()');
    const over = [aged, rotated, suspended].map(({ id }) => id);
    for (const id of over) expect((await keys.call('GET', `/${id}`)).body.status).toBe('expired');
    const listed = await keys.call('GET', '?status=expired&limit=100');
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(over));

    const expire = server.app.get(ExpireApiKeys);
    await Promise.all([expire.execute('job-1'), expire.execute('job-2')]);
    const rows = await server.sql<{ status: string }>(
      'SELECT status FROM api_keys WHERE api_key_id = ANY ($1) ORDER BY status',
      [[...over, alive.id]],
    );
    expect(rows.map(({ status }) => status)).toEqual(['active', 'expired', 'expired', 'expired']);
    for (const id of over) {
      const acts = (await keys.actsOf(id)).filter(({ type }) => type === 'api_key.expired');
      expect(acts).toHaveLength(1);
      expect(acts[0]).toMatchObject({ organization_id: organizationId, payload: { actor: { type: 'system' } } });
    }
  });
});
