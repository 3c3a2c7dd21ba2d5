import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../../src/shared/platform/database/index.js';
import { currentScope } from '../../src/shared/platform/index.js';
import { eventually } from '../support/platform.js';
import { AccountServer, type Answer } from './account-server.js';
import { statementsOf } from './statements.js';

// Hashes are slow on purpose, mails go over an event and a job, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

const GOOD = 'wandering teal umbrella 7';
const BETTER = 'a pelican counts nine bells';

let server: AccountServer;
beforeAll(async () => {
  server = await AccountServer.start();
});
afterAll(() => server?.stop());

const change = (token: string, currentPassword: string, newPassword: string) =>
  server.call('POST', '/auth/change-password', { token, body: { currentPassword, newPassword } });
const forgot = (email: string) => server.call('POST', '/auth/forgot-password', { body: { email } });
const reset = (token: string, newPassword: string) =>
  server.call('POST', '/auth/reset-password', { body: { token, newPassword } });
const me = (token: string) => server.call('GET', '/auth/me', { token });
const codes = ({ body }: Answer) => body.errors.map(({ code }: { code: string }) => code);
/** An answer without what differs from request to request. */
const stable = ({ status, body: { requestId: _, ...body } }: Answer) => ({ status, body });

describe('B4: a weak password', () => {
  it.each([
    ['elevenchars', ['too_short']],
    ['password1234', ['common', 'too_weak']],
    ['Password@123', ['common', 'too_weak']],
    ['qwerty', ['too_short', 'common', 'too_weak']],
    ['aaaaaaaaaaaaaaaa', ['too_weak']],
    ['Robin', ['too_short', 'common', 'personal', 'too_weak']],
  ])('%s is refused naming every failed rule', async (password, expected) => {
    const person = await server.person();
    const answer = await change(await server.token(person), person.password, password);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(codes(answer)).toEqual(expect.arrayContaining(expected));
    expect(answer.body.errors.every(({ path }: { path: string }) => path === 'newPassword')).toBe(true);
    expect(JSON.stringify(answer.body)).not.toContain(password);
  });

  it('may not be about its owner', async () => {
    const person = await server.person({ firstName: 'Wilhelmina' });
    const token = await server.token(person);
    const local = person.email.split('@')[0]!;
    for (const password of ['my wilhelmina sleeps soundly', `${local.toUpperCase()} and more`]) {
      expect(codes(await change(token, person.password, password))).toContain('personal');
    }
  });

  it('is told while it is typed, and nothing keeps it', async () => {
    const strength = (password: string) => server.call('POST', '/auth/password/strength', { body: { password } });
    const weak = await strength('password1234');
    expect(weak.status).toBe(200);
    expect(weak.body).toMatchObject({ acceptable: false });
    expect(weak.body.failures.map(({ code }: { code: string }) => code)).toEqual(['common', 'too_weak']);
    expect((await strength(GOOD)).body).toEqual({ score: 4, acceptable: true, failures: [] });
    expect((await strength('x'.repeat(129))).status).toBe(400);
    // The bucket holds 60: one of many at once has to wait.
    const many = await Promise.all(Array.from({ length: 200 }, () => strength('abc')));
    const refused = many.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('B9: changing a password', () => {
  it('keeps the session that asks and ends the others, and the new one opens the door', async () => {
    const person = await server.person();
    const [own, other] = [await server.token(person), await server.token(person)];
    expect((await change(own, person.password, GOOD)).status).toBe(200);
    expect((await me(own)).status).toBe(200);
    expect((await me(other)).status).toBe(401);
    expect((await server.login(person.email, person.password)).status).toBe(401);
    expect((await server.login(person.email, GOOD)).status).toBe(200);
    const [row] = await server.sql<{ password_hash: string }>('SELECT password_hash FROM users WHERE user_id = $1', [
      person.id,
    ]);
    expect(row!.password_hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    await server.mailTo(person.email, 'Your password was changed');
    const [act] = await server.sql<{ text: string }>(
      `SELECT payload::text AS text FROM outbox WHERE type = 'auth.password_changed' AND payload->>'userId' = $1`,
      [person.id],
    );
    expect(act!.text).not.toMatch(/argon2|umbrella|first password/);
  });

  it('refuses a wrong current password with 401, and locks after five', async () => {
    const person = await server.person();
    const token = await server.token(person);
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(stable(await change(token, 'not the password', GOOD)));
    answers.push(stable(await change(token, person.password, GOOD)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'AUTH_INVALID_CREDENTIALS' } });
    expect((await server.login(person.email, person.password)).status).toBe(401);
    await server.mailTo(person.email, 'locked');
  });

  it('refuses the last five, also when they are changed by a reset, and takes the sixth', async () => {
    const person = await server.person();
    const token = await server.token(person);
    const passwords = [person.password, ...[1, 2, 3, 4, 5].map((n) => `an unlikely sentence, number ${n} of five`)];
    for (let i = 1; i < passwords.length; i += 1) {
      expect((await change(token, passwords[i - 1]!, passwords[i]!)).status).toBe(200);
    }
    const current = passwords[5]!;
    for (const old of [passwords[1]!, current]) expect(codes(await change(token, current, old))).toEqual(['reused']);
    expect(codes(await reset(await server.resetToken(person.email), passwords[3]!))).toEqual(['reused']);
    expect((await change(token, current, passwords[0]!)).status).toBe(200);
    const history = await server.sql<{ password_hash: string }>(
      'SELECT password_hash FROM password_history WHERE user_id = $1',
      [person.id],
    );
    expect(history).toHaveLength(4);
    expect(history.every((row) => row.password_hash.startsWith('$argon2id$'))).toBe(true);
  });

  it('lets exactly one of several at once win', async () => {
    const person = await server.person();
    const token = await server.token(person);
    const answers = await Promise.all(
      [1, 2, 3].map((n) => change(token, person.password, `parallel thoughts of pelican ${n}`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.every(({ status }) => [200, 401, 409].includes(status))).toBe(true);
  });

  it('is over when somebody else decides so, and then nothing else is open', async () => {
    const person = await server.person();
    const before = await server.token(person);
    expect((await server.call('GET', '/auth/password/status', { token: before })).body).toMatchObject({
      expiresAt: null,
      mustChange: false,
    });
    await server.sql('UPDATE users SET force_password_change = true WHERE user_id = $1', [person.id]);
    const token = await server.token(person);
    expect((await server.call('GET', '/auth/password/status', { token })).body.mustChange).toBe(true);
    expect((await server.call('GET', '/auth/preferences', { token })).body.code).toBe('AUTH_PASSWORD_CHANGE_REQUIRED');
    expect((await change(token, person.password, GOOD)).status).toBe(200);
    const after = await server.token({ ...person, password: GOOD });
    expect((await server.call('GET', '/auth/preferences', { token: after })).status).toBe(200);
  });

  it('is over after PASSWORD_EXPIRY_DAYS, where the operator wants that', async () => {
    const strict = await AccountServer.start({ PASSWORD_EXPIRY_DAYS: '30' });
    try {
      const person = await strict.person();
      const token = await strict.token(person);
      const status = async () => (await strict.call('GET', '/auth/password/status', { token })).body;
      const { changedAt, expiresAt, mustChange } = await status();
      expect(Date.parse(expiresAt) - Date.parse(changedAt)).toBe(30 * 86_400_000);
      expect(mustChange).toBe(false);
      await strict.sql(`UPDATE users SET password_changed_at = now() - interval '30 days' WHERE user_id = $1`, [
        person.id,
      ]);
      expect((await status()).mustChange).toBe(true);
      const login = await strict.login(person.email, person.password);
      expect(login.body.user.mustChangePassword).toBe(true);
      const refused = await strict.call('GET', '/auth/preferences', { token: login.body.access_token });
      expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_PASSWORD_CHANGE_REQUIRED']);
    } finally {
      await strict.stop();
    }
  });

  it('needs a person', async () => {
    expect((await server.call('POST', '/auth/change-password', { body: {} })).status).toBe(401);
    expect((await server.call('GET', '/auth/password/status')).status).toBe(401);
  });
});

describe('B9: resetting a password', () => {
  it('answers the same for every address, with the same statements', async () => {
    const person = await server.person();
    await server.sql('UPDATE users SET is_active = false WHERE user_id = $1', [(await server.person()).id]);
    const traces: string[][] = [];
    const answers: Answer[] = [];
    for (const [requestId, email] of [
      ['trace-of-somebody', person.email],
      ['trace-of-nobody', 'nobody@example.com'],
    ] as const) {
      const headers = { 'x-request-id': requestId };
      const ask = async () =>
        answers.push(await server.call('POST', '/auth/forgot-password', { headers, body: { email } }));
      // Events are relayed and mails are sent meanwhile.
      const isOfRequest = () => currentScope()?.requestId === requestId;
      traces.push(await statementsOf(server.server.app, ask, isOfRequest));
    }
    expect(answers[0]!.status).toBe(200);
    expect(stable(answers[0]!)).toEqual(stable(answers[1]!));
    expect(traces[0]!.length).toBeGreaterThan(3);
    expect(traces[1]).toEqual(traces[0]);
  });

  it('takes the link once, ends every session, opens a locked account and tells the owner', async () => {
    const person = await server.person();
    const session = await server.token(person);
    for (let i = 0; i < 5; i += 1) await server.login(person.email, 'a wrong guess');
    expect((await server.login(person.email, person.password)).status).toBe(401);
    const token = await server.resetToken(person.email);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const digest = createHash('sha256').update(token).digest();
    const [stored] = await server.sql<{ minutes: number; token_hash: Buffer }>(
      `SELECT round(extract(epoch FROM expires_at - now()) / 60)::int AS minutes, token_hash
       FROM one_time_tokens WHERE user_id = $1 AND purpose = 'password_reset' AND uses_left = 1`,
      [person.id],
    );
    expect(stored).toEqual({ minutes: 60, token_hash: digest });

    const valid = await server.call('POST', '/auth/password/validate-token', { body: { token } });
    expect(valid.body).toMatchObject({ valid: true, email: 'p***@example.com' });
    // A password that is refused does not cost the link.
    expect(codes(await reset(token, 'short'))).toContain('too_short');
    expect((await reset(token, GOOD)).status).toBe(200);
    expect((await me(session)).status).toBe(401);
    expect((await server.login(person.email, GOOD)).status).toBe(200);
    const again = await reset(token, BETTER);
    expect([again.status, codes(again)]).toEqual([400, ['invalid_token']]);
    const used = await server.call('POST', '/auth/password/validate-token', { body: { token } });
    expect(used.body).toEqual({ valid: false, email: null, expiresAt: null });
    await server.mailTo(person.email, 'Your password was changed');
  });

  it('lets exactly one of many requests with one link win', async () => {
    const person = await server.person();
    const token = await server.resetToken(person.email);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => reset(token, `racing sentence of the ${i} kind`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await server.login(person.email, `racing sentence of the ${winner} kind`)).status).toBe(200);
  });

  it('dies after an hour, and with a newer link, a change of password or its account', async () => {
    const person = await server.person();
    const first = await server.resetToken(person.email);
    const second = await server.resetToken(person.email);
    expect((await reset(first, GOOD)).status).toBe(400);
    await server.sql(`UPDATE one_time_tokens SET expires_at = now() WHERE user_id = $1`, [person.id]);
    expect((await reset(second, GOOD)).status).toBe(400);
    const third = await server.resetToken(person.email);
    await server.sql('UPDATE users SET is_active = false WHERE user_id = $1', [person.id]);
    expect((await reset(third, GOOD)).status).toBe(400);
    await server.sql('UPDATE users SET is_active = true WHERE user_id = $1', [person.id]);
    expect((await change(await server.token(person), person.password, BETTER)).status).toBe(200);
    expect((await reset(third, GOOD)).status).toBe(400);
    for (const token of ['nonsense', 'x'.repeat(256)]) expect((await reset(token, GOOD)).status).toBe(400);
  });

  it('may be asked for three times an hour, whether or not the address exists', async () => {
    const person = await server.person();
    for (const email of [person.email, 'nobody.else@example.com']) {
      const statuses = [];
      for (let i = 0; i < 3; i += 1) statuses.push((await forgot(email)).status);
      const fourth = await forgot(email.toUpperCase());
      expect([...statuses, fourth.status]).toEqual([200, 200, 200, 429]);
      expect(fourth.body.code).toBe('RATE_LIMIT_EXCEEDED');
      const seconds = Number(fourth.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(3500);
      expect(seconds).toBeLessThanOrEqual(3600);
    }
    await server.sql('UPDATE request_windows SET ends_at = now()');
    expect((await forgot(person.email)).status).toBe(200);
  });

  it('may not be asked for a whole list of addresses', async () => {
    await forgot('listed-0@example.com');
    await server.sql(`UPDATE request_windows SET requests = 99 WHERE purpose = 'password_reset_network'`);
    const answers = [];
    for (const n of [1, 2, 3]) answers.push(await forgot(`listed-${n}@example.com`));
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 429]);
    expect(Number(answers[1]!.headers.get('retry-after'))).toBeGreaterThan(0);
    await server.sql(`DELETE FROM request_windows`);
  });

  it('counts requests that race', async () => {
    const person = await server.person();
    const answers = await Promise.all(Array.from({ length: 6 }, () => forgot(person.email)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429]);
  });

  it('writes no mail to a deactivated account', async () => {
    const gone = await server.person();
    const there = await server.person();
    await server.sql('UPDATE users SET is_active = false WHERE user_id = $1', [gone.id]);
    expect((await forgot(gone.email)).status).toBe(200);
    const done = () =>
      server.sql(
        `SELECT 1 FROM outbox WHERE type = 'auth.password_reset_requested' AND payload->>'userId' = $1
         AND published_at IS NOT NULL`,
        [gone.id],
      );
    await eventually('the event is taken', async () => ((await done()).length > 0 ? true : undefined), 60_000);
    // Jobs of one queue are done in order, by and large: this one came later.
    await server.resetToken(there.email);
    expect(server.mailsTo(gone.email)).toEqual([]);
  });
});

describe('what is kept of passwords and requests', () => {
  it('is nothing to a session of another place, and former passwords nothing to another organization', async () => {
    const person = await server.person();
    await change(await server.token(person), person.password, GOOD);
    await forgot(person.email);
    const database = server.server.app.get(Database);
    const base = {
      requestId: 'r',
      roles: [],
      permissions: new Set<string>(),
      isPlatformAdministrator: false,
      ip: '',
      userAgent: '',
    };
    const actor = { type: 'user', id: person.id, email: person.email, sessionId: person.id } as const;
    const seen = (table: string) =>
      database.transaction({ ...base, actor, ...server.server.seeded.places.demo }, (manager) =>
        manager.query<unknown[]>(`SELECT 1 FROM ${table}`),
      );
    for (const table of ['password_history', 'request_windows', 'one_time_tokens']) {
      expect(await seen(table), table).toEqual([]);
      expect(await server.sql(`SELECT 1 FROM ${table}`), table).not.toEqual([]);
    }
  });
});
