import { createHash } from 'node:crypto';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLE_PERMISSIONS } from '@telemetryflow/contracts';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';
import { statementsOf } from './statements.js';
import { eventually } from '../support/platform.js';

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

function login(localPart: string, password: string, headers: Record<string, string> = {}): Promise<Answer> {
  return server.request('POST', '/api/v2/auth/login', {
    headers,
    body: { email: `${localPart}@telemetryflow.id`, password },
  });
}
function refresh(refreshToken: string): Promise<Answer> {
  return server.request('POST', '/api/v2/auth/refresh', { body: { refresh_token: refreshToken } });
}
function me(accessToken: string): Promise<Answer> {
  return server.request('GET', '/api/v2/auth/me', { headers: { authorization: `Bearer ${accessToken}` } });
}
/** A problem without what differs from request to request. */
function stable({ body }: Answer): unknown {
  const { requestId: _, ...rest } = body;
  return rest;
}
const goodDeveloper = () => login('developer.telemetryflow', 'Developer@123456');

describe('login', () => {
  it.each([
    ['super.administrator', 'SuperAdmin@123456', 'super_administrator'],
    ['admin.telemetryflow', 'Admin@123456', 'administrator'],
    ['developer.telemetryflow', 'Developer@123456', 'developer'],
    ['viewer.telemetryflow', 'Viewer@123456', 'viewer'],
    ['demo.telemetryflow', 'Demo@123456', 'demo'],
  ] as const)('lets %s in with its role and permissions', async (localPart, password, role) => {
    const { status, body, headers } = await login(localPart, password);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const place = server.seeded.places[role === 'demo' ? 'demo' : 'default'];
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    expect(body.user).toMatchObject({
      email: `${localPart}@telemetryflow.id`,
      roles: [role],
      tenantId: place.tenantId,
    });
    expect(body.user.permissions).toEqual([...ROLE_PERMISSIONS[role]].sort());
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({
      sub: body.user.id,
      roles: [role],
      tenantId: place.tenantId,
      workspaceId: place.workspaceId,
    });
    expect(claims.exp! - claims.iat!).toBe(900);
  });

  it('trims and lower-cases the address', async () => {
    const answer = await server.request('POST', '/api/v2/auth/login', {
      body: { email: '  Viewer.TelemetryFlow@telemetryflow.ID ', password: 'Viewer@123456' },
    });
    expect(answer.status).toBe(200);
  });

  it('reports all invalid fields together', async () => {
    const { status, body } = await server.request('POST', '/api/v2/auth/login', {
      body: { email: 'no', password: '' },
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['email', 'password']);
  });

  it('gives unknown, deactivated and wrong-password logins one answer, and runs the same statements for each', async () => {
    await server.sql(`UPDATE users SET is_active = false WHERE email LIKE 'demo.%'`);
    const traces: string[][] = [];
    const answers: Answer[] = [];
    for (const [localPart, password] of [
      ['nobody.at.all', 'Whatever@123456'],
      ['demo.telemetryflow', 'Demo@123456'],
      ['viewer.telemetryflow', 'Wrong@123456'],
    ] as const) {
      traces.push(await statementsOf(server.app, async () => answers.push(await login(localPart, password))));
    }
    await server.sql(`UPDATE users SET is_active = true WHERE email LIKE 'demo.%'`);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(answers[0]!.body.code).toBe('AUTH_INVALID_CREDENTIALS');
    expect(new Set(answers.map((answer) => JSON.stringify(stable(answer)))).size).toBe(1);
    expect(traces[0]!.length).toBeGreaterThan(5);
    expect(traces[1]).toEqual(traces[0]);
    expect(traces[2]).toEqual(traces[0]);
  });

  it('locks after five failures for fifteen minutes, without saying so, and leaves other accounts alone', async () => {
    for (let i = 0; i < 5; i += 1) expect((await login('admin.telemetryflow', 'Wrong@123456')).status).toBe(401);
    const locked = await login('admin.telemetryflow', 'Admin@123456');
    const wrong = await login('nobody.at.all', 'Admin@123456');
    expect(locked.status).toBe(401);
    expect(stable(locked)).toEqual(stable(wrong));
    expect((await login('viewer.telemetryflow', 'Viewer@123456')).status).toBe(200);

    const [row] = await server.sql<{ minutes: number }>(
      `SELECT round(extract(epoch FROM locked_until - now()) / 60)::int AS minutes FROM users WHERE email LIKE 'admin.%'`,
    );
    expect(row!.minutes).toBe(15);
    await server.sql(`UPDATE users SET locked_until = now() WHERE email LIKE 'admin.%'`);
    expect((await login('admin.telemetryflow', 'Admin@123456')).status).toBe(200);
    const [reset] = await server.sql(
      `SELECT failed_login_attempts, locked_until FROM users WHERE email LIKE 'admin.%'`,
    );
    expect(reset).toEqual({ failed_login_attempts: 0, locked_until: null });
  });

  it('counts parallel failures, each once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => login('viewer.telemetryflow', 'Wrong@123456')));
    const [row] = await server.sql<{ n: number }>(
      `SELECT failed_login_attempts AS n FROM users WHERE email LIKE 'viewer.%'`,
    );
    expect(row!.n).toBe(4);
    expect((await login('viewer.telemetryflow', 'Viewer@123456')).status).toBe(200);
  });

  it('tells the outbox what happened, without secrets', async () => {
    const events = await server.sql<{ type: string; text: string }>(
      `SELECT type, payload::text AS text FROM outbox WHERE type LIKE 'auth.%'`,
    );
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['auth.login', 'auth.login_failed', 'auth.account_locked']),
    );
    expect(events.map(({ text }) => text).join()).not.toMatch(/@123456|argon2|eyJ/);
  });

  it('stores passwords and refresh tokens only as hashes', async () => {
    const { body } = await goodDeveloper();
    const hashes = await server.sql<{ password_hash: string }>('SELECT password_hash FROM users');
    expect(hashes.every((row) => row.password_hash.startsWith('$argon2id$v=19$m=65536,t=3,p=4$'))).toBe(true);
    const digest = createHash('sha256').update(body.refresh_token).digest();
    expect(await server.sql('SELECT 1 FROM refresh_tokens WHERE token_hash = $1', [digest])).toHaveLength(1);
  });
});

