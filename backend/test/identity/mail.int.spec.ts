import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Act, Database, recordAct, systemScope } from '../../src/shared/platform/database/index.js';
import { readMail } from '../../src/shared/email/testing/read-mail.js';
import { eventually } from '../support/platform.js';
import { AccountServer, tokenIn, type Person } from './account-server.js';

// Hashes are slow on purpose, mails go over an event and a job, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

const PAGE = 'https://tf.example.com/ui/reset-password?token=';

let server: AccountServer;
beforeAll(async () => {
  server = await AccountServer.start({ FRONTEND_URL: 'https://tf.example.com/ui/' });
});
afterAll(() => server?.stop());

const forgot = (email: string) => server.call('POST', '/auth/forgot-password', { body: { email } });

/** Handlebars writes `=` as a reference, which HTML reads as `=`. */
function rendered(html: string): string {
  return html.replaceAll('&#x3D;', '=');
}

/** As the use case that does it would. */
function record({ id, email }: Person, action: string, details: Act['details'] = {}): Promise<void> {
  const origin = { requestId: 'r-1', ip: '192.0.2.77', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0' };
  return server.server.app.get(Database).transaction(systemScope('authentication'), (manager) =>
    recordAct(manager, origin, {
      action,
      resource: { type: 'user', id, name: email },
      organizationId: server.server.seeded.places.default.organizationId,
      details: { userId: id, ...details },
    }),
  );
}

describe('mails', () => {
  it.each([
    ['auth.verification_requested', 'Confirm your e-mail address', '/ui/verify-email?token='],
    ['user.invited', 'Choose your password', '/ui/reset-password?token='],
    ['user.password_set', 'An administrator has set your password', null],
    ['auth.mfa_enabled', 'Two-step sign-in is on', null],
    ['auth.mfa_disabled', 'Two-step sign-in is off', null],
    ['auth.device_added', 'A new device has signed in', null],
  ] as const)('tell the owner of %s', async (action, subject, page) => {
    const person = await server.person();
    await record(person, action);
    const { headers, text, html } = await server.mailTo(person.email, subject);
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('content-type')).toMatch(/^multipart\/alternative/);
    expect(text).toMatch(/^Hello Robin,/);
    if (page !== null)
      for (const part of [text, rendered(html)]) expect(part).toContain(`https://tf.example.com${page}`);
    if (action === 'auth.device_added') expect(text).toMatch(/Firefox[^]*Linux[^]*192\.0\.2\.77/);
  });

  it('carry links that work: of an invitation too', async () => {
    const person = await server.person();
    await record(person, 'user.invited');
    const token = tokenIn(await server.mailTo(person.email, 'Choose your password'));
    const body = { token, newPassword: 'wandering teal umbrella 7' };
    expect((await server.call('POST', '/auth/reset-password', { body })).status).toBe(200);
    expect((await server.login(person.email, body.newPassword)).status).toBe(200);
  });

  it('are written in the language of their reader, with links to the address of the UI', async () => {
    const person = await server.person({ locale: 'id-ID' });
    await forgot(person.email);
    const { text, html } = await server.mailTo(person.email, 'Atur ulang kata sandi');
    expect(text).toMatch(/^Halo Robin,/);
    expect(text).toContain(PAGE);
    expect(html).toContain('<html lang="id">');
    expect(rendered(html).split(PAGE)).toHaveLength(4);
  });

  it.each([
    ['<script>alert(1)</script><img src=x onerror=alert(1)>', 'Hello,'],
    ['Eve\r\nBcc: victim@example.com\r\n\r\n<b>body</b>', 'Hello,'],
    ['Eve\r\nX-Evil; 1', 'Hello Eve X-Evil; 1,'],
    ['\u202Eevil\u202C\u2066', 'Hello evil,'],
    ['<b>bold</b', 'Hello,'],
    ['<b onclick=x>', 'Hello <b onclick=x>,'],
    ['عائشة', 'Hello عائشة,'],
    ['{{constructor}}{{{x}}}', 'Hello {{constructor}}{{{x}}},'],
    ['Win at evil.example', 'Hello,'],
  ])('show the name %j inert', async (firstName, greeting) => {
    const person = await server.person({ firstName });
    await forgot(person.email);
    const { headers, text, html } = await server.mailTo(person.email, 'Reset your password');
    expect([...headers.keys()].sort()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
    expect(headers.get('subject')).toBe('Reset your password');
    expect(text.split('\n')[0]).toBe(greeting);
    expect(html).not.toMatch(/<script|<img|<b\b|evil\.example/);
    const recipients = server.smtp.received.filter((line) => line.startsWith('RCPT TO')).join();
    expect(recipients).not.toContain('victim');
  });

  it('are tried again when the mail server refuses; the request does not notice, and the last link works', async () => {
    const person = await server.person();
    server.smtp.refusals = 1;
    expect((await forgot(person.email)).status).toBe(200);
    await eventually('the refusal', async () => (server.smtp.refusals === 0 ? true : undefined));
    const token = tokenIn(await server.mailTo(person.email, 'Reset'));
    expect(server.mailsTo(person.email)).toHaveLength(1);
    const valid = await server.call('POST', '/auth/password/validate-token', { body: { token } });
    expect(valid.body.valid).toBe(true);
  });

  it('leave no token in the queue', async () => {
    const person = await server.person();
    const token = await server.resetToken(person.email);
    const tables = await server.sql<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema = 'bullmq' AND table_type = 'BASE TABLE'`,
    );
    let mentions = 0;
    for (const { name } of tables) {
      const rows = await server.sql<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`);
      for (const { row } of rows) {
        expect(row).not.toContain(token);
        if (row.includes(person.id)) mentions += 1;
      }
    }
    // It did go through there.
    expect(mentions).toBeGreaterThan(0);
  });

  it('are sent once for an event that is delivered twice', async () => {
    const person = await server.person();
    await record(person, 'auth.mfa_enabled');
    await server.mailTo(person.email, 'Two-step');
    await server.sql(
      `UPDATE outbox SET published_at = NULL, processed_by = '{}', next_attempt_at = now()
       WHERE type = 'auth.mfa_enabled' AND payload->>'userId' = $1`,
      [person.id],
    );
    await record(person, 'auth.mfa_disabled');
    await server.mailTo(person.email, 'is off');
    const again = () =>
      server.sql(
        `SELECT 1 FROM outbox WHERE type = 'auth.mfa_enabled' AND payload->>'userId' = $1 AND published_at IS NOT NULL`,
        [person.id],
      );
    await eventually('the second delivery', async () => ((await again()).length > 0 ? true : undefined));
    expect(server.mailsTo(person.email, 'is on')).toHaveLength(1);
  });

  it('have one subject line each, and an English or Indonesian one', () => {
    const subjects = server.smtp.messages.map((message) => readMail(message).headers.get('subject'));
    expect(subjects.length).toBeGreaterThan(15);
    for (const subject of subjects) expect(subject).toMatch(/^[\x20-\x7e]{5,78}$/);
  });
});
