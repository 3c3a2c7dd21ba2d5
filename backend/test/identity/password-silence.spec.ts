import 'reflect-metadata';
import { createClient } from '@clickhouse/client';
import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../src/app.module.js';
import { readMail } from '../../src/shared/email/testing/read-mail.js';
import { smtpSink, type SmtpSink } from '../../src/shared/email/testing/smtp-sink.js';
import { routesOf } from '../../src/shared/platform/docs/controllers.js';
import { eventually, seedUsers, TestPlatform } from '../support/platform.js';
import { startTestPostgres, type TestPostgres } from './identity-app.js';
import { tokenIn } from './account-server.js';

// Hashes are slow on purpose, mails go over an event and a job, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** What a body may carry and nothing may show again: one value of its own per field. */
const CANARIES = Object.fromEntries(
  ['password', 'currentPassword', 'newPassword', 'token', 'code', 'mfaToken', 'refresh_token', 'inviteToken'].map(
    (field) => [field, `Canary-${field}-7f3a9c`],
  ),
);
const NEW_PASSWORD = 'wandering teal umbrella 7';
const LAST_PASSWORD = 'a pelican counts nine bells';
const STACK = /\n\s+at |node_modules|\.ts:\d|\.js:\d|QueryFailed|relation "|SELECT |UPDATE /;

interface Seen {
  readonly what: string;
  readonly status: number;
  readonly body: string;
}

let postgres: TestPostgres;
let smtp: SmtpSink;
let platform: TestPlatform;
let owner: pg.Client;
/** In development the start prints the documented logins, on purpose; what is printed from here on is the log. */
let startLength = 0;
/** Everything that must not be found anywhere. */
const secrets = new Set<string>(Object.values(CANARIES));
const refusals: Seen[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  smtp = await smtpSink();
  platform = await TestPlatform.start({
    LOG_LEVEL: 'trace',
    DATABASE_URL: postgres.ownerUrl,
    DATABASE_APP_URL: postgres.appUrl,
    SMTP_ENABLED: 'true',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(smtp.port),
    SIGN_IN_FAILURES_PER_MINUTE: '100000',
  });
  startLength = platform.output.length;
  owner = new pg.Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  await owner.query(`SELECT set_config('app.system_scope', 'platform', false)`);
}, 120_000);
afterAll(async () => {
  await owner?.end();
  await platform?.dispose();
  smtp?.close();
  await postgres?.stop();
});