describe('refresh', () => {
  it('rotates: the new pair works, the session stays', async () => {
    const first = (await goodDeveloper()).body;
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    expect(decodeJwt(second.body.access_token)['sessionId']).toBe(decodeJwt(first.access_token)['sessionId']);
    expect((await me(second.body.access_token)).status).toBe(200);
  });

  it('ends the whole family when a rotated token comes back', async () => {
    const first = (await goodDeveloper()).body;
    const second = (await refresh(first.refresh_token)).body;
    const third = (await refresh(second.refresh_token)).body;
    const reused = await refresh(first.refresh_token);
    expect(reused.status).toBe(401);
    expect(reused.body.code).toBe('REFRESH_TOKEN_INVALID');
    expect((await refresh(third.refresh_token)).status).toBe(401);
    expect((await me(third.access_token)).status).toBe(401);
    expect(await server.sql(`SELECT 1 FROM outbox WHERE type = 'auth.token_reused'`)).toHaveLength(1);
  });

  it('lets exactly one of several racing requests win', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { refresh_token } = (await goodDeveloper()).body;
      const answers = await Promise.all(Array.from({ length: 4 }, () => refresh(refresh_token)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
      const lost = answers.filter(({ status }) => status === 401).map(({ body }) => body.code);
      expect(lost).toEqual(Array(3).fill('REFRESH_TOKEN_RACED'));
      const won = answers.find(({ status }) => status === 200)!.body;
      expect((await refresh(won.refresh_token)).status).toBe(200);
    }
  });

  it.each([['nonsense'], ['eyJhbGciOiJIUzI1NiJ9.e30.x'], [undefined]])('refuses %s', async (token) => {
    const { status, body } = await server.request('POST', '/api/v2/auth/refresh', { body: { refresh_token: token } });
    expect([status, body.code]).toEqual([401, 'REFRESH_TOKEN_INVALID']);
  });

  it('refuses an access token as a refresh token, and the other way round', async () => {
    const { access_token, refresh_token } = (await goodDeveloper()).body;
    expect((await refresh(access_token)).status).toBe(401);
    expect((await me(refresh_token)).status).toBe(401);
  });

  it('refuses once the user is deactivated', async () => {
    const { refresh_token } = (await login('demo.telemetryflow', 'Demo@123456')).body;
    await server.sql(`UPDATE users SET is_active = false WHERE email LIKE 'demo.%'`);
    expect((await refresh(refresh_token)).status).toBe(401);
    await server.sql(`UPDATE users SET is_active = true WHERE email LIKE 'demo.%'`);
  });
});

