import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterEvents, PlatformEvent } from '../../src/shared/messaging/index.js';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';
import { eventually } from '../support/platform.js';
import { people, type People, type Person } from './people.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const DAY_SECONDS = 86_400;

let postgres: TestPostgres;
let server: IdentityServer;
let crowd: People;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres, { NODE_ENV: 'test', SIGN_IN_FAILURES_PER_MINUTE: '100000' });
  crowd = people(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});
afterEach(() => void vi.useRealTimers());

interface SignedIn {
  readonly auth: { authorization: string };
  readonly sessionId: string;
  readonly refreshToken: string;
}

async function signIn(email: string, userAgent = FIREFOX, more: Record<string, unknown> = {}): Promise<SignedIn> {
  const { status, body } = await server.request('POST', '/api/v2/auth/login', {
    headers: { 'user-agent': userAgent },
    body: { email, password: crowd.password, ...more },
  });
  if (status !== 200) throw new Error(`no session: ${JSON.stringify(body)}`);
  return {
    auth: { authorization: `Bearer ${body.access_token}` },
    sessionId: String(decodeJwt(body.access_token)['sessionId']),
    refreshToken: body.refresh_token,
  };
}
const me = async (who: { auth: { authorization: string } }, of = server) =>
  (await of.request('GET', '/api/v2/auth/me', { headers: who.auth })).status;
const refresh = (refreshToken: string): Promise<Answer> =>
  server.request('POST', '/api/v2/auth/refresh', { body: { refresh_token: refreshToken } });
const call = (who: { auth: { authorization: string } }, method: string, path: string, body?: unknown) =>
  crowd.as(who.auth, method, path, body);
const idsOf = async (who: SignedIn): Promise<string[]> =>
  (await call(who, 'GET', '/auth/sessions')).body.data.map(({ id }: { id: string }) => id);

describe('the list of sessions', () => {
  it('B8: shows browser, system and address of each, and which one asks', async () => {
    const person = await crowd.add();
    await call(person, 'POST', '/auth/logout');
    const [desk, phone] = [await signIn(person.email), await signIn(person.email, SAFARI)];
    const { status, body } = await call(desk, 'GET', '/auth/sessions');
    expect(status).toBe(200);
    expect(body.data).toEqual([
      expect.objectContaining({ id: phone.sessionId, browser: 'Safari 17', os: 'iOS 17.5', device: 'mobile' }),
      expect.objectContaining({
        id: desk.sessionId,
        browser: 'Firefox 141',
        os: 'Linux',
        device: 'desktop',
        ip: '127.0.0.1',
        userAgent: FIREFOX,
        isCurrent: true,
      }),
    ]);
    expect(body.data[0].isCurrent).toBe(false);
    expect((await call(phone, 'GET', '/auth/sessions')).body.data[0].isCurrent).toBe(true);
  });

  it('leaves out those that ended or expired, and everybody else’s', async () => {
    const person = await crowd.add();
    const [kept, expired] = [await signIn(person.email), await signIn(person.email)];
    await call(person, 'POST', '/auth/logout');
    await server.sql('UPDATE sessions SET expires_at = now() WHERE session_id = $1', [expired.sessionId]);
    expect(await idsOf(kept)).toEqual([kept.sessionId]);
  });
});

