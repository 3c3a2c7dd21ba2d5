import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';
import { people, type People, type Person } from './people.js';
import { codeAt, enrol, type Enrolled, forgetUse, verifyMfa, withinOneStep, wrongCodeFor } from './second-factor.js';

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

const login = (email: string, headers: Record<string, string> = {}, more: Record<string, unknown> = {}) =>
  server.request('POST', '/api/v2/auth/login', { headers, body: { email, password: crowd.password, ...more } });
const call = (person: Person, method: string, path: string, body?: unknown): Promise<Answer> =>
  crowd.as(person.auth, method, path, body);
const verify = (mfaToken: string, code: string) => verifyMfa(server, mfaToken, code);
const challengeOf = async (email: string): Promise<string> => (await login(email)).body.mfaToken;
const actsOf = async (id: string) => (await crowd.acts(id)).map(({ type }) => type);

describe('enrolment', () => {
  it('B6: changes nothing until a right code confirms it; recovery codes are shown once', async () => {
    const person = await crowd.add();
    expect((await call(person, 'GET', '/auth/mfa/status')).body).toEqual({
      enabled: false,
      methods: [],
      recoveryCodesRemaining: 0,
      enabledAt: null,
    });
    const { status, body, headers } = await call(person, 'POST', '/auth/mfa/setup');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(body.otpauthUri).toMatch(/^otpauth:\/\/totp\/TelemetryFlow:.*issuer=TelemetryFlow/);
    expect(body.qrCode).toMatch(/^data:image\/svg\+xml;base64,/);
    expect((await login(person.email)).body).toHaveProperty('access_token');

    const wrong = await call(person, 'POST', '/auth/mfa/enable', { code: wrongCodeFor(body.secret) });
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, 'code']);
    expect((await login(person.email)).body).toHaveProperty('access_token');

    const enabled = await call(person, 'POST', '/auth/mfa/enable', { code: codeAt(body.secret) });
    expect(enabled.status).toBe(200);
    expect(enabled.body.recoveryCodes).toHaveLength(10);
    for (const code of enabled.body.recoveryCodes) expect(code).toMatch(/^[0-9A-F]{5}-[0-9A-F]{5}$/);
    expect((await call(person, 'GET', '/auth/mfa/status')).body).toMatchObject({
      enabled: true,
      methods: ['totp'],
      recoveryCodesRemaining: 10,
    });
    expect((await call(person, 'POST', '/auth/mfa/setup')).status).toBe(400);
    expect((await call(person, 'POST', '/auth/mfa/enable', { code: codeAt(body.secret, 1) })).status).toBe(400);
    expect(await actsOf(person.id)).toEqual(expect.arrayContaining(['auth.mfa_enrolled', 'auth.mfa_enabled']));
  });

  it('has to be confirmed within ten minutes', async () => {
    const person = await crowd.add();
    const { body } = await call(person, 'POST', '/auth/mfa/setup');
    const minutes = (Date.parse(body.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(9);
    expect(minutes).toBeLessThanOrEqual(10);
    await server.sql('UPDATE mfa_secrets SET pending_until = now() WHERE user_id = $1', [person.id]);
    expect((await call(person, 'POST', '/auth/mfa/enable', { code: codeAt(body.secret) })).status).toBe(400);
    expect((await login(person.email)).body).toHaveProperty('access_token');
  });

  it('takes the newest of several', async () => {
    const person = await crowd.add();
    const first = (await call(person, 'POST', '/auth/mfa/setup')).body.secret;
    const second = (await call(person, 'POST', '/auth/mfa/setup')).body.secret;
    expect((await call(person, 'POST', '/auth/mfa/enable', { code: codeAt(first) })).status).toBe(400);
    expect((await call(person, 'POST', '/auth/mfa/enable', { code: codeAt(second) })).status).toBe(200);
  });

  it('has one of several parallel confirmations win', async () => {
    const person = await crowd.add();
    const { secret } = (await call(person, 'POST', '/auth/mfa/setup')).body;
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => call(person, 'POST', '/auth/mfa/enable', { code: codeAt(secret) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await call(person, 'GET', '/auth/mfa/status')).body.recoveryCodesRemaining).toBe(10);
  });
});

