import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DefaultKeyIssuer, PlaceChanges } from '../../src/modules/100-core/index.js';
import { ApiKeyAuthenticator, KeyUsage } from '../../src/modules/300-api-keys/index.js';
import { ExpireApiKeys } from '../../src/modules/300-api-keys/application/commands/expire-api-keys.js';
import { LeaversKeys } from '../../src/modules/300-api-keys/application/leavers-keys.js';
import { PlatformEvent } from '../../src/shared/messaging/index.js';
import { Database, systemScope } from '../../src/shared/platform/database/index.js';
import { newId } from '../../src/shared/platform/index.js';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';
import { eventually } from '../support/platform.js';

type Auth = { authorization: string };

const KEYS = '/api/v2/api-keys';
const DAY_MS = 86_400_000;

let postgres: TestPostgres;
let server: IdentityServer;
let admin: Auth;
let tenantId: string;
let workspaceId: string;
let organizationId: string;
const siblingId = newId();
let keysMade = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  ({ organizationId, workspaceId, tenantId } = server.seeded.places.default);
  await server.sql(
    `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, 'sibling', 'Sibling')`,
    [siblingId, workspaceId, organizationId],
  );
  admin = await server.as('admin.telemetryflow');
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = admin) =>
  server.request(method, `${KEYS}${path}`, { headers, ...(body === undefined ? {} : { body }) });