describe('ending sessions', () => {
  it('B8: one: its access token and its refresh token are refused at once, the others live', async () => {
    const person = await crowd.add();
    const [here, there] = [await signIn(person.email), await signIn(person.email)];
    expect(await me(there)).toBe(200);
    expect((await call(here, 'DELETE', `/auth/sessions/${there.sessionId}`)).status).toBe(204);
    expect(await me(there)).toBe(401);
    expect((await refresh(there.refreshToken)).status).toBe(401);
    expect(await me(here)).toBe(200);
    expect((await call(here, 'DELETE', `/auth/sessions/${there.sessionId}`)).status).toBe(404);
  });

  it('B8: a foreign, unknown or malformed id is 404, 404 and 400, and ends nothing', async () => {
    const [person, other] = [await crowd.add(), await crowd.add()];
    const [mine, theirs] = [await signIn(person.email), await signIn(other.email)];
    expect((await call(mine, 'DELETE', `/auth/sessions/${theirs.sessionId}`)).status).toBe(404);
    // Not even an administrator of the platform.
    const asSuper = await crowd.as('super.administrator', 'DELETE', `/auth/sessions/${theirs.sessionId}`);
    expect(asSuper.status).toBe(404);
    const unknown = '01890000-0000-7000-8000-000000000000';
    expect((await call(mine, 'DELETE', `/auth/sessions/${unknown}`)).status).toBe(404);
    expect((await call(mine, 'DELETE', '/auth/sessions/nonsense')).status).toBe(400);
    expect(await me(theirs)).toBe(200);
  });

  it('B8: all others, or all', async () => {
    const person = await crowd.add();
    const [first, second, third] = [await signIn(person.email), await signIn(person.email), await signIn(person.email)];
    const others = await call(first, 'DELETE', '/auth/sessions');
    // The session of `crowd.add` as well.
    expect([others.status, others.body]).toEqual([200, { sessionsTerminated: 3 }]);
    expect([await me(first), await me(second), await me(third)]).toEqual([200, 401, 401]);

    const fourth = await signIn(person.email);
    const all = await call(first, 'POST', '/auth/logout-all');
    expect([all.status, all.body]).toEqual([200, { sessionsTerminated: 2 }]);
    expect([await me(first), await me(fourth)]).toEqual([401, 401]);
    expect((await refresh(fourth.refreshToken)).status).toBe(401);
    const acts = await server.sql(
      `SELECT 1 FROM outbox WHERE type = 'auth.sessions_ended' AND payload->>'userId' = $1`,
      [person.id],
    );
    expect(acts).toHaveLength(2);
  });

  it('B8: after a logout the old tokens are refused at once, also where an administrator stands elsewhere', async () => {
    const person = await crowd.add();
    const session = await signIn(person.email);
    expect(await me(session)).toBe(200);
    expect((await call(session, 'POST', '/auth/logout')).status).toBe(204);
    expect([await me(session), (await refresh(session.refreshToken)).status]).toEqual([401, 401]);

    const login = await server.request('POST', '/api/v2/auth/login', {
      body: { email: 'super.administrator@telemetryflow.id', password: 'SuperAdmin@123456' },
    });
    const elsewhere = {
      auth: {
        authorization: `Bearer ${login.body.access_token}`,
        'x-tenant-id': server.seeded.places.demo.tenantId,
      },
    };
    expect((await call(elsewhere, 'POST', '/auth/logout')).status).toBe(204);
    expect(await me(elsewhere)).toBe(401);
  });

  it('is heard by the other nodes, before they would look again', async () => {
    const other = await startIdentityServer(postgres, { NODE_ENV: 'test' });
    try {
      const person = await crowd.add();
      const [here, there] = [await signIn(person.email), await signIn(person.email)];
      // What this node remembers of sessions does not grow old.
      vi.useFakeTimers({ toFake: ['performance'] });
      expect(await me(there, other)).toBe(200);
      await call(here, 'DELETE', `/auth/sessions/${there.sessionId}`);
      expect(await me(there, other)).toBe(200);
      const [row] = await server.sql<{ id: string; type: string; payload: Record<string, unknown> }>(
        `SELECT id, type, payload FROM outbox WHERE type = 'session.ended' AND payload->'sessionIds' ? $1`,
        [there.sessionId],
      );
      other.app.get(ClusterEvents).deliver(new PlatformEvent(row!.id, row!.type, row!.payload, null, new Date()));
      expect([await me(there, other), await me(here, other)]).toEqual([401, 200]);
    } finally {
      await other.stop();
    }
  });
});

describe('how long a session lives', () => {
  const lifeOf = async ({ sessionId }: SignedIn): Promise<number> => {
    const [row] = await server.sql<{ seconds: number }>(
      'SELECT extract(epoch FROM expires_at - last_used_at)::int AS seconds FROM sessions WHERE session_id = $1',
      [sessionId],
    );
    return row!.seconds;
  };

  it('is 7 days between two uses, and 30 when it is to be remembered, also after a refresh', async () => {
    const person = await crowd.add();
    const plain = await signIn(person.email);
    const remembered = await signIn(person.email, FIREFOX, { rememberMe: true });
    expect([await lifeOf(plain), await lifeOf(remembered)]).toEqual([7 * DAY_SECONDS, 30 * DAY_SECONDS]);
    await refresh(plain.refreshToken);
    await refresh(remembered.refreshToken);
    expect([await lifeOf(plain), await lifeOf(remembered)]).toEqual([7 * DAY_SECONDS, 30 * DAY_SECONDS]);
  });

  it('is 90 days at most, however often it is used', async () => {
    const person = await crowd.add();
    const session = await signIn(person.email);
    await server.sql(`UPDATE sessions SET created_at = now() - interval '89 days' WHERE session_id = $1`, [
      session.sessionId,
    ]);
    expect((await refresh(session.refreshToken)).status).toBe(200);
    expect(Math.abs((await lifeOf(session)) - DAY_SECONDS)).toBeLessThan(60);
  });

  it('B27: of two parallel refreshes with one token at most one succeeds, and its family lives on', async () => {
    const person = await crowd.add();
    const session = await signIn(person.email);
    // Both have begun before either can rotate the token: that is what makes them parallel.
    await server.sql('BEGIN');
    await server.sql('SELECT 1 FROM refresh_tokens FOR UPDATE');
    const both = Promise.all([refresh(session.refreshToken), refresh(session.refreshToken)]);
    await eventually('two that wait', async () => {
      const [row] = await server.sql<{ waiting: number }>(
        'SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted',
      );
      return row?.waiting === 2 ? true : undefined;
    });
    await server.sql('COMMIT');
    const answers = await both;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = answers.find(({ status }) => status === 200)!;
    expect((await refresh(winner.body.refresh_token)).status).toBe(200);
  });

  it('B7: a refresh rotates; the old token ends the family, and tokens of one kind are none of the other', async () => {
    const person = await crowd.add();
    const session = await signIn(person.email);
    const accessToken = session.auth.authorization.slice('Bearer '.length);
    expect((await refresh(accessToken)).status).toBe(401);
    expect(await me({ auth: { authorization: `Bearer ${session.refreshToken}` } })).toBe(401);
    const next = await refresh(session.refreshToken);
    expect(next.status).toBe(200);
    expect((await refresh(session.refreshToken)).status).toBe(401);
    // Whoever came with the old one had copied it: nobody keeps the session.
    expect((await refresh(next.body.refresh_token)).status).toBe(401);
    expect(await me(session)).toBe(401);
  });
});