async function call(method: string, path: string, body?: unknown, token?: string) {
  const reply = await platform.request<Record<string, unknown>>(method, path, {
    ...(body === undefined ? {} : { body }),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const text = JSON.stringify(reply.body);
  if (reply.status >= 400) refusals.push({ what: `${method} ${path}`, status: reply.status, body: text });
  else noteSecrets(reply.body);
  return reply;
}

/** What an answer hands out may stand in that answer, and nowhere else. */
function noteSecrets(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    const isSecret = /^(access_token|refresh_token|device_token|mfaToken|secret|otpauthUri|recoveryCodes)$/.test(name);
    if (isSecret) for (const secret of [value].flat()) secrets.add(String(secret));
  }
}

async function logIn(email: string, password: string): Promise<string> {
  secrets.add(password);
  const { status, body } = await call('POST', '/api/v2/auth/login', { email, password });
  expect(status).toBe(200);
  return String(body['access_token']);
}

/** Changes, resets, refreshes, enrols and fails, as people do. */
async function walk(): Promise<void> {
  const { email, password } = seedUsers.developer;
  const token = await logIn(email, password);
  await call('POST', '/api/v2/auth/login', { email, password: CANARIES['password'] });
  await call(
    'POST',
    '/api/v2/auth/change-password',
    { currentPassword: 'Canary-wrong-1', newPassword: 'short' },
    token,
  );
  secrets.add('Canary-wrong-1');
  secrets.add(NEW_PASSWORD).add(LAST_PASSWORD);
  const changed = await call(
    'POST',
    '/api/v2/auth/change-password',
    { currentPassword: password, newPassword: NEW_PASSWORD },
    token,
  );
  expect(changed.status).toBe(200);
  await call('POST', '/api/v2/auth/forgot-password', { email });
  const reset = await eventually('the mail with the link', async () =>
    smtp.messages.map((message) => tokenIn(readMail(message))).find((found) => found !== undefined),
  );
  secrets.add(reset);
  await call('POST', '/api/v2/auth/password/validate-token', { token: reset });
  await call('POST', '/api/v2/auth/reset-password', { token: reset, newPassword: 'password1234' });
  const done = await call('POST', '/api/v2/auth/reset-password', { token: reset, newPassword: LAST_PASSWORD });
  expect(done.status).toBe(200);
  await call('POST', '/api/v2/auth/reset-password', { token: reset, newPassword: NEW_PASSWORD });
  await secondFactor(email);
}

async function secondFactor(email: string): Promise<void> {
  const token = await logIn(email, LAST_PASSWORD);
  const { body } = await call('POST', '/api/v2/auth/mfa/setup', {}, token);
  const code = new TOTP({ secret: Secret.fromBase32(String(body['secret'])) }).generate();
  await call('POST', '/api/v2/auth/mfa/enable', { code: '000000' }, token);
  const enabled = await call('POST', '/api/v2/auth/mfa/enable', { code }, token);
  expect(enabled.status).toBe(200);
  const [recoveryCode] = enabled.body['recoveryCodes'] as string[];
  const challenge = await call('POST', '/api/v2/auth/login', { email, password: LAST_PASSWORD });
  const mfaToken = challenge.body['mfaToken'];
  await call('POST', '/api/v2/auth/verify-mfa', { mfaToken, code: '999999' });
  const verified = await call('POST', '/api/v2/auth/verify-mfa', { mfaToken, code: recoveryCode });
  expect(verified.status).toBe(200);
  await call('POST', '/api/v2/auth/refresh', { refresh_token: verified.body['refresh_token'] });
  await call('POST', '/api/v2/auth/refresh', { refresh_token: verified.body['refresh_token'] });
}

/** Every route there is, the ones that come later too, with a secret in every field, signed in and not. */
async function askEveryRoute(): Promise<void> {
  const token = await platform.token('viewer');
  secrets.add(token);
  const body = { ...CANARIES, email: 'nobody@example.com', recoveryEmail: 'spare@example.com', firstName: 'x' };
  const routes = routesOf(AppModule).filter(({ path }) => path.startsWith('/api/v2/auth/'));
  expect(routes.length).toBeGreaterThan(25);
  for (const { method, path } of routes) {
    const address = path.replaceAll(/:\w+/g, '0192f0c1-2345-7abc-8def-0123456789ab');
    // Nobody is asked to leave before the walk is over.
    const ends = /logout|sessions$/.test(path) && method !== 'get';
    for (const credential of ends ? [undefined] : [undefined, token]) {
      await call(method.toUpperCase(), address, method === 'get' ? undefined : body, credential);
    }
  }
}

/** Takes tables away under the server's feet. */
async function failInside(): Promise<void> {
  const { email, password } = seedUsers.viewer;
  // Every route that asks for a password was given a wrong one.
  await owner.query('UPDATE users SET failed_login_attempts = 0, locked_until = NULL WHERE email = $1', [email]);
  const token = await logIn(email, password);
  await owner.query('ALTER TABLE password_history RENAME TO password_history_away');
  await owner.query('ALTER TABLE user_preferences RENAME TO user_preferences_away');
  try {
    const body = { currentPassword: password, newPassword: NEW_PASSWORD };
    expect((await call('POST', '/api/v2/auth/change-password', body, token)).status).toBe(500);
    expect((await call('GET', '/api/v2/auth/preferences', undefined, token)).status).toBe(500);
  } finally {
    await owner.query('ALTER TABLE password_history_away RENAME TO password_history');
    await owner.query('ALTER TABLE user_preferences_away RENAME TO user_preferences');
  }
}

describe('B25: a whole walk through everything that concerns signing in', () => {
  beforeAll(async () => {
    await walk();
    await askEveryRoute();
    await failInside();
  }, 120_000);

  /** Names the first secret in the text, or a hash: never prints one. */
  function leakIn(text: string): string | null {
    if (/\$argon2/.test(text)) return 'an Argon2 hash';
    for (const secret of secrets) {
      // A code of six digits is found in any number.
      if (secret.length > 6 && text.includes(secret)) return `${secret.slice(0, 12)}…`;
    }
    return null;
  }

  it('leaves no password, token, secret or hash in the log', () => {
    const log = platform.output.slice(startLength);
    expect(log).toContain('/api/v2/auth/reset-password');
    expect(log).toContain('password_history');
    const lines = log.split('\n').filter((line) => leakIn(line) !== null);
    expect(lines.map((line) => `${leakIn(line)}: ${line.slice(0, 120)}`)).toEqual([]);
  });

  it('leaves none in the events', async () => {
    const { rows } = await owner.query<{ type: string; payload: string }>('SELECT type, payload::text FROM outbox');
    const types = new Set(rows.map(({ type }) => type));
    for (const type of ['auth.login', 'auth.login_failed', 'auth.password_changed', 'auth.password_reset']) {
      expect(types).toContain(type);
    }
    expect(rows.filter(({ payload }) => leakIn(payload) !== null).map(({ type }) => type)).toEqual([]);
  });

  it('leaves none in the audit trail', async () => {
    const { url, username, password, database } = platform.clickhouse;
    const client = createClient({ url, username, password, database });
    try {
      const rows = await eventually('the trail', async () => {
        const result = await client.query({ query: 'SELECT * FROM audit_logs', format: 'JSONEachRow' });
        const found = await result.text();
        return found.includes('auth.password_reset"') && found.includes('auth.mfa_enabled') ? found : undefined;
      });
      expect(leakIn(rows)).toBeNull();
    } finally {
      await client.close();
    }
  });

  it('leaves none in the queues', async () => {
    const { rows: tables } = await owner.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema = 'bullmq' AND table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(0);
    for (const { name } of tables) {
      const { rows } = await owner.query<{ text: string }>(`SELECT row_to_json(t)::text AS text FROM ${name} t`);
      expect(leakIn(rows.map(({ text }) => text).join('\n')), name).toBeNull();
    }
  });

  it('stores none of them but as hashes', async () => {
    const { rows: tables } = await owner.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const { rows } = await owner.query<{ text: string }>(`SELECT row_to_json(t)::text AS text FROM ${name} t`);
      const text = rows.map((row) => row.text.replaceAll('$argon2', '')).join('\n');
      expect(leakIn(text), name).toBeNull();
    }
  });

  it('gives none of them back in an error, and no stack with a 500', () => {
    expect(refusals.filter(({ status }) => status === 500)).toHaveLength(2);
    for (const { what, body } of refusals) {
      expect(leakIn(body), what).toBeNull();
      expect(STACK.test(body), what).toBe(false);
    }
  });
});