async function create(changed: Record<string, unknown> = {}, headers: Auth = admin): Promise<Answer['body']> {
  const scope = { type: 'tenant', tenantId };
  const body = { name: `life ${(keysMade += 1)}`, permissions: ['metrics:write'], scope, ...changed };
  const answer = await call('POST', '', body, headers);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

const works = async ({ keyId, keySecret }: { keyId: string; keySecret: string }) =>
  (await call('GET', '/validate', undefined, { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret })).status === 200;

/** Changes a stored key behind the application's back. */
async function store(id: string, assignment: string): Promise<void> {
  const [row] = await server.sql<{ key_id: string }>(
    `UPDATE api_keys SET ${assignment} WHERE api_key_id = $1 RETURNING key_id`,
    [id],
  );
  server.app.get(ApiKeyAuthenticator).evict(row!.key_id);
}

interface ActRow {
  readonly type: string;
  readonly organization_id: string;
  readonly payload: Record<string, unknown>;
}
const actsOf = (id: string) =>
  server.sql<ActRow>(
    `SELECT type, organization_id, payload FROM outbox
     WHERE type LIKE 'api_key.%' AND payload ->> 'aggregateId' = $1 ORDER BY id`,
    [id],
  );

const fieldsOf = ({ body }: Answer) => (body.errors ?? []).map(({ path }: { path: string }) => path).sort();

describe('B16: the secret', () => {
  it('B16: appears only in the answers that create and rotate, and is stored as Argon2id', async () => {
    const created = await create();
    const rotation = await call('POST', `/${created.id}/rotate`, {});
    expect(rotation.status).toBe(201);
    expect(rotation.headers.get('cache-control')).toBe('no-store');
    expect(rotation.headers.get('location')).toBe(`${KEYS}/${rotation.body.id}`);
    for (const { id, keySecret, otelKeySecret } of [created, rotation.body]) {
      expect(keySecret).toMatch(/^tfs-[0-9a-f]{64}$/);
      expect(otelKeySecret).toBe(keySecret.replace('-', '_'));
      const body = keySecret.slice(4);
      const elsewhere = await Promise.all([
        call('GET', '?limit=100'),
        call('GET', `/${id}`),
        call('GET', `/${id}/usage`),
        call('PATCH', `/${id}`, { description: 'seen' }),
        call('POST', `/${id}/suspend`),
      ]);
      for (const answer of elsewhere) expect(JSON.stringify(answer.body)).not.toMatch(new RegExp(`${body}|argon2`));
      const [row] = await server.sql<{ secret_hash: string }>(
        'SELECT secret_hash FROM api_keys WHERE api_key_id = $1',
        [id],
      );
      expect(row!.secret_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
      for (const act of await actsOf(id)) expect(JSON.stringify(act)).not.toMatch(new RegExp(`${body}|argon2`));
    }
  });
});

describe('B19: rotation', () => {
  it('B19: lets both pairs in during grace and the old one no longer; the answered id is the one that works', async () => {
    const expiresAt = new Date(Date.now() + 90 * DAY_MS).toISOString();
    const old = await create({ permissions: ['logs:write', 'metrics:read'], rateLimit: 77, expiresAt });
    const { status, body: next } = await call('POST', `/${old.id}/rotate`, { gracePeriodMinutes: 15 });
    expect(status).toBe(201);
    const { permissions, scope, rateLimit } = old;
    expect(next).toMatchObject({ permissions, scope, rateLimit, expiresAt, status: 'active', oldKeyId: old.keyId });
    expect(next).toMatchObject({ oldId: old.id, name: `${old.name} (Rotated)` });
    expect(Date.parse(next.oldKeyWorksUntil) - Date.parse(next.createdAt)).toBe(15 * 60_000);
    expect(await Promise.all([works(old), works(next)])).toEqual([true, true]);
    expect((await call('GET', `/${next.id}`)).body.keyId).toBe(next.keyId);
    expect((await call('GET', `/${old.id}`)).body).toMatchObject({
      status: 'rotated',
      gracePeriodExpiresAt: next.oldKeyWorksUntil,
    });

    await store(old.id, 'grace_period_expires_at = now()');
    expect(await Promise.all([works(old), works(next)])).toEqual([false, true]);
    expect((await call('GET', `/${old.id}`)).body.status).toBe('expired');
  });

  it('B19: has 30 minutes of grace unless told, and none at once when told so', async () => {
    const usual = await create();
    const { body } = await call('POST', `/${usual.id}/rotate`);
    expect(Date.parse(body.oldKeyWorksUntil) - Date.parse(body.createdAt)).toBe(30 * 60_000);
    const cut = await create();
    expect(await works(cut)).toBe(true);
    const { body: next } = await call('POST', `/${cut.id}/rotate`, { gracePeriodMinutes: 0 });
    expect(await Promise.all([works(cut), works(next)])).toEqual([false, true]);
  });

  it('B19: is for active keys only: revoked, rotated, suspended and expired ones answer 400', async () => {
    const [revoked, rotated, suspended, expired] = await Promise.all([create(), create(), create(), create()]);
    await call('DELETE', `/${revoked.id}`);
    await call('POST', `/${rotated.id}/rotate`);
    await call('POST', `/${suspended.id}/suspend`);
    await store(expired.id, 'expires_at = now()');
    for (const { id } of [revoked, rotated, suspended, expired]) {
      const answer = await call('POST', `/${id}/rotate`);
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['id']]);
    }
    for (const gracePeriodMinutes of [-1, 1.5, 43_201, 'soon']) {
      const answer = await call('POST', `/${revoked.id}/rotate`, { gracePeriodMinutes });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ['gracePeriodMinutes']]);
    }
  });

  it('is won by exactly one of those that come at the same time', async () => {
    const { id, name } = await create();
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', `/${id}/rotate`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    const rows = await server.sql('SELECT 1 FROM api_keys WHERE name LIKE $1', [`${name} (%`]);
    expect(rows).toHaveLength(1);
    expect((await actsOf(id)).map(({ type }) => type)).toEqual(['api_key.created', 'api_key.rotated']);
  });

  it('counts names on, past those that others have', async () => {
    const first = await create({ name: 'till' });
    await create({ name: 'TILL (rotated 2)', scope: { type: 'tenant', tenantId: siblingId } });
    const second = (await call('POST', `/${first.id}/rotate`)).body;
    const third = (await call('POST', `/${second.id}/rotate`)).body;
    expect([second.name, third.name]).toEqual(['till (Rotated)', 'till (Rotated 3)']);
  });

  it('needs all that the key holds: nobody comes by a secret that may more than they', async () => {
    const key = await create({ permissions: ['metrics:write'] });
    await limitDeveloper(async (developer) => {
      const refused = await call('POST', `/${key.id}/rotate`, {}, developer);
      expect([refused.status, refused.body.code]).toEqual([403, 'PERMISSION_DENIED']);
      expect((await call('PATCH', `/${key.id}`, { name: `${key.name}, renamed` }, developer)).status).toBe(200);
      const longer = new Date(Date.now() + 700 * DAY_MS).toISOString();
      expect((await call('PATCH', `/${key.id}`, { expiresAt: longer }, developer)).status).toBe(403);
    });
    expect((await call('POST', `/${key.id}/rotate`)).status).toBe(201);
  });
});

