import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { people, type People, type Person } from './people.js';
import { enrol } from './second-factor.js';

const ADMIN = 'admin.telemetryflow';
const NEW_PASSWORD = 'another staple battery horse 9';

let postgres: TestPostgres;
let server: IdentityServer;
let folks: People;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres, { NODE_ENV: 'test', SIGN_IN_FAILURES_PER_MINUTE: '5' });
  folks = people(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

let names = 0;
/** A person whose only role is a new one of the weakest tier, with these permissions. */
async function holderOf(permissions: readonly string[]): Promise<Person> {
  names += 1;
  const role = await folks.as(ADMIN, 'POST', '/roles', { name: `Duty ${names}`, level: 5, permissions });
  expect(role.status, JSON.stringify(role.body)).toBe(201);
  return folks.add('viewer', { roleId: role.body.id });
}

describe('whoever may manage users of their own tier', () => {
  it('gets no account by a password that holds more than they do', async () => {
    const helpdesk = await holderOf(['users:read', 'users:update']);
    const equal = await holderOf(['users:read']);
    const stronger = await holderOf(['users:read', 'permissions:assign', 'api-keys:delete']);
    const granted = await holderOf(['users:read']);
    const grant = { permission: 'audit-logs:manage', effect: 'allow' };
    expect((await folks.as(ADMIN, 'POST', `/users/${granted.id}/permissions`, grant)).status).toBe(201);
    const body = { password: NEW_PASSWORD, forcePasswordChange: false };
    for (const { id } of [stronger, granted]) {
      const refused = await folks.as(helpdesk.auth, 'PUT', `/users/${id}/password`, body);
      expect([refused.status, refused.body.code]).toEqual([403, 'PERMISSION_DENIED']);
    }
    expect((await folks.as(helpdesk.auth, 'PUT', `/users/${equal.id}/password`, body)).status).toBe(204);
    expect((await folks.as(ADMIN, 'PUT', `/users/${stronger.id}/password`, body)).status).toBe(204);
  });

  it('takes no second factor from an account that holds more than they do', async () => {
    const helpdesk = await holderOf(['users:read', 'users:update']);
    const stronger = await holderOf(['users:read', 'permissions:assign']);
    await enrol(server, stronger.auth);
    const refused = await folks.as(helpdesk.auth, 'DELETE', `/users/${stronger.id}/mfa`);
    expect(refused.status).toBe(403);
    expect((await folks.as(ADMIN, 'DELETE', `/users/${stronger.id}/mfa`)).status).toBe(204);
  });
});

describe('an invitation', () => {
  const join = (inviteToken: string, email: string) =>
    server.request('POST', '/api/v2/auth/register', {
      body: { email, password: NEW_PASSWORD, firstName: 'Noor', lastName: 'Sato', inviteToken },
    });
  const offerOf = async (inviter: Person) => {
    const { organizationId } = server.seeded.places.default;
    const roleId = await folks.roleId('administrator');
    const made = await folks.as(inviter.auth, 'POST', '/auth/invites', { organizationId, roleId, maxUses: 5 });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    return String(made.body.token);
  };

  it('gives nothing any more once whoever made it is gone, or could not make it now', async () => {
    const leaver = await folks.add('administrator');
    const demoted = await folks.add('administrator');
    const [ofLeaver, ofDemoted] = [await offerOf(leaver), await offerOf(demoted)];
    expect((await join(ofLeaver, 'in-time@example.com')).status).toBe(201);
    expect((await folks.as(ADMIN, 'POST', `/users/${leaver.id}/deactivate`)).status).toBeLessThan(300);
    const held = await folks.as(ADMIN, 'GET', `/users/${demoted.id}/roles`);
    for (const { id } of held.body.data) {
      expect((await folks.as(ADMIN, 'DELETE', `/users/${demoted.id}/roles/${id}`)).status).toBe(204);
    }
    expect((await join(ofLeaver, 'too-late@example.com')).status).toBe(403);
    expect((await join(ofDemoted, 'much-too-late@example.com')).status).toBe(403);
    expect(await server.sql(`SELECT 1 FROM users WHERE email LIKE '%too-late@example.com'`)).toEqual([]);
  });
});

describe('a key', () => {
  it('is made in no tenant where its maker may make none', async () => {
    const { workspaceId } = server.seeded.places.default;
    const tenant = await folks.as(ADMIN, 'POST', '/tenants', { code: 'aside', name: 'Aside', workspaceId });
    expect(tenant.status, JSON.stringify(tenant.body)).toBe(201);
    const maker = await folks.add('viewer');
    const denial = { permission: 'api-keys:create', effect: 'deny', scope: { type: 'tenant', id: tenant.body.id } };
    expect((await folks.as(ADMIN, 'POST', `/users/${maker.id}/permissions`, denial)).status).toBe(201);
    const role = { roleId: await folks.roleId('developer') };
    expect((await folks.as(ADMIN, 'POST', `/users/${maker.id}/roles`, role)).status).toBe(201);
    const make = (name: string, tenantId: string) =>
      folks.as(maker.auth, 'POST', '/api-keys', {
        name,
        permissions: ['logs:read'],
        scope: { type: 'tenant', tenantId },
      });
    expect((await make('here', server.seeded.places.default.tenantId)).status).toBe(201);
    expect((await make('there', tenant.body.id)).status).toBe(403);
  });
});

describe('a link to choose a password', () => {
  it('opens nothing any more once an administrator has set the password or closed the account', async () => {
    const { id } = await folks.add();
    const linkFor = () =>
      server.sql(
        `INSERT INTO one_time_tokens (one_time_token_id, purpose, token_hash, user_id, max_uses, uses_left, expires_at)
         VALUES (gen_random_uuid(), 'password_choice', sha256(gen_random_uuid()::text::bytea), $1, 1, 1, now() + interval '1 day')`,
        [id],
      );
    const left = () => server.sql(`SELECT 1 FROM one_time_tokens WHERE user_id = $1 AND uses_left > 0`, [id]);
    await linkFor();
    const body = { password: NEW_PASSWORD, forcePasswordChange: false };
    expect((await folks.as(ADMIN, 'PUT', `/users/${id}/password`, body)).status).toBe(204);
    expect(await left()).toEqual([]);
    await linkFor();
    expect((await folks.as(ADMIN, 'POST', `/users/${id}/deactivate`)).status).toBeLessThan(300);
    expect(await left()).toEqual([]);
  });
});

describe('failures of a network', () => {
  it('count while they run: a flood gets no more tries than one after the other', async () => {
    const flood = Array.from({ length: 20 }, (_, n) =>
      server.request('POST', '/api/v2/auth/login', { body: { email: `nobody${n}@example.com`, password: 'a guess' } }),
    );
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });
});
