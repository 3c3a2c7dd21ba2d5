import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigSchema, type Runtime } from '../platform/index.js';
import { EmailService, maskAddress } from './index.js';
import { smtpSink, type SmtpSink } from './testing/smtp-sink.js';

const MAIL = { to: 'somebody@example.com', subject: 'Hello', text: 'your code is 123456' };
let sink: SmtpSink | undefined;
let service: EmailService | undefined;

afterEach(() => {
  service?.onModuleDestroy();
  sink?.close();
});

function emailService(env: Record<string, string>, lines: string[] = []): EmailService {
  const runtime: Runtime = {
    config: ConfigSchema.parse(env),
    version: 'test',
    dataDir: '',
    clickhouse: { url: '', username: '', password: '', database: '' },
    postgres: { ownerUrl: '', appUrl: '' },
    engines: [],
    jwtSecret: '',
    encryptionKey: '',
  };
  service = new EmailService(runtime, pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }));
  return service;
}

describe('EmailService', () => {
  it('sends over SMTP', async () => {
    sink = await smtpSink();
    const { port, received } = sink;
    await emailService({ SMTP_ENABLED: 'true', SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port) }).send(MAIL);
    const session = received.join('');
    expect(session).toContain('RCPT TO:<somebody@example.com>');
    expect(session).toContain('Subject: Hello');
    expect(session).toContain('your code is 123456');
  });

  it('without SMTP logs that there was a mail, and nothing of its text', async () => {
    const lines: string[] = [];
    await emailService({}, lines).send(MAIL);
    expect(lines.join()).toContain('s***@example.com');
    expect(lines.join()).not.toContain('123456');
  });

  it('rejects when the server is away', async () => {
    await expect(
      emailService({ SMTP_ENABLED: 'true', SMTP_HOST: '127.0.0.1', SMTP_PORT: '9' }).send(MAIL),
    ).rejects.toThrow('ECONNREFUSED');
  });
});

describe('maskAddress', () => {
  it('keeps the first letter and the domain', () => expect(maskAddress('ada@example.com')).toBe('a***@example.com'));
});