describe('a browser', () => {
  const browser = { 'x-client': 'browser' };

  it('gets its refresh token in a strict, script-proof cookie only, and refreshes and logs out with it', async () => {
    const first = await login('developer.telemetryflow', 'Developer@123456', browser);
    expect(first.body).not.toHaveProperty('refresh_token');
    const cookie = first.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^tf_refresh=[\w-]{43}; .*Path=\/api\/v2\/auth/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    // The tests run on plain http on loopback.
    expect(cookie).not.toContain('Secure');

    const sent = { cookie: cookie.split(';')[0]! };
    const second = await server.request('POST', '/api/v2/auth/refresh', { headers: sent });
    expect(second.status).toBe(200);
    expect(second.body).not.toHaveProperty('refresh_token');
    const next = { cookie: second.headers.get('set-cookie')!.split(';')[0]! };
    expect(next.cookie).not.toBe(sent.cookie);

    const authorization = `Bearer ${second.body.access_token}`;
    const out = await server.request('POST', '/api/v2/auth/logout', { headers: { ...next, authorization } });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^tf_refresh=; .*Expires=Thu, 01 Jan 1970/);
    expect((await server.request('POST', '/api/v2/auth/refresh', { headers: next })).status).toBe(401);
  });
});

describe('the cookie of a browser', () => {
  it('is nothing worth to pages of other origins, sibling domains included', async () => {
    const { headers } = await login('developer.telemetryflow', 'Developer@123456', { 'x-client': 'browser' });
    let cookie = headers.get('set-cookie')!.split(';')[0]!;
    const refresh = (more: Record<string, string>) =>
      server.request('POST', '/api/v2/auth/refresh', { headers: { cookie, ...more } });
    for (const origin of ['https://evil.example', 'null', `${server.url}1`, 'http://127.0.0.1:5174']) {
      const refused = await refresh({ origin, 'sec-fetch-site': 'same-site' });
      expect([refused.status, refused.headers.get('set-cookie')]).toEqual([401, null]);
    }
    const own: Record<string, string>[] = [
      { origin: server.url },
      { origin: 'https://proxied', 'sec-fetch-site': 'same-origin' },
      {},
    ];
    for (const more of own) {
      const taken = await refresh(more);
      expect(taken.status).toBe(200);
      cookie = taken.headers.get('set-cookie')!.split(';')[0]!;
    }
  });
});

describe('logout', () => {
  it('ends the session at once, for access and refresh tokens, and is told', async () => {
    const { access_token, refresh_token } = (await goodDeveloper()).body;
    const other = (await goodDeveloper()).body;
    expect((await me(access_token)).status).toBe(200);
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await server.request('POST', '/api/v2/auth/logout', { headers })).status).toBe(204);
    expect((await me(access_token)).status).toBe(401);
    expect((await refresh(refresh_token)).status).toBe(401);
    expect((await me(other.access_token)).status).toBe(200);
    expect(await server.sql(`SELECT 1 FROM outbox WHERE type = 'auth.logout'`)).not.toHaveLength(0);
  });
});

describe('access tokens', () => {
  const secret = new TextEncoder().encode('a-secret-of-the-tests-with-enough-characters');

  it('are refused when unsigned, foreign, of another type or for another audience', async () => {
    const { access_token } = (await goodDeveloper()).body;
    const claims = decodeJwt(access_token);
    const sign = (key: Uint8Array, header: { alg: string; typ: string }, changed = {}) =>
      new SignJWT({ ...claims, ...changed }).setProtectedHeader(header).sign(key);
    const good = { alg: 'HS256', typ: 'at+jwt' };
    expect((await me(await sign(secret, good))).status).toBe(200);
    const forged = [
      new UnsecuredJWT(claims).encode(),
      await sign(new TextEncoder().encode('another-secret-of-somebody-else-entirely'), good),
      await sign(secret, { alg: 'HS512', typ: 'at+jwt' }),
      await sign(secret, { alg: 'HS256', typ: 'JWT' }),
      await sign(secret, good, { aud: 'elsewhere' }),
      await sign(secret, good, { iss: 'elsewhere' }),
      `${access_token.slice(0, -4)}AAAA`,
    ];
    for (const token of forged) {
      const { status, body } = await me(token);
      expect([status, body.code]).toEqual([401, 'TOKEN_INVALID']);
    }
    const expired = await me(await sign(secret, good, { exp: 1_000_000_000 }));
    expect([expired.status, expired.body.code]).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('expire to the second, also when they were just used', async () => {
    const claims = decodeJwt((await goodDeveloper()).body.access_token);
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = await new SignJWT({ ...claims, exp })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(secret);
    expect((await me(token)).status).toBe(200);
    const refused = await eventually('the expiry', async () => {
      const answer = await me(token);
      return answer.status === 200 ? undefined : answer;
    });
    expect([refused.status, refused.body.code]).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('die with their user', async () => {
    const { access_token } = (await login('demo.telemetryflow', 'Demo@123456')).body;
    await server.sql(`UPDATE users SET deleted_at = now() WHERE email LIKE 'demo.%'`);
    const { status } = await me(access_token);
    await server.sql(`UPDATE users SET deleted_at = NULL WHERE email LIKE 'demo.%'`);
    expect(status).toBe(401);
  });
});