describe('access tokens', () => {
  const SECRET = new TextEncoder().encode('a-secret-of-the-tests-with-enough-characters');
  const HEADER = { alg: 'HS256', typ: 'at+jwt' };
  let person: Person;
  beforeAll(async () => {
    person = await crowd.add();
  });

  it('B10: are refused when tampered with, unsigned, expired or signed by somebody else', async () => {
    const token = person.auth.authorization.slice('Bearer '.length);
    const claims = decodeJwt(token);
    const [head = '', , signature = ''] = token.split('.');
    const otherBody = Buffer.from(JSON.stringify({ ...claims, roles: ['super_administrator'] })).toString('base64url');
    const foreign = new TextEncoder().encode('somebody-else’s-secret-of-the-same-length');
    const forged = {
      tampered: `${head}.${otherBody}.${signature}`,
      'alg=none': new UnsecuredJWT(claims).encode(),
      'foreign secret': await new SignJWT(claims).setProtectedHeader(HEADER).sign(foreign),
      expired: await new SignJWT({ ...claims, exp: 1_000_000_000 }).setProtectedHeader(HEADER).sign(SECRET),
      'other type': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(SECRET),
    };
    expect(await me(person)).toBe(200);
    for (const [how, forgery] of Object.entries(forged)) {
      expect([how, await me({ auth: { authorization: `Bearer ${forgery}` } })]).toEqual([how, 401]);
    }
  });

  it('B10: die with a user who is deactivated or deleted, at once', async () => {
    const [first, second] = [await crowd.add(), await crowd.add()];
    expect([await me(first), await me(second)]).toEqual([200, 200]);
    expect((await crowd.as('admin.telemetryflow', 'POST', `/users/${first.id}/deactivate`)).status).toBe(200);
    expect((await crowd.as('admin.telemetryflow', 'DELETE', `/users/${second.id}`)).status).toBe(204);
    expect([await me(first), await me(second)]).toEqual([401, 401]);
  });
});

describe('somebody who must choose a new password', () => {
  it('may do that, see who they are, refresh and log out, and nothing else', async () => {
    const person = await crowd.add();
    await server.sql('UPDATE users SET force_password_change = true WHERE user_id = $1', [person.id]);
    const login = await server.request('POST', '/api/v2/auth/login', {
      body: { email: person.email, password: crowd.password },
    });
    expect(login.body.user.mustChangePassword).toBe(true);
    const forced = { auth: { authorization: `Bearer ${login.body.access_token}` } };
    for (const path of ['/auth/sessions', '/auth/devices', '/auth/mfa/status', '/users', '/scopes']) {
      const { status, body } = await call(forced, 'GET', path);
      expect([path, status, body.code]).toEqual([path, 403, 'AUTH_PASSWORD_CHANGE_REQUIRED']);
    }
    expect((await call(forced, 'POST', '/auth/mfa/setup')).status).toBe(403);
    expect(await me(forced)).toBe(200);
    const refreshed = await refresh(login.body.refresh_token);
    expect(refreshed.status).toBe(200);
    const next = { auth: { authorization: `Bearer ${refreshed.body.access_token}` } };
    const body = { currentPassword: crowd.password, newPassword: 'another teal umbrella wanders 8' };
    expect((await call(next, 'POST', '/auth/change-password', body)).status).toBe(200);
    expect((await call(next, 'GET', '/auth/sessions')).status).toBe(200);
  });
});