/** While a developer may not write metrics. */
async function limitDeveloper(work: (developer: Auth) => Promise<void>): Promise<void> {
  const [user] = await server.sql<{ user_id: string }>(
    `SELECT user_id FROM users WHERE email LIKE 'developer.telemetryflow@%'`,
  );
  const { AccessDirectory, SeedService } = await import('../../src/modules/100-core/index.js');
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
    const key = await create({ permissions: ['metrics:read'] });
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
    const changed = await call('PATCH', `/${key.id}`, changes);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...changes, keyId: key.keyId, status: 'active' });
    expect(await probe()).toBe(403);
    expect((await call('PATCH', `/${key.id}`, { rateLimit: null })).body.rateLimit).toBeNull();
    const [, act] = await actsOf(key.id);
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
    const { id, name } = await create();
    expect((await call('PATCH', `/${id}`, { name })).status).toBe(200);
    expect(await actsOf(id)).toHaveLength(1);
  });

  it('names all faulty fields at once', async () => {
    const { id } = await create();
    const answer = await call('PATCH', `/${id}`, {
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
      expect(fieldsOf(await call('PATCH', `/${id}`, { expiresAt }))).toEqual(['expiresAt']);
    }
  });

  it('keeps hostile text inert', async () => {
    for (const name of [
      '<img src=x onerror=alert(1)>',
      "=cmd|' /C calc'!A0",
      '🔑 \u202Egnp.exe',
      "'; DROP TABLE api_keys; --",
    ]) {
      const answer = await call('POST', '', { name, permissions: ['logs:write'], scope: { type: 'tenant', tenantId } });
      expect([201, 400]).toContain(answer.status);
      if (answer.status === 201) expect((await call('GET', `/${answer.body.id}`)).body.name).toBe(name);
      else expect(fieldsOf(answer)).toEqual(['name']);
    }
    expect((await call('GET', `?search=${encodeURIComponent("'; DROP")}`)).status).toBe(200);
  });

  it('of revoked, rotated and expired keys is refused with 409', async () => {
    const [revoked, rotated, expired] = await Promise.all([create(), create(), create()]);
    await call('POST', `/${revoked.id}/revoke`, { reason: 'leaked' });
    await call('POST', `/${rotated.id}/rotate`);
    await store(expired.id, 'expires_at = now()');
    for (const { id } of [revoked, rotated, expired]) {
      expect((await call('PATCH', `/${id}`, { description: 'again' })).status).toBe(409);
      expect((await call('POST', `/${id}/suspend`)).status).toBe(409);
      expect((await call('POST', `/${id}/reactivate`)).status).toBe(409);
    }
    // Neither time nor anything else brings a key back.
    const later = new Date(Date.now() + DAY_MS).toISOString();
    expect((await call('PATCH', `/${expired.id}`, { expiresAt: later })).status).toBe(409);
    expect(await Promise.all([works(revoked), works(expired)])).toEqual([false, false]);
  });
});

