import { describe, expect, it } from 'vitest';
import { runInScope } from '../platform/index.js';
import { createLogger } from './create-logger.js';
import { redact, REDACTED, redactText } from './redact.js';

function capture() {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'trace',
    pretty: false,
    destination: { write: (line: string) => void lines.push(line) },
  });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('redact', () => {
  it.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'password',
    'currentPassword',
    'secret',
    'keySecret',
    'jwt_secret',
    'access_token',
    'refreshToken',
    'api_key',
    'apiKey',
    'x-api-key',
    'x-api-key-secret',
    'x-telemetryflow-key-secret',
    'privateKey',
  ])('hides %s, however deep', (key) => {
    expect(redact({ a: [{ [key]: 'hunter2' }] })).toEqual({ a: [{ [key]: REDACTED }] });
  });

  it('leaves the rest, and the original, alone', () => {
    const original = { token_type: 'Bearer', keyId: 'tfk-1', password: 'p', at: new Date(0), tokens: 3 };
    expect(redact(original)).toEqual({ ...original, password: REDACTED });
    expect(original.password).toBe('p');
  });

  it.each([
    ['connect to postgres://app:hunter2@db:5432/tf failed', 'connect to postgres://app:[redacted]@db:5432/tf failed'],
    ['header Bearer eyJhbGciOi.J9.abc was refused', 'header Bearer [redacted] was refused'],
    [`secret tfs-${'0a'.repeat(32)} leaked`, 'secret [redacted] leaked'],
  ])('hides credentials in text', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });
});

it('shows nothing that lies too deep to be looked through', () => {
  const nested = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ inner }), { password: 'hunter2' });
  expect(JSON.stringify(redact(nested))).not.toContain('hunter2');
});

describe('the logger', () => {
  it('writes JSON with the ids of the running request', async () => {
    const { logger, last } = capture();
    await runInScope({ requestId: 'r-1', traceId: 't-1', tenantId: 'n-1' }, async () => {
      await Promise.resolve();
      logger.info({ password: 'hunter2', count: 1 }, 'hello');
    });
    expect(last()).toMatchObject({
      level: 'info',
      msg: 'hello',
      service: 'telemetryflow',
      requestId: 'r-1',
      traceId: 't-1',
      tenantId: 'n-1',
      password: REDACTED,
      count: 1,
    });
    expect(Date.parse(String(last()['time']))).not.toBeNaN();
  });

  it('writes an error’s stack and code without its credentials', () => {
    const { logger, lines, last } = capture();
    const error = Object.assign(new Error('postgres://app:hunter2@db refused'), { code: 'ECONNREFUSED' });
    logger.error({ err: error }, 'lost');
    expect(last()['err']).toMatchObject({ type: 'Error', code: 'ECONNREFUSED' });
    expect(lines.join()).not.toContain('hunter2');
  });
});
