import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigSchema, type Runtime } from '../platform/index.js';
import { EmailService, maskAddress } from './index.js';

const MAIL = { to: 'somebody@example.com', subject: 'Hello', text: 'your code is 123456' };
let server: Server | undefined;
let service: EmailService | undefined;

afterEach(() => {
  service?.onModuleDestroy();
  server?.close();
});

/** As much of SMTP (RFC 5321) as one mail needs; collects what is sent. */
async function smtpSink(): Promise<{ port: number; received: string[] }> {
  const received: string[] = [];
  server = createServer((socket: Socket) => {
    let inData = false;
    socket.write('220 sink\r\n');
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      received.push(text);
      if (inData) {
        if (!text.endsWith('\r\n.\r\n')) return;
        inData = false;
        socket.write('250 taken\r\n');
      } else if (text.startsWith('DATA')) {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (text.startsWith('QUIT')) {
        socket.end('221 bye\r\n');
      } else {
        socket.write('250 ok\r\n');
      }
    });
  });
  const sink = server;
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  return { port: (sink.address() as AddressInfo).port, received };
}

function emailService(env: Record<string, string>, lines: string[] = []): EmailService {
  const runtime: Runtime = {
    config: ConfigSchema.parse(env),
    version: 'test',
    dataDir: '',
    clickhouse: { url: '', username: '', password: '', database: '' },
    postgres: { ownerUrl: '', appUrl: '' },
    engines: [],
    jwtSecret: '',
  };
  service = new EmailService(runtime, pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }));
  return service;
}

describe('EmailService', () => {
  it('sends over SMTP', async () => {
    const { port, received } = await smtpSink();
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