describe('names', () => {
  it('are one key’s in use throughout the organization, whatever their case, and free again afterwards', async () => {
    const { id } = await create({ name: 'shop' });
    const twice = await call('POST', '', {
      name: 'SHOP',
      permissions: ['logs:write'],
      scope: { type: 'tenant', tenantId: siblingId },
    });
    expect([twice.status, twice.body.code, fieldsOf(twice)]).toEqual([409, 'CONFLICT', ['name']]);
    const other = await create();
    expect((await call('PATCH', `/${other.id}`, { name: 'Shop' })).status).toBe(409);
    await call('POST', `/${id}/suspend`);
    expect((await call('PATCH', `/${other.id}`, { name: 'Shop' })).status).toBe(409);
    await call('DELETE', `/${id}`);
    expect((await call('PATCH', `/${other.id}`, { name: 'Shop' })).status).toBe(200);
  });

  it('go to exactly one of those that want it at the same time', async () => {
    const body = { name: 'contested', permissions: ['logs:write'], scope: { type: 'tenant', tenantId } };
    const answers = await Promise.all(Array.from({ length: 4 }, () => call('POST', '', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });
});

describe('suspending', () => {
  it('stops a key at once and reactivating lets it in again, each once', async () => {
    const key = await create();
    expect(await works(key)).toBe(true);
    const twice = await Promise.all([1, 2].map(() => call('POST', `/${key.id}/suspend`)));
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(twice.find(({ status }) => status === 200)!.body.status).toBe('suspended');
    expect(await works(key)).toBe(false);
    const back = await Promise.all([1, 2].map(() => call('POST', `/${key.id}/reactivate`)));
    expect(back.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await works(key)).toBe(true);
    expect((await actsOf(key.id)).map(({ type }) => type)).toEqual([
      'api_key.created',
      'api_key.suspended',
      'api_key.reactivated',
    ]);
  });

  it('needs the whole workspace for a key that acts there', async () => {
    const wide = await create({ scope: { type: 'workspace', workspaceId } });
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
      expect((await call(method, `/${wide.id}${path}`, {}, viewer)).status, path).toBe(403);
    }
    expect((await call('POST', `/${wide.id}/suspend`)).status).toBe(200);
  });
});

describe('revoking', () => {
  it('keeps its reason, and the first one', async () => {
    const key = await create();
    const revoke = (reason: string) => call('POST', `/${key.id}/revoke`, { reason });
    expect((await revoke('leaked in a log')).status).toBe(204);
    expect(await works(key)).toBe(false);
    expect((await revoke('something else')).status).toBe(204);
    expect((await call('GET', `/${key.id}`)).body).toMatchObject({
      status: 'revoked',
      revokedReason: 'leaked in a log',
    });
    expect((await revoke('x'.repeat(501))).status).toBe(400);
    const acts = await actsOf(key.id);
    expect(acts.map(({ type }) => type)).toEqual(['api_key.created', 'api_key.revoked']);
    expect(acts[1]!.payload).toMatchObject({ reason: 'leaked in a log', before: { status: 'active' } });
  });
});

describe('keys of the server', () => {
  it('can be neither revoked, suspended, changed, rotated nor deleted', async () => {
    const key = await create();
    await store(key.id, 'is_system = true');
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/revoke'],
      ['POST', '/suspend'],
      ['POST', '/reactivate'],
      ['POST', '/rotate'],
      ['PATCH', ''],
    ] as const) {
      const answer = await call(method, `/${key.id}${path}`, method === 'DELETE' ? undefined : {});
      expect([answer.status, answer.body.errors[0].code], path).toEqual([400, 'system_key']);
    }
    expect(await works(key)).toBe(true);
  });
});

describe('expiry', () => {
  it('shows before the job has run, and is written down, once and with an act, by the job', async () => {
    const [aged, rotated, suspended, alive] = await Promise.all([create(), create(), create(), create()]);
    await call('POST', `/${rotated.id}/rotate`);
    await call('POST', `/${suspended.id}/suspend`);
    await store(aged.id, 'expires_at = now()');
    await store(rotated.id, 'grace_period_expires_at = now()');
    await store(suspended.id, 'expires_at = now()');
    const over = [aged, rotated, suspended].map(({ id }) => id);
    for (const id of over) expect((await call('GET', `/${id}`)).body.status).toBe('expired');
    const listed = await call('GET', '?status=expired&limit=100');
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(over));

    const expire = server.app.get(ExpireApiKeys);
    await Promise.all([expire.execute('job-1'), expire.execute('job-2')]);
    const rows = await server.sql<{ status: string }>(
      'SELECT status FROM api_keys WHERE api_key_id = ANY ($1) ORDER BY status',
      [[...over, alive.id]],
    );
    expect(rows.map(({ status }) => status)).toEqual(['active', 'expired', 'expired', 'expired']);
    for (const id of over) {
      const acts = (await actsOf(id)).filter(({ type }) => type === 'api_key.expired');
      expect(acts).toHaveLength(1);
      expect(acts[0]).toMatchObject({ organization_id: organizationId, payload: { actor: { type: 'system' } } });
    }
  });
});

describe('listing', () => {
  it('filters by status and search, and counts all the same', async () => {
    const marked = await create({ name: 'Needle 100%', description: 'in_a haystack' });
    const suspended = await create({ name: 'needle two' });
    await call('POST', `/${suspended.id}/suspend`);
    const find = async (query: string) => {
      const { body } = await call('GET', `?limit=100&${query}`);
      expect(body.meta.total).toBe(body.data.length);
      return { ids: body.data.map(({ id }: { id: string }) => id), counts: body.counts };
    };
    const { ids, counts } = await find('search=needle');
    expect(ids).toEqual([suspended.id, marked.id]);
    expect((await find('search=NEEDLE&status=suspended')).ids).toEqual([suspended.id]);
    expect((await find('search=100%25')).ids).toEqual([marked.id]);
    expect((await find('search=in_a')).ids).toEqual([marked.id]);
    expect((await find('search=in%25a')).ids).toEqual([]);
    expect((await find(`search=${marked.keyId}`)).ids).toEqual([marked.id]);
    const all = await find('');
    expect(all.counts).toEqual(counts);
    expect(all.counts.total).toBe(all.ids.length);
    expect((await call('GET', '?status=lost')).status).toBe(400);
  });
});

