import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../src/bootstrap/start-server.js';
import { smtpSink, type SmtpSink } from '../../src/shared/email/testing/smtp-sink.js';
import { eventually, seedUsers } from '../support/platform.js';

let smtp: SmtpSink;
let server: TestServer;
beforeAll(async () => {
  smtp = await smtpSink();
  server = await startServer({ SMTP_ENABLED: 'true', SMTP_HOST: '127.0.0.1', SMTP_PORT: String(smtp.port) });
});
afterAll(async () => {
  await server?.stop();
  smtp?.close();
});

it('tells the owner of a locked account by mail, and the one who tries nothing', async () => {
  const { email } = seedUsers.developer;
  const answers = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const response = await fetch(`${server.url}/api/v2/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: 'a wrong guess' }),
    });
    const { requestId: _, ...body } = (await response.json()) as { requestId: string };
    answers.push({ status: response.status, body });
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  const mail = await eventually('the mail', async () => {
    const sent = smtp.received.join('');
    return sent.includes('Subject: Your account is locked') ? sent : undefined;
  });
  expect(mail).toContain(`To: ${email}`);
  expect(mail).not.toContain('a wrong guess');
});
