import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/platform.js';
import { AccountServer, tokenIn, type Answer } from './account-server.js';

const PASSWORD = 'wandering teal umbrella 7';
const VERIFY = 'Confirm your e-mail address';

let server: AccountServer;
beforeAll(async () => {
  server = await AccountServer.start({ REGISTRATIONS_PER_HOUR: '100000' });
});
afterAll(() => server?.stop());

let counter = 0;
function newEmail(): string {
  counter += 1;
  return `newcomer-${counter}@example.com`;
}
function register(email: string, more: Record<string, unknown> = {}): Promise<Answer> {
  const body = { email, password: PASSWORD, firstName: 'Noor', lastName: 'Sato', ...more };
  return server.call('POST', '/auth/register', { body });
}
const verify = (token: string | undefined) => server.call('POST', '/auth/verify-email', { body: { token } });
const resend = (email: string) => server.call('POST', '/auth/verify-email/resend', { body: { email } });
/** The tokens mailed to the address so far, oldest first. */
const tokensTo = (email: string) => server.mailsTo(email, VERIFY).map(tokenIn);
function mailedToken(email: string, index = 0): Promise<string> {
  return eventually('the mail with the link', async () => tokensTo(email)[index]);
}
const superToken = () => server.token({ email: 'super.administrator@telemetryflow.id', password: 'SuperAdmin@123456' });
const adminToken = () => server.token({ email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' });
async function roleId(code: string): Promise<string> {
  const [row] = await server.sql<{ id: string }>('SELECT role_id AS id FROM roles WHERE code = $1 AND is_system', [
    code,
  ]);
  return row!.id;
}
const actsOf = async (userId: string) =>
  (
    await server.sql<{ type: string }>(`SELECT type FROM outbox WHERE payload->>'userId' = $1 ORDER BY id`, [userId])
  ).map(({ type }) => type);

describe('options', () => {
  it('tell the sign-in pages what is offered', async () => {
    const { status, body } = await server.call('GET', '/auth/options');
    expect([status, body]).toEqual([
      200,
      { registration: 'open', emailVerification: true, passwordMinLength: 12, mail: true },
    ]);
  });
});

describe('registration', () => {
  it('founds an organization whose first Administrator and creator the registrant is', async () => {
    const email = newEmail();
    const { status, body, headers } = await register(email.toUpperCase());
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v2/users/${body.userId}`);
    expect(body).toMatchObject({ email, verificationRequired: true });
    const [place] = await server.sql(
      `SELECT o.code, o.name, u.is_organization_creator AS creator, u.email_verified_at AS verified, w.code AS workspace,
              t.code AS tenant, u.password_hash AS hash
       FROM users u JOIN organizations o USING (organization_id) JOIN workspaces w USING (workspace_id)
       JOIN tenants t USING (tenant_id) WHERE u.user_id = $1`,
      [body.userId],
    );
    expect(place).toMatchObject({ creator: true, verified: null, workspace: 'default', tenant: 'default' });
    expect(place!['code']).toMatch(/^org-\d{10}$/);
    expect(place!['name']).toBe(place!['code']);
    expect(place!['hash']).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    expect(await actsOf(body.userId)).toEqual(
      expect.arrayContaining(['user.created', 'user.registered', 'auth.verification_requested']),
    );

    expect((await verify(await mailedToken(email))).status).toBe(200);
    const login = await server.login(email, PASSWORD);
    expect(login.body.user).toMatchObject({ roles: ['administrator'], isPlatformAdministrator: false });
    const users = await server.call('GET', '/users', { token: login.body.access_token });
    expect(users.body.data.map((user: { email: string }) => user.email)).toEqual([email]);
  });

  it('B4: names every failed rule of a weak password, refuses an address in other letters, and shows no hash', async () => {
    const email = newEmail();
    const weak = await register(email, { password: 'password' });
    expect(weak.status).toBe(400);
    expect(weak.body.errors.length).toBeGreaterThan(1);
    expect(weak.body.errors.every(({ path }: { path: string }) => path === 'password')).toBe(true);
    expect((await register(email, { password: 'a'.repeat(11) })).status).toBe(400);

    const good = await register(email);
    expect(JSON.stringify(good.body)).not.toMatch(/argon2|hash|password/i);
    const again = await register(`  ${email.toUpperCase()} `);
    expect([again.status, again.body.code]).toEqual([409, 'CONFLICT']);
    expect(again.body.errors).toEqual([expect.objectContaining({ path: 'email', code: 'taken' })]);
  });

  it('tells all faulty fields together', async () => {
    const body = { email: 'no', password: 'x'.repeat(129), firstName: '', lastName: 'n'.repeat(101), regionId: '7' };
    const { status, body: problem } = await server.call('POST', '/auth/register', { body });
    expect(status).toBe(400);
    expect(problem.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'email',
      'firstName',
      'lastName',
      'password',
      'regionId',
    ]);
  });

  it('stores hostile names as they are, or refuses what has no place', async () => {
    const shown = ['<script>alert(1)</script>', '=cmd|calc!A1', '\u202Egnp.exe', '🦊'.repeat(20)];
    for (const firstName of shown) {
      const { status, body } = await register(newEmail(), { firstName });
      expect(status).toBe(201);
      const [row] = await server.sql('SELECT first_name FROM users WHERE user_id = $1', [body.userId]);
      expect(row!['first_name']).toBe(firstName);
    }
    for (const firstName of ['a\u0000b', 'x'.repeat(10_000), 'a\nb']) {
      expect((await register(newEmail(), { firstName })).status).toBe(400);
    }
  });

  it('has exactly one of several parallel registrations of an address win, and leaves nothing of the others', async () => {
    const email = newEmail();
    const organizations = async () => (await server.sql('SELECT 1 FROM organizations')).length;
    const before = await organizations();
    const answers = await Promise.all(Array.from({ length: 4 }, () => register(email)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(await organizations()).toBe(before + 1);
  });

  it('refuses an unknown region', async () => {
    const { status } = await register(newEmail(), { regionId: '01890000-0000-7000-8000-000000000000' });
    expect(status).toBe(404);
  });

  it('is limited per address', async () => {
    const email = newEmail();
    for (let attempt = 0; attempt < 5; attempt += 1) await register(email, { password: 'weak' });
    const { status, headers, body } = await register(email);
    expect([status, body.code]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3000);
    expect((await register(newEmail())).status).toBe(201);
  });
});

describe('verification', () => {
  it('B5: a link works once, dies after 24 hours, and a resend voids the one before', async () => {
    const email = newEmail();
    await register(email);
    const first = await mailedToken(email);
    expect((await resend(email)).status).toBe(200);
    const second = await mailedToken(email, 1);
    expect((await verify(first)).status).toBe(400);

    const [life] = await server.sql<{ seconds: number }>(
      `SELECT extract(epoch FROM max(expires_at) - max(created_at))::int AS seconds FROM one_time_tokens
       WHERE email = $1 AND uses_left > 0`,
      [email],
    );
    expect(Math.abs(life!.seconds - 86_400)).toBeLessThan(60);
    await server.sql('UPDATE one_time_tokens SET expires_at = now() WHERE email = $1', [email]);
    const late = await verify(second);
    expect([late.status, late.body.errors[0].path]).toEqual([400, 'token']);
    await server.sql(`UPDATE one_time_tokens SET expires_at = now() + interval '1 hour' WHERE email = $1`, [email]);

    const answers = await Promise.all([verify(second), verify(second), verify(second)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await verify(second)).status).toBe(400);
  });

  it('B5: a resend answers alike for unknown, verified and waiting addresses, and mails only the last', async () => {
    const waiting = newEmail();
    await register(waiting);
    await mailedToken(waiting);
    const verified = 'viewer.telemetryflow@telemetryflow.id';
    const bodies = [];
    for (const email of ['nobody-at-all@example.com', verified, waiting]) {
      const { status, body } = await resend(email);
      bodies.push({ status, body });
    }
    expect(new Set(bodies.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await mailedToken(waiting, 1);
    expect(server.mailsTo(verified, VERIFY)).toEqual([]);
    expect(server.mailsTo('nobody-at-all@example.com')).toEqual([]);
  });

  it('is asked of a login, but only after a right password', async () => {
    const email = newEmail();
    await register(email);
    const wrong = await server.login(email, 'not the password at all');
    expect([wrong.status, wrong.body.code]).toEqual([401, 'AUTH_INVALID_CREDENTIALS']);
    const right = await server.login(email, PASSWORD);
    expect([right.status, right.body.code]).toEqual([401, 'AUTH_EMAIL_NOT_VERIFIED']);
    expect(right.body).not.toHaveProperty('access_token');
    await verify(await mailedToken(email));
    const token = await server.token({ email, password: PASSWORD });
    const { body } = await server.call('GET', '/auth/email/verification-status', { token });
    expect(body).toEqual({ verified: true, verifiedAt: expect.any(String) });
  });

  it('refuses what is no token', async () => {
    for (const token of ['nonsense', '', 'x'.repeat(5000), '\u0000']) expect((await verify(token)).status).toBe(400);
  });
});

describe('invitations', () => {
  const invite = (token: string, body: Record<string, unknown>) =>
    server.call('POST', '/auth/invites', { token, body });
  const home = () => server.server.seeded.places.default.organizationId;

  it('let somebody join the organization with the offered role, once', async () => {
    const token = await adminToken();
    const created = await invite(token, { organizationId: home(), roleId: await roleId('developer') });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v2/auth/invites/${created.body.id}`);
    const inviteToken: string = created.body.token;
    const [stored] = await server.sql('SELECT t::text AS row FROM one_time_tokens t WHERE one_time_token_id = $1', [
      created.body.id,
    ]);
    expect(stored!['row']).not.toContain(inviteToken);

    const emails = [newEmail(), newEmail(), newEmail()];
    const answers = await Promise.all(emails.map((email) => register(email, { inviteToken })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403]);
    const won = answers.findIndex(({ status }) => status === 201);
    expect(answers[won]!.body.organizationId).toBe(home());
    await verify(await mailedToken(emails[won]!));
    const login = await server.login(emails[won]!, PASSWORD);
    expect(login.body.user.roles).toEqual(['developer']);
    expect((await actsOf(answers[won]!.body.userId)).slice(0, 3)).toEqual([
      'user.created',
      'user.role_assigned',
      'user.registered',
    ]);
  });

  it('for one address are mailed there, shown to nobody else, and prove the address', async () => {
    const email = newEmail();
    const created = await invite(await adminToken(), { organizationId: home(), email });
    expect(created.body).not.toHaveProperty('token');
    const mail = await server.mailTo(email, 'You are invited');
    const inviteToken = /[?&]invite=([\w-]+)/.exec(mail.text)?.[1];
    const stranger = await register(newEmail(), { inviteToken });
    expect([stranger.status, stranger.body.code]).toEqual([403, 'PERMISSION_DENIED']);
    const joined = await register(email, { inviteToken });
    expect([joined.status, joined.body.verificationRequired]).toEqual([201, false]);
    expect((await server.login(email, PASSWORD)).body.user.roles).toEqual(['viewer']);
  });

  it('are listed and withdrawn by those of the organization, and worth nothing then', async () => {
    const token = await adminToken();
    const { body } = await invite(token, { organizationId: home() });
    const founding = (await invite(await superToken(), {})).body;
    const listed = await server.call('GET', '/auth/invites', { token });
    const ids = listed.body.data.map(({ id }: { id: string }) => id);
    expect(ids).toContain(body.id);
    expect(ids).not.toContain(founding.id);
    expect(JSON.stringify(listed.body)).not.toContain(body.token);
    expect((await server.call('DELETE', `/auth/invites/${founding.id}`, { token })).status).toBe(404);
    expect((await server.call('DELETE', `/auth/invites/${body.id}`, { token })).status).toBe(204);
    expect((await server.call('DELETE', `/auth/invites/${body.id}`, { token })).status).toBe(404);
    expect((await register(newEmail(), { inviteToken: body.token })).status).toBe(403);
  });

  it('give nobody what the inviter could not give', async () => {
    const admin = await adminToken();
    const refused = await Promise.all([
      invite(admin, {}),
      invite(admin, { organizationId: server.server.seeded.places.demo.organizationId }),
      invite(admin, { organizationId: home(), roleId: await roleId('super_administrator') }),
      invite(admin, { roleId: await roleId('viewer') }),
      invite(admin, { organizationId: home(), email: newEmail(), maxUses: 2 }),
      invite(admin, { organizationId: home(), email: 'viewer.telemetryflow@telemetryflow.id' }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([403, 404, 400, 400, 400, 409]);
    const developer = await server.token({
      email: 'developer.telemetryflow@telemetryflow.id',
      password: 'Developer@123456',
    });
    expect((await invite(developer, { organizationId: home() })).status).toBe(403);
  });
});

describe('a login', () => {
  it('B1: of a seed user answers a token with sub, roles, workspace and tenant that lives 900 seconds', async () => {
    const { status, body } = await server.login('viewer.telemetryflow@telemetryflow.id', 'Viewer@123456');
    expect(status).toBe(200);
    const claims = decodeJwt(body.access_token);
    const { workspaceId, tenantId } = server.server.seeded.places.default;
    expect(claims).toMatchObject({ sub: body.user.id, roles: ['viewer'], workspaceId, tenantId });
    expect(claims.exp! - claims.iat!).toBe(900);
  });
});