describe('with a second factor', () => {
  let person: Person;
  let enrolled: Enrolled;
  beforeAll(async () => {
    person = await crowd.add();
    enrolled = await enrol(server, person.auth);
  });
  beforeEach(() => forgetUse(server, person.id));

  it('B6: a login answers a challenge and no token, which is refused as one', async () => {
    const { status, body, headers } = await login(person.email);
    expect(status).toBe(200);
    expect(body).toEqual({ mfaRequired: true, mfaToken: expect.any(String), expiresIn: 300, attemptsLeft: 5 });
    expect([headers.get('set-cookie'), headers.get('cache-control')]).toEqual([null, 'no-store']);
    const asBearer = await crowd.as({ authorization: `Bearer ${body.mfaToken}` }, 'GET', '/auth/me');
    expect(asBearer.status).toBe(401);
    const asRefresh = await server.request('POST', '/api/v2/auth/refresh', { body: { refresh_token: body.mfaToken } });
    expect(asRefresh.status).toBe(401);
    const tokens = await verify(body.mfaToken, codeAt(enrolled.secret));
    expect(tokens.status).toBe(200);
    expect(tokens.body.user.email).toBe(person.email);
    expect(await crowd.as({ authorization: `Bearer ${tokens.body.access_token}` }, 'GET', '/auth/me')).toMatchObject({
      status: 200,
    });
  });

  it('B6: codes of the step before and after are taken, those of three steps off are not', async () => {
    for (const [steps, expected] of [
      [-1, 200],
      [0, 200],
      [1, 200],
      [-3, 401],
      [3, 401],
    ] as const) {
      const status = await withinOneStep(async () => {
        await forgetUse(server, person.id);
        return (await verify(await challengeOf(person.email), codeAt(enrolled.secret, steps))).status;
      });
      expect([steps, status]).toEqual([steps, expected]);
    }
  });

  it('B6: a used code is refused, in another challenge and in parallel', async () => {
    const challenges = await Promise.all([1, 2, 3, 4].map(() => challengeOf(person.email)));
    const code = codeAt(enrolled.secret);
    const answers = await Promise.all(challenges.slice(1).map((challenge) => verify(challenge, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const replayed = await verify(challenges[0]!, code);
    expect([replayed.status, replayed.body.code]).toEqual([401, 'AUTH_MFA_INVALID']);
    // An earlier code than one that was used is as old.
    expect((await verify(challenges[0]!, codeAt(enrolled.secret, -1))).status).toBe(401);
  });

  it('B6: a challenge leads to one session, and dies after five minutes', async () => {
    const challenge = await challengeOf(person.email);
    const [life] = await server.sql<{ seconds: number }>(
      `SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM one_time_tokens
       WHERE purpose = 'mfa_challenge' ORDER BY created_at DESC LIMIT 1`,
    );
    expect(Math.abs(life!.seconds - 300)).toBeLessThan(10);
    const codes = [codeAt(enrolled.secret, -1), codeAt(enrolled.secret), codeAt(enrolled.secret, 1)];
    const answers = await Promise.all(codes.map((code) => verify(challenge, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const again = await verify(challenge, enrolled.recoveryCodes[9]!);
    expect([again.status, again.body.code]).toEqual([401, 'TOKEN_INVALID']);

    await forgetUse(server, person.id);
    const expired = await challengeOf(person.email);
    await server.sql(`UPDATE one_time_tokens SET expires_at = now() WHERE purpose = 'mfa_challenge'`);
    expect((await verify(expired, codeAt(enrolled.secret))).body.code).toBe('TOKEN_INVALID');
    expect((await verify('nonsense', codeAt(enrolled.secret))).body.code).toBe('TOKEN_INVALID');
  });

  it('B6: a recovery code works once, however it is spelled, and 9 are left', async () => {
    const code = enrolled.recoveryCodes[0]!;
    const challenges = await Promise.all([1, 2, 3].map(() => challengeOf(person.email)));
    const spelled = [code, code.toLowerCase(), code.replace('-', ' ')];
    const answers = await Promise.all(challenges.map((challenge, i) => verify(challenge, spelled[i]!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect((await call(person, 'GET', '/auth/mfa/status')).body.recoveryCodesRemaining).toBe(9);
    expect((await verify(await challengeOf(person.email), code)).status).toBe(401);
    const foreign = await crowd.add();
    const others = await enrol(server, foreign.auth);
    await forgetUse(server, person.id);
    expect((await verify(await challengeOf(person.email), others.recoveryCodes[0]!)).status).toBe(401);
  });

  it('locks after five wrong codes for 15 minutes, right codes and other challenges included', async () => {
    const challenge = await challengeOf(person.email);
    const wrong = wrongCodeFor(enrolled.secret);
    const codes = [];
    for (let i = 0; i < 5; i += 1) codes.push((await verify(challenge, wrong)).body.code);
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'AUTH_MFA_INVALID'));
    for (const code of [codeAt(enrolled.secret), enrolled.recoveryCodes[5]!]) {
      const locked = await verify(challenge, code);
      expect([locked.status, locked.body.code]).toEqual([401, 'AUTH_MFA_LOCKED']);
      expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(14 * 60);
    }
    expect((await login(person.email)).body.attemptsLeft).toBe(0);
    expect(await actsOf(person.id)).toEqual(expect.arrayContaining(['auth.mfa_failed', 'auth.mfa_locked']));
    await server.sql('UPDATE mfa_secrets SET locked_until = now() WHERE user_id = $1', [person.id]);
    expect((await verify(challenge, codeAt(enrolled.secret))).status).toBe(200);
    expect((await login(person.email)).body.attemptsLeft).toBe(5);
  });

  it('counts parallel wrong codes, each once', async () => {
    const challenge = await challengeOf(person.email);
    const wrong = wrongCodeFor(enrolled.secret);
    await Promise.all(Array.from({ length: 4 }, () => verify(challenge, wrong)));
    expect((await login(person.email)).body.attemptsLeft).toBe(1);
  });

  it('refuses the second step of somebody who was deactivated meanwhile', async () => {
    const challenge = await challengeOf(person.email);
    await server.sql('UPDATE users SET is_active = false WHERE user_id = $1', [person.id]);
    const refused = await verify(challenge, codeAt(enrolled.secret));
    await server.sql('UPDATE users SET is_active = true WHERE user_id = $1', [person.id]);
    expect([refused.status, refused.body.code]).toEqual([401, 'TOKEN_INVALID']);
  });

  it('keeps secret and codes sealed and hashed, and tells them nowhere', async () => {
    const [row] = await server.sql<{ sealed: Buffer }>(
      'SELECT sealed_secret AS sealed FROM mfa_secrets WHERE user_id = $1',
      [person.id],
    );
    expect(row!.sealed).toHaveLength(12 + 20 + 16);
    const hashes = await server.sql<{ hash: string }>(
      'SELECT code_hash AS hash FROM mfa_recovery_codes WHERE user_id = $1',
      [person.id],
    );
    for (const { hash } of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    const told = JSON.stringify(await server.sql(`SELECT payload FROM outbox`));
    for (const secret of [enrolled.secret, ...enrolled.recoveryCodes]) expect(told).not.toContain(secret);
  });
});

describe('turning it off, and new recovery codes', () => {
  it('need password and code; wrong passwords count as failed logins', async () => {
    const person = await crowd.add();
    const { secret, recoveryCodes } = await enrol(server, person.auth);
    await forgetUse(server, person.id);
    const regenerate = (password: string, code: string) =>
      call(person, 'POST', '/auth/mfa/recovery-codes/regenerate', { password, code });
    const disable = (password: string, code: string) => call(person, 'POST', '/auth/mfa/disable', { password, code });

    for (const attempt of [regenerate, disable]) {
      const wrongPassword = await attempt('not my password', codeAt(secret));
      expect([wrongPassword.status, wrongPassword.body.code]).toEqual([401, 'AUTH_INVALID_CREDENTIALS']);
      const wrongCode = await attempt(crowd.password, wrongCodeFor(secret));
      expect([wrongCode.status, wrongCode.body.errors[0].path]).toEqual([400, 'code']);
    }
    const [failures] = await server.sql('SELECT failed_login_attempts AS n FROM users WHERE user_id = $1', [person.id]);
    expect(failures!['n']).toBe(2);

    const renewed = await regenerate(crowd.password, codeAt(secret));
    expect(renewed.status).toBe(200);
    expect(renewed.body.recoveryCodes.filter((code: string) => recoveryCodes.includes(code))).toEqual([]);
    expect((await verify(await challengeOf(person.email), recoveryCodes[0]!)).status).toBe(401);

    const off = await disable(crowd.password, renewed.body.recoveryCodes[0]);
    expect(off.status).toBe(200);
    expect((await login(person.email)).body).toHaveProperty('access_token');
    expect((await call(person, 'GET', '/auth/mfa/status')).body.enabled).toBe(false);
    expect((await disable(crowd.password, codeAt(secret))).status).toBe(400);
    expect(await server.sql('SELECT 1 FROM mfa_recovery_codes WHERE user_id = $1', [person.id])).toEqual([]);
    expect(await actsOf(person.id)).toEqual(
      expect.arrayContaining(['auth.recovery_codes_regenerated', 'auth.mfa_disabled']),
    );
  });

  it('voids a login that waits for its code when the password is changed', async () => {
    const person = await crowd.add();
    const { secret } = await enrol(server, person.auth);
    await forgetUse(server, person.id);
    const challenge = await challengeOf(person.email);
    const changed = await call(person, 'POST', '/auth/change-password', {
      currentPassword: crowd.password,
      newPassword: 'another teal umbrella wanders 8',
    });
    expect(changed.status).toBe(200);
    expect((await verify(challenge, codeAt(secret))).body.code).toBe('TOKEN_INVALID');
  });
});