describe('usage', () => {
  /** Once so many requests are counted: an answer is there a moment before it counts. */
  const counted = (id: string, requests: number) =>
    eventually(`${requests} requests counted`, async () => {
      await server.app.get(KeyUsage).flush();
      const found = await usage(id, '?bucket=hour');
      return found.totals.requests >= requests ? found : undefined;
    });
  const usage = async (id: string, query = '') => (await call('GET', `/${id}/usage${query}`)).body;

  it('B21: moves after calls: count, last use, endpoints and statuses, errors included', async () => {
    const key = await create({ permissions: ['metrics:read'] });
    const headers = { 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret };
    const before = await usage(key.id);
    expect(before.totals).toEqual({ requests: 0, errors: 0, successRate: 1 });
    await works(key);
    for (let i = 0; i < 2; i += 1) await server.request('GET', '/probe/metrics', { headers });
    await server.request('GET', '/probe/deletion', { headers });
    await server.request('GET', '/probe/metrics', { headers: { ...headers, 'x-tenant-id': siblingId } });
    // A wrong secret is nobody's use.
    await server.request('GET', '/probe/metrics', {
      headers: { ...headers, 'x-api-key-secret': `tfs-${'0'.repeat(64)}` },
    });
    const after = await counted(key.id, 5);
    expect(after.totals).toEqual({ requests: 5, errors: 2, successRate: 0.6 });
    expect(after.byEndpoint).toEqual(
      expect.arrayContaining([
        { endpoint: 'GET /probe/metrics', requests: 3, errors: 1 },
        { endpoint: 'GET /probe/deletion', requests: 1, errors: 1 },
        { endpoint: 'GET /api/v2/api-keys/validate', requests: 1, errors: 0 },
      ]),
    );
    expect(after.byStatus).toEqual([
      { status: '200', requests: 3 },
      ...[
        { status: '403', requests: 1 },
        { status: '404', requests: 1 },
      ],
    ]);
    const sum = after.series.reduce((total: number, { requests }: { requests: number }) => total + requests, 0);
    expect(sum).toBe(5);
    expect([25, 26]).toContain(after.series.length);
    const { body: shown } = await call('GET', `/${key.id}`);
    expect(shown).toMatchObject({ usageCount: 5, lastUsedAt: expect.any(String), lastUsedIp: '127.0.0.1' });
  });

  it('has zeros for empty buckets, and what is asked for and no more', async () => {
    const { id } = await create();
    await server.sql(
      `INSERT INTO api_key_usage VALUES
         ($1, date_trunc('hour', now() - interval '3 days', 'UTC'), 'POST /v1/logs', '200', 7, 0),
         ($1, date_trunc('hour', now() - interval '3 days', 'UTC'), 'POST /v1/logs', '429', 3, 3),
         ($1, date_trunc('hour', now(), 'UTC'), 'POST /v1/logs', '200', 1, 0)`,
      [id],
    );
    const daily = await usage(id, '?bucket=day');
    expect(daily.series).toHaveLength(31);
    expect(daily.series.filter(({ requests }: { requests: number }) => requests > 0)).toHaveLength(2);
    expect(daily.totals).toMatchObject({ requests: 11, errors: 3 });
    const to = new Date(Date.now() - DAY_MS).toISOString();
    expect((await usage(id, `?bucket=day&to=${to}`)).totals).toMatchObject({ requests: 10, errors: 3 });
    expect((await usage(id, `?bucket=month`)).totals.requests).toBe(11);
  });

  it('is counted on when it could not be written', async () => {
    const key = await create();
    const uses = server.app.get(KeyUsage);
    uses.answered(key.id, 'POST /v1/logs', 'x'.repeat(31), true, '10.0.0.1');
    uses.answered(key.id, 'POST /v1/logs', '200', false, '10.0.0.2');
    await uses.flush();
    expect((await usage(key.id)).totals.requests).toBe(0);
    await server.sql('ALTER TABLE api_key_usage DROP CONSTRAINT api_key_usage_status_check');
    uses.answered(key.id, 'POST /v1/logs', '200', false, '10.0.0.3');
    await uses.flush();
    expect((await usage(key.id)).totals).toMatchObject({ requests: 3, errors: 1 });
    expect((await call('GET', `/${key.id}`)).body).toMatchObject({ usageCount: 3, lastUsedIp: '10.0.0.3' });
  });

  it.each([
    ['?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', ['from']],
    ['?bucket=hour&from=2025-01-01T00:00:00Z', ['from']],
    ['?bucket=century&from=yesterday&to=tomorrow', ['bucket', 'from', 'to']],
  ])('refuses %s', async (query, fields) => {
    const { id } = await create();
    const answer = await call('GET', `/${id}/usage${query}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });

  it('of foreign, unknown and malformed keys is not there', async () => {
    const sibling = await create({ scope: { type: 'tenant', tenantId: siblingId } });
    for (const [id, status] of [
      [sibling.id, 404],
      [newId(), 404],
      ['nonsense', 400],
    ]) {
      for (const [method, path] of [
        ['GET', '/usage'],
        ['PATCH', ''],
        ['POST', '/rotate'],
        ['POST', '/suspend'],
        ['POST', '/reactivate'],
        ['POST', '/revoke'],
      ] as const) {
        const answer = await call(method, `/${id}${path}`, method === 'GET' ? undefined : {});
        expect(answer.status, `${method} ${id}${path}`).toBe(status);
      }
    }
  });
});

describe('row-level security', () => {
  it('shows uses as far as their key, and partitions by their own name to nobody', async () => {
    const { id } = await create();
    await server.sql(
      `INSERT INTO api_key_usage VALUES ($1, date_trunc('hour', now(), 'UTC'), 'POST /v1/logs', '200', 1, 0)`,
      [id],
    );
    const database = server.app.get(Database);
    const place = { organizationId, workspaceId, tenantId };
    const rest = {
      requestId: 'r',
      actor: { type: 'system', id: newId() },
      roles: [],
      permissions: new Set<string>(),
      isPlatformAdministrator: true,
      ip: '',
      userAgent: '',
    } as const;
    const seen = (where: object, table = 'api_key_usage') =>
      database.transaction({ ...rest, ...place, ...where }, async (manager) => {
        const rows = await manager.query<unknown[]>(`SELECT 1 FROM ${table} WHERE api_key_id = $1`, [id]);
        return rows.length;
      });
    expect(await seen({})).toBe(1);
    expect(await seen({ tenantId: siblingId })).toBe(0);
    expect(await seen({ ...server.seeded.places.demo })).toBe(0);
    const month = new Date().toISOString().slice(0, 7).replace('-', '');
    // Granted when the server starts next; until then it is not even allowed to ask.
    await server.sql(`GRANT SELECT ON api_key_usage_${month} TO PUBLIC`);
    expect(await seen({}, `api_key_usage_${month}`)).toBe(0);
    const write = (statement: string) =>
      database.transaction({ ...rest, ...place }, (manager) => manager.query(statement, [id]));
    await expect(
      write(`INSERT INTO api_key_usage VALUES ($1, date_trunc('hour', now(), 'UTC'), 'x', '200', 1, 0)`),
    ).rejects.toThrow('row-level security');
    await write('DELETE FROM api_key_usage WHERE api_key_id = $1');
    expect(await seen({})).toBe(1);
  });

  it('of keys hides those of a sibling tenant from a direct session', async () => {
    const { id } = await create({ scope: { type: 'tenant', tenantId: siblingId } });
    const rows = await server.app
      .get(Database)
      .transaction(systemScope('authentication'), (manager) =>
        manager.query<unknown[]>('SELECT 1 FROM api_keys WHERE api_key_id = $1', [id]),
      );
    expect(rows).toEqual([]);
  });
});

describe('partitions of usage', () => {
  it('are made ahead, and dropped when their month ended more than 90 days ago', async () => {
    const names = async () =>
      (
        await server.sql<{ relname: string }>(
          `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'api_key_usage'::regclass ORDER BY 1`,
        )
      ).map(({ relname }) => relname);
    const expected = await names();
    expect(expected).toHaveLength(4);
    await server.sql(
      `CREATE TABLE api_key_usage_202001 PARTITION OF api_key_usage FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')`,
    );
    await server.sql(`DROP TABLE ${expected.at(-1)}`);
    const database = server.app.get(Database);
    await Promise.all(
      [1, 2].map(() =>
        database.transaction(systemScope('api-keys'), (manager) => manager.query('SELECT api_key_usage_maintain()')),
      ),
    );
    expect(await names()).toEqual(expected);
  });
});

