import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { eventually } from '../support/platform.js';
import { AuditedServer } from './audit-app.js';
import type { Answer } from './identity-app.js';

const PASSWORD = 'A long passphrase nobody guesses 4711';
let audited: AuditedServer;
let home: string;

beforeAll(async () => {
  audited = await AuditedServer.start();
  home = audited.server.seeded.places.default.organizationId;
});
afterAll(() => audited?.stop());

async function call(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return audited.server.request(method, `/api/v2${path}`, { headers: await audited.server.as(who), body });
}
const admin = (method: string, path: string, body?: unknown) => call('admin.telemetryflow', method, path, body);

interface Somebody {
  readonly id: string;
  readonly email: string;
  readonly headers: { authorization: string };
}

/** A user with a session, a device and a key, whom others' acts mention. */
async function somebody(localPart: string): Promise<Somebody> {
  const email = `${localPart}@example.com`;
  const lastName = `Zettel-${localPart.split('.')[1]}`;
  const created = await admin('POST', '/users', { email, firstName: 'Rosa', lastName, password: PASSWORD });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const { id } = created.body;
  await audited.server.sql(
    `UPDATE users SET email_verified_at = now(), force_password_change = false, recovery_email = 'other@example.com'
     WHERE user_id = $1`,
    [id],
  );
  const login = await audited.server.request('POST', '/api/v2/auth/login', {
    body: { email, password: PASSWORD },
    headers: { 'user-agent': 'Rosa’s browser'.normalize('NFKD').replace(/[^ -~]/g, '') },
  });
  expect(login.status, JSON.stringify(login.body)).toBe(200);
  const headers = { authorization: `Bearer ${login.body.access_token}` };
  await audited.act(home, {
    action: 'group.member_added',
    resource: { type: 'group', id: newId(), name: 'Operators' },
    details: { member: email.toUpperCase(), greeting: `Welcome Rosa ${lastName}!`, kept: 'nothing personal' },
  });
  await audited.act(home, {
    action: 'user.updated',
    resource: { type: 'user', id, name: email },
    before: { firstName: 'Rosa', lastName: 'Before' },
    after: { firstName: 'Rosa', lastName },
  });
  await audited.server.sql(
    `INSERT INTO api_keys (api_key_id, key_id, secret_hash, key_hint, name, scope_type, organization_id, workspace_id,
                           tenant_id, permissions, status, created_by)
     SELECT $1::uuid, 'tfk-' || replace($1::text, '-', ''), '$argon2id$x', 'x', $4, 'tenant', organization_id, workspace_id,
            tenant_id, '{metrics:write}', 'active', user_id FROM users WHERE user_id = $2 AND email = $3`,
    [newId(), id, email, `key of ${localPart}`],
  );
  return { id, email, headers };
}

