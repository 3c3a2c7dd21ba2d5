import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database, systemScope } from '../../src/shared/platform/database/index.js';
import type { RequestContext } from '../../src/shared/platform/index.js';
import { AccountServer, type Answer, type Person } from './account-server.js';

// Hashes are slow on purpose, mails go over an event and a job, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

let server: AccountServer;
let person: Person;
let token: string;
beforeAll(async () => {
  server = await AccountServer.start();
  person = await server.person();
  token = await server.token(person);
});
afterAll(() => server?.stop());

const get = (path: string) => server.call('GET', path, { token });
const patch = (path: string, body: unknown) => server.call('PATCH', path, { token, body });
const paths = ({ body }: Answer) => body.errors.map(({ path }: { path: string }) => path).sort();

describe('the profile', () => {
  it('shows the account and changes what is given, and nothing else', async () => {
    const before = await get('/auth/profile');
    expect(before.status).toBe(200);
    expect(before.body).toMatchObject({
      id: person.id,
      email: person.email,
      firstName: 'Robin',
      timezone: 'UTC',
      locale: 'en-US',
      emailVerified: true,
      mfaEnabled: false,
      recoveryEmail: null,
      roles: ['viewer'],
    });
    const changed = await patch('/auth/profile', { timezone: 'Asia/Jakarta', locale: 'id-ID', email: 'x@example.com' });
    expect(changed.body).toEqual({ ...before.body, timezone: 'Asia/Jakarta', locale: 'id-ID' });
    expect((await get('/auth/profile')).body).toEqual(changed.body);
    expect((await get('/auth/me')).body).toMatchObject({ timezone: 'Asia/Jakarta', locale: 'id-ID' });
    const acts = await server.sql<{ before: unknown; after: unknown }>(
      `SELECT payload->'before' AS before, payload->'after' AS after FROM outbox
       WHERE type = 'user.profile_updated' AND payload->>'aggregateId' = $1`,
      [person.id],
    );
    expect(acts).toEqual([
      { before: { timezone: 'UTC', locale: 'en-US' }, after: { timezone: 'Asia/Jakarta', locale: 'id-ID' } },
    ]);
  });

  it('refuses what is no zone, no language or no name, all of it together', async () => {
    const refused = await patch('/auth/profile', { timezone: 'Mars/Olympus', locale: 'not a tag!' });
    expect([refused.status, paths(refused)]).toEqual([400, ['locale', 'timezone']]);
    for (const timezone of ['+07:00', 'UTC; DROP', '']) {
      expect(paths(await patch('/auth/profile', { timezone })), timezone).toEqual(['timezone']);
    }
    for (const firstName of ['', ' ', 'a\r\nb', 'nul\u0000', 'x'.repeat(101)]) {
      expect(paths(await patch('/auth/profile', { firstName })), firstName).toEqual(['firstName']);
    }
  });

  it('keeps hostile names as they are, inert', async () => {
    for (const lastName of [
      '<script>alert(1)</script>',
      '=cmd|x',
      '😀'.repeat(50),
      'ا\u202Eب',
      `'; DROP TABLE users`,
    ]) {
      expect((await patch('/auth/profile', { lastName })).body.lastName).toBe(lastName);
    }
  });

  it('concerns signed-in people only', async () => {
    for (const [method, path] of [
      ['GET', '/auth/profile'],
      ['PATCH', '/auth/profile'],
      ['PUT', '/auth/recovery-email'],
      ['POST', '/auth/avatar'],
      ['DELETE', '/auth/avatar'],
      ['GET', '/auth/preferences'],
      ['PATCH', '/auth/preferences'],
    ] as const) {
      expect((await server.call(method, path, method === 'GET' ? {} : { body: {} })).status, path).toBe(401);
      const { keyId, keySecret } = server.server.developmentKey!;
      const headers = { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret };
      expect((await server.call(method, path, { headers })).status, path).toBe(403);
    }
  });
});

describe('the recovery address', () => {
  const put = (recoveryEmail: unknown, password: string) =>
    server.call('PUT', '/auth/recovery-email', { token, body: { recoveryEmail, password } });

  it('is set and removed with the password, and the owner is told', async () => {
    const set = await put(' Spare@Example.com ', person.password);
    expect([set.status, set.body.recoveryEmail]).toEqual([200, 'spare@example.com']);
    await server.mailTo(person.email, 'pemulihan');
    expect((await put(null, person.password)).body.recoveryEmail).toBeNull();
  });

  it('is refused without the password, and when it is no other address', async () => {
    const wrong = await put('spare@example.com', 'a wrong guess');
    expect([wrong.status, wrong.body.code]).toEqual([401, 'AUTH_INVALID_CREDENTIALS']);
    expect(paths(await put(person.email.toUpperCase(), person.password))).toEqual(['recoveryEmail']);
    expect(paths(await put('a@b\r\nBcc: c@d', person.password))).toEqual(['recoveryEmail']);
    expect((await get('/auth/profile')).body.recoveryEmail).toBeNull();
  });

  it('hears of a changed password too', async () => {
    const other = await server.person();
    const asOther = { token: await server.token(other) };
    const recoveryEmail = `spare-${other.id}@example.com`;
    await server.call('PUT', '/auth/recovery-email', { ...asOther, body: { recoveryEmail, password: other.password } });
    const body = { currentPassword: other.password, newPassword: 'wandering teal umbrella 7' };
    expect((await server.call('POST', '/auth/change-password', { ...asOther, body })).status).toBe(200);
    await server.mailTo(recoveryEmail, 'Your password was changed');
    await server.mailTo(other.email, 'Your password was changed');
  });
});