describe('the default key of a new place', () => {
  const origin = { requestId: 'r', ip: '', userAgent: '' };
  const place = () => ({ organizationId, workspaceId, tenantId });

  it('works once its transaction has committed, and is nothing when it has not', async () => {
    const issuer = server.app.get(DefaultKeyIssuer);
    const database = server.app.get(Database);
    const prepared = await issuer.prepare({ name: 'first key', permissions: ['logs:write'] });
    const undone = database.transaction(systemScope('platform'), async (manager) => {
      await prepared.store(manager, origin, place(), null);
      throw new Error('the administrator could not be made');
    });
    await expect(undone).rejects.toThrow('could not be made');
    expect((await call('GET', '?search=first%20key')).body.data).toEqual([]);

    const again = await issuer.prepare({ name: 'first key', permissions: ['logs:write'] });
    const key = await database.transaction(systemScope('platform'), (manager) =>
      again.store(manager, origin, place(), null),
    );
    expect(await works(key)).toBe(true);
    expect(key.otelKeyId).toBe(key.keyId.replace('-', '_'));
    expect((await call('GET', `/${key.id}`)).body).toMatchObject({ isSystem: false, permissions: ['logs:write'] });
    expect((await actsOf(key.id)).map(({ type }) => type)).toEqual(['api_key.created']);
    expect((await call('DELETE', `/${key.id}`)).status).toBe(204);
  });
});