describe('what is kept of a person', () => {
  it('they may take along: account, roles, sessions, devices, keys, views, acts, and never a secret', async () => {
    const rosa = await somebody('rosa.export');
    await audited.entry('admin.telemetryflow', `action=user.updated&resourceId=${rosa.id}`);
    const answer = await audited.server.request('GET', '/api/v2/users/me/data-export', { headers: rosa.headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    expect(answer.body).toMatchObject({
      user: { id: rosa.id, email: rosa.email, firstName: 'Rosa', recoveryEmail: 'other@example.com' },
      roles: [{ role: 'viewer' }],
      sessions: [{ userAgent: 'Rosas browser', ip: '127.0.0.1' }],
      apiKeys: [{ name: 'key of rosa.export' }],
    });
    expect(answer.body.devices).toHaveLength(1);
    const actions = answer.body.auditEntries.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(['user.created', 'auth.login', 'user.updated']));
    expect(JSON.stringify(answer.body)).not.toMatch(/argon2|password_hash|passwordHash|secret_hash|token_hash/);
    // Whoever created the account did so from an address that is nobody else's business.
    const creation = answer.body.auditEntries.find(({ action }: { action: string }) => action === 'user.created');
    expect(creation).toMatchObject({ actor: { name: 'admin.telemetryflow@telemetryflow.id' }, ip: '', userAgent: '' });
    expect(await audited.entry('admin.telemetryflow', `action=user.data_exported&actorId=${rosa.id}`)).toMatchObject({
      resource: { id: rosa.id },
    });
  });

  it('and administrators of their organization, nobody else', async () => {
    const rosa = await somebody('rosa.others');
    const path = `/users/${rosa.id}/data-export`;
    expect((await admin('GET', path)).body.user.email).toBe(rosa.email);
    expect((await call('super.administrator', 'GET', path)).status).toBe(200);
    expect((await call('developer.telemetryflow', 'GET', path)).status).toBe(403);
    const [stranger] = await audited.server.sql<{ user_id: string }>(
      `SELECT user_id FROM users WHERE email LIKE 'demo.%'`,
    );
    expect((await admin('GET', `/users/${stranger!.user_id}/data-export`)).status).toBe(404);
    expect((await admin('GET', `/users/${newId()}/data-export`)).status).toBe(404);
    expect((await admin('GET', '/users/nonsense/data-export')).status).toBe(400);
  });

  it('everyone sees of the trail what concerns them, and filters it', async () => {
    const rosa = await somebody('rosa.own');
    await audited.entry('admin.telemetryflow', `action=user.updated&resourceId=${rosa.id}`);
    const own = (query: string) =>
      audited.server.request('GET', `/api/v2/users/me/audit?${query}`, { headers: rosa.headers });
    const { body } = await own('limit=100');
    for (const entry of body.data) expect([entry.actor.id, entry.resource.id]).toContain(rosa.id);
    expect((await own('action=auth.login')).body.meta.total).toBe(1);
    expect((await own('limit=101')).status).toBe(400);
    expect((await audited.server.request('GET', '/api/v2/users/me/audit')).status).toBe(401);
  });
});

describe('erasing a person', () => {
  it('needs their address typed again, the right to, and somebody else', async () => {
    const rosa = await somebody('rosa.kept');
    const erase = (who: string, confirmEmail: unknown, id = rosa.id) =>
      call(who, 'POST', `/users/${id}/erase`, { confirmEmail });
    const wrong = await erase('admin.telemetryflow', 'rosa@example.com');
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, 'confirmEmail']);
    expect((await erase('admin.telemetryflow', undefined)).status).toBe(400);
    expect((await erase('developer.telemetryflow', rosa.email)).status).toBe(403);
    expect((await erase('admin.telemetryflow', rosa.email, newId())).status).toBe(404);
    const id = async (name: string) =>
      (await audited.server.sql<{ user_id: string }>('SELECT user_id FROM users WHERE email LIKE $1', [`${name}%`]))[0]!
        .user_id;
    const email = (name: string) => `${name}@telemetryflow.id`;
    const stranger = await erase('admin.telemetryflow', email('demo.telemetryflow'), await id('demo.'));
    expect(stranger.status).toBe(404);
    const stronger = await erase('admin.telemetryflow', email('super.administrator'), await id('super.'));
    expect(stronger.status).toBe(403);
    const own = await erase('admin.telemetryflow', email('admin.telemetryflow'), await id('admin.'));
    expect(own.status).toBe(409);
    const last = await erase('super.administrator', email('admin.telemetryflow'), await id('admin.'));
    expect([last.status, last.body.detail]).toEqual([409, expect.stringContaining('without an administrator')]);
    expect((await admin('GET', `/users/${rosa.id}`)).body.email).toBe(rosa.email);
  });

  it('ends what is theirs, keeps a pseudonym, and leaves the trail verifiable', async () => {
    const rosa = await somebody('rosa.erased');
    await audited.server.request('POST', '/api/v2/auth/login', {
      body: { email: rosa.email, password: 'wrong' },
      headers: { 'user-agent': 'a guess' },
    });
    await audited.entry('admin.telemetryflow', `action=auth.login_failed&resourceId=${rosa.id}`);
    const view = (visibility: string) =>
      audited.server.sql(
        `INSERT INTO saved_views (saved_view_id, organization_id, workspace_id, tenant_id, owner_id, name, page, state, visibility)
         SELECT gen_random_uuid(), organization_id, workspace_id, tenant_id, user_id, $2::text, 'logs', '', $2::text
         FROM users WHERE user_id = $1`,
        [rosa.id, visibility],
      );
    await view('private');
    await view('shared');
    const erased = await admin('POST', `/users/${rosa.id}/erase`, { confirmEmail: rosa.email.toUpperCase() });
    expect(erased.status, JSON.stringify(erased.body)).toBe(200);
    const { pseudonym } = erased.body;
    expect(pseudonym).toMatch(/^erased-[0-9a-f]{12}$/);

    expect((await audited.server.request('GET', '/api/v2/auth/me', { headers: rosa.headers })).status).toBe(401);
    const login = { email: rosa.email, password: PASSWORD };
    expect((await audited.server.request('POST', '/api/v2/auth/login', { body: login })).status).toBe(401);
    const [row] = await audited.server.sql('SELECT * FROM users WHERE user_id = $1', [rosa.id]);
    expect(row).toMatchObject({ email: `${pseudonym}@erased.invalid`, is_active: false, password_hash: null });
    // What was shared is the tenant's.
    const views = await audited.server.sql('SELECT name FROM saved_views WHERE owner_id = $1', [rosa.id]);
    expect(views).toEqual([{ name: 'shared' }]);
    expect(JSON.stringify(row)).not.toMatch(/rosa|zettel|other@example/i);
    for (const table of ['sessions', 'known_devices', 'password_history', 'role_assignments']) {
      expect(await audited.server.sql(`SELECT 1 FROM ${table} WHERE user_id = $1`, [rosa.id]), table).toEqual([]);
    }
    const keys = await audited.server.sql('SELECT status FROM api_keys WHERE created_by = $1', [rosa.id]);
    expect(keys).toEqual([{ status: 'revoked' }]);

    await eventually('the erasure of the trail', async () => {
      const [left] = await audited.server.sql<{ applied_at: Date | null; email: string | null }>(
        'SELECT applied_at, email FROM audit_erasures WHERE user_id = $1',
        [rosa.id],
      );
      return left?.applied_at && left.email === null ? true : undefined;
    });
    // In no version of any entry, and nowhere else in the store.
    const text = await audited.store.query({ query: 'SELECT * FROM audit_logs', format: 'JSONEachRow' });
    const leaks = (await text.json<Record<string, unknown>>())
      .filter((entry) => new RegExp(`${rosa.email}|Zettel-erased`, 'i').test(JSON.stringify(entry)))
      .map(({ action, actor_name, ip }) => ({ action, actor_name, ip }))
      // A login that was tried after the erasure names an address that nobody has any more.
      .filter(({ action }) => action !== 'auth.login_failed');
    expect(leaks).toEqual([]);
    const own = await audited.rows(`actor_id = '${rosa.id}'`);
    expect(own.length).toBeGreaterThan(0);
    for (const entry of own)
      expect([entry['actor_name'], entry['ip'], entry['user_agent']]).toEqual([pseudonym, '', '']);
    const [failed] = await audited.rows(`resource_id = '${rosa.id}' AND action = 'auth.login_failed'`);
    expect([failed!['resource_name'], failed!['ip'], failed!['user_agent']]).toEqual([pseudonym, '', '']);
    const mention = await audited.entry(
      'admin.telemetryflow',
      'action=group.member_added',
      ({ details }) => details['member'] === pseudonym,
    );
    expect(mention.details).toEqual({ member: pseudonym, greeting: `Welcome ${pseudonym}!`, kept: 'nothing personal' });
    expect(await audited.entry('admin.telemetryflow', `action=user.updated&resourceId=${rosa.id}`)).toMatchObject({
      before: { firstName: '[erased]', lastName: '[erased]' },
      resource: { name: pseudonym },
    });
    const act = await audited.entry('admin.telemetryflow', `action=user.erased&resourceId=${rosa.id}`);
    expect(act).toMatchObject({ resource: { name: pseudonym }, details: { endedKeys: 1 } });

    expect(await audited.verify(home)).toMatchObject({ intact: true, faults: [] });
    expect((await admin('POST', `/users/${rosa.id}/erase`, { confirmEmail: rosa.email })).status).toBe(409);

    // What stands there now is under the ledger's eye, too.
    const sequence = Number(own[0]!['sequence']);
    await audited.tamper(
      `ALTER TABLE audit_logs UPDATE actor_name = 'somebody' WHERE organization_id = '${home}' AND sequence = ${sequence}`,
    );
    expect((await audited.verify(home)).faults).toEqual([{ sequence, fault: 'altered' }]);
    await audited.tamper(
      `ALTER TABLE audit_logs UPDATE actor_name = '${pseudonym}' WHERE organization_id = '${home}' AND sequence = ${sequence}`,
    );
    expect((await audited.verify(home)).intact).toBe(true);
  }, 60_000);

  it('reaches acts that are recorded only afterwards, and people who were deleted before', async () => {
    const rosa = await somebody('rosa.late');
    expect((await admin('DELETE', `/users/${rosa.id}`)).status).toBe(204);
    const { status, body } = await admin('POST', `/users/${rosa.id}/erase`, { confirmEmail: rosa.email });
    expect(status, JSON.stringify(body)).toBe(200);
    const by = { actor: { type: 'user', id: rosa.id, email: rosa.email, sessionId: newId() } } as const;
    await audited.act(home, { action: 'test.late' }, by);
    const late = await audited.entry('admin.telemetryflow', 'action=test.late');
    expect(late).toMatchObject({ actor: { id: rosa.id, name: body.pseudonym }, ip: '', userAgent: '' });
    expect(await audited.verify(home)).toMatchObject({ intact: true });
  });

  it('lets exactly one of two that erase at once do it', async () => {
    const rosa = await somebody('rosa.twice');
    const answers = await Promise.all(
      [1, 2].map(() => admin('POST', `/users/${rosa.id}/erase`, { confirmEmail: rosa.email })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