describe('preferences', () => {
  it('are the defaults first, keep what is changed, and merge what is changed at once', async () => {
    const defaults = (await get('/auth/preferences')).body;
    expect(defaults).toMatchObject({ theme: 'system', language: 'en', itemsPerPage: 20, animations: true, chosen: [] });
    expect((await patch('/auth/preferences', { theme: 'dark' })).body).toEqual({
      ...defaults,
      theme: 'dark',
      chosen: ['theme'],
    });
    await Promise.all([
      patch('/auth/preferences', { density: 'compact' }),
      patch('/auth/preferences', { language: 'id' }),
      patch('/auth/preferences', { itemsPerPage: 50 }),
    ]);
    const merged = {
      ...defaults,
      theme: 'dark',
      density: 'compact',
      language: 'id',
      itemsPerPage: 50,
      chosen: ['density', 'itemsPerPage', 'language', 'theme'],
    };
    expect((await get('/auth/preferences')).body).toEqual(merged);
    const again = await server.token(person);
    expect((await server.call('GET', '/auth/preferences', { token: again })).body).toEqual(merged);
  });

  it('refuse unknown values together and leave unknown names out', async () => {
    expect(paths(await patch('/auth/preferences', { theme: 'pink', itemsPerPage: 7 }))).toEqual([
      'itemsPerPage',
      'theme',
    ]);
    expect((await patch('/auth/preferences', { unheard: 1 })).body).not.toHaveProperty('unheard');
  });

  it('are nobody else’s', async () => {
    const other = await server.person();
    const theirs = await server.call('GET', '/auth/preferences', { token: await server.token(other) });
    expect(theirs.body.theme).toBe('system');
    const database = server.server.app.get(Database);
    const { body } = await get('/auth/me');
    const context: RequestContext = {
      requestId: 'r',
      actor: { type: 'user', id: other.id, email: other.email, sessionId: other.id },
      organizationId: body.organizationId,
      workspaceId: body.workspaceId,
      tenantId: body.tenantId,
      roles: [],
      permissions: new Set(),
      isPlatformAdministrator: false,
      ip: '',
      userAgent: '',
    };
    for (const table of ['user_preferences', 'avatars']) {
      const seen = (scope: Parameters<Database['transaction']>[0]) =>
        database.transaction(scope, (manager) => manager.query<unknown[]>(`SELECT 1 FROM ${table}`));
      expect(await seen(context), table).toEqual([]);
      expect(await seen(systemScope('api-keys')), table).toEqual([]);
    }
  });
});

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

describe('the picture', () => {
  const upload = (bytes: Buffer, name = 'me.png', type = 'image/png') => {
    const form = new FormData();
    form.set('avatar', new File([new Uint8Array(bytes)], name, { type }));
    return server.call('POST', '/auth/avatar', { token, body: form });
  };
  const read = (path: string) => fetch(`${server.server.url}${path}`);

  it('is stored, shown to anyone who has its address, cached for ever, replaced and removed', async () => {
    const first = await upload(PNG);
    expect(first.status).toBe(200);
    expect(first.body.avatar).toMatch(/^\/api\/v2\/avatars\/[0-9a-f-]{36}$/);
    const shown = await read(first.body.avatar);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect((await get('/auth/profile')).body.avatar).toBe(first.body.avatar);

    const second = await upload(GIF, 'script.html', 'text/html');
    expect(second.body.avatar).not.toBe(first.body.avatar);
    expect((await read(first.body.avatar)).status).toBe(404);
    // What the bytes are counts, not what their sender calls them.
    expect((await read(second.body.avatar)).headers.get('content-type')).toBe('image/gif');

    expect((await server.call('DELETE', '/auth/avatar', { token })).status).toBe(204);
    expect((await read(second.body.avatar)).status).toBe(404);
    expect((await get('/auth/profile')).body.avatar).toBeNull();
    expect((await server.call('DELETE', '/auth/avatar', { token })).status).toBe(204);
  });

  it.each([
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['HTML', Buffer.from('<html><script>alert(1)</script></html>')],
    ['nothing', Buffer.alloc(0)],
    ['a header without a picture', PNG.subarray(0, 12)],
    ['5000 pixels', Buffer.concat([PNG.subarray(0, 16), Buffer.from([0, 0, 0x13, 0x88]), PNG.subarray(20)])],
  ])('refuses %s', async (_, bytes) => {
    const refused = await upload(bytes);
    expect([refused.status, paths(refused)]).toEqual([400, ['avatar']]);
  });

  it('refuses more than 1 MiB, forms without a file, and what is no form', async () => {
    const large = (bytes: number) => Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length)]);
    expect((await upload(large(1024 ** 2))).status).toBe(200);
    expect((await upload(large(1024 ** 2 + 1))).status).toBe(413);
    expect((await upload(large(2 * 1024 ** 2))).status).toBe(413);
    const form = new FormData();
    form.set('avatar', 'text');
    expect(paths(await server.call('POST', '/auth/avatar', { token, body: form }))).toEqual(['avatar']);
    expect((await server.call('POST', '/auth/avatar', { token, body: {} })).status).toBe(400);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=x' };
    const broken = await fetch(`${server.server.url}/api/v2/auth/avatar`, {
      method: 'POST',
      headers,
      body: 'nonsense',
    });
    expect(broken.status).toBe(400);
  });

  it('is the only route that takes forms', async () => {
    const form = new FormData();
    form.set('email', person.email);
    expect((await server.call('POST', '/auth/forgot-password', { body: form })).status).toBe(415);
    expect((await read('/api/v2/avatars/nonsense')).status).toBe(400);
    expect((await read('/api/v2/avatars/0192f0c1-2345-7abc-8def-0123456789ab')).status).toBe(404);
  });
});