describe('the quota of a workspace', () => {
  it('is never exceeded, whoever comes at the same time, and rotation needs no room', async () => {
    const [{ n }] = (await server.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM api_keys WHERE workspace_id = $1 AND status IN ('active', 'suspended') AND NOT is_system`,
      [workspaceId],
    )) as [{ n: number }];
    const set = async (quotas: object) => {
      await server.sql('UPDATE workspaces SET quotas = $2 WHERE workspace_id = $1', [
        workspaceId,
        JSON.stringify(quotas),
      ]);
      server.app.get(PlaceChanges).announce();
    };
    await set({ maxApiKeys: n + 1 });
    try {
      const answers = await Promise.all(
        [tenantId, siblingId, tenantId].map((id) =>
          call('POST', '', {
            name: `quota ${(keysMade += 1)}`,
            permissions: ['logs:write'],
            scope: { type: 'tenant', tenantId: id },
          }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      const last = answers.find(({ status }) => status === 201)!.body;
      const there = { ...admin, 'x-tenant-id': last.scope.tenantId };
      expect((await call('POST', `/${last.id}/rotate`, {}, there)).status).toBe(201);
    } finally {
      await set({});
    }
    await create();
  });
});

describe('whoever leaves', () => {
  it.each(['user.deactivated', 'user.deleted'])('leaves no usable key behind: %s', async (type) => {
    const developer = await server.as('developer.telemetryflow');
    const [mine, rotated, others] = [await create({}, developer), await create({}, developer), await create()];
    const successor = (await call('POST', `/${rotated.id}/rotate`)).body;
    expect(await works(rotated)).toBe(true);
    const event = new PlatformEvent(newId(), type, { aggregateId: mine.createdBy }, organizationId, new Date());
    const leavers = server.app.get(LeaversKeys);
    await Promise.all([leavers.suspend(event), leavers.suspend(event)]);
    expect(await Promise.all([mine, rotated, successor, others].map(works))).toEqual([false, false, true, true]);
    expect((await call('GET', `/${mine.id}`)).body.status).toBe('suspended');
    expect((await actsOf(mine.id)).map((act) => act.type)).toEqual(['api_key.created', 'api_key.suspended']);
    expect((await call('POST', `/${mine.id}/reactivate`)).status).toBe(200);
    expect(await works(mine)).toBe(true);
    const elsewhere = new PlatformEvent(newId(), type, event.payload, newId(), new Date());
    await leavers.suspend(elsewhere);
    expect(await works(mine)).toBe(true);
  });
});
