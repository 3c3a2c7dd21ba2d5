import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ThrottledError } from '../ingest-error.js';
import { IngestAuthError, type IngestHeaders, type IngestPrincipal } from './ingest-authenticator.js';
import { LimitedAuthenticator } from './limited-authenticator.js';

const id = randomUUID();
const principal: IngestPrincipal = {
  apiKeyId: id,
  tenantId: id,
  organizationId: id,
  workspaceId: id,
  permissions: new Set(),
};
const key = (keyId: string): IngestHeaders => ({ 'x-api-key-id': keyId, 'x-api-key-secret': 's' });
const GOOD = key('good');

/** Lets `good` in; counts how often it is asked. `check` may hold up the answer. */
function authenticator(changes: { trustProxy?: boolean; proven?: boolean; check?: () => Promise<void> } = {}) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const limited = new LimitedAuthenticator({
    inner: {
      authenticate: async (headers) => {
        asked.push(String(headers['x-api-key-id']));
        await changes.check?.();
        if (headers['x-api-key-id'] === 'elsewhere') throw new IngestAuthError(403, 'not here');
        if (headers['x-api-key-id'] !== 'good') throw new IngestAuthError(401, 'The API key is not valid');
        return principal;
      },
    },
    failuresPerMinute: 6,
    trustProxy: changes.trustProxy ?? false,
    isProven: (headers) => changes.proven === true && headers === GOOD,
    now: () => clock.now,
  });
  const outcome = (headers: IngestHeaders, address = '10.0.0.1') =>
    limited.authenticate(headers, address).then(
      () => 200,
      (error: IngestAuthError | ThrottledError) => error.httpStatus,
    );
  return { limited, clock, asked, outcome };
}

describe('failed authentication', () => {
  it('is refused without being looked at once a client has failed too often, and says when to come back', async () => {
    const { limited, clock, asked, outcome } = authenticator();
    for (let i = 0; i < 6; i += 1) expect(await outcome(key(`guess ${i}`))).toBe(401);
    for (let i = 0; i < 1_000; i += 1) expect(await outcome(key(`guess ${i}`))).toBe(429);
    expect(asked).toHaveLength(6);
    expect(limited.refusals).toBe(1_000);
    await expect(limited.authenticate({}, '10.0.0.1')).rejects.toMatchObject({
      retryAfterSeconds: 10,
      rateLimit: { limit: 6, remaining: 0, resetMs: 10_000 },
    });
    clock.now = 10_000;
    expect(await outcome(key('x'))).toBe(401);
    expect(await outcome(key('x'))).toBe(429);
  });

  it('of others is none of a client’s', async () => {
    const { outcome } = authenticator();
    for (let i = 0; i < 7; i += 1) await outcome(key('x'), '10.0.0.1');
    expect(await outcome(key('x'), '10.0.0.2')).toBe(401);
  });

  it('counts an IPv6 network as one client, and an IPv4 address however it is spelled', async () => {
    const { outcome } = authenticator();
    for (let i = 0; i < 6; i += 1) await outcome(key('x'), `2001:db8::${i.toString(16)}`);
    expect(await outcome(key('x'), '2001:db8::ffff:1')).toBe(429);
    for (let i = 0; i < 6; i += 1) await outcome(key('x'), '::ffff:10.0.0.1');
    expect(await outcome(key('x'), '10.0.0.1')).toBe(429);
  });

  it('does not lock out the neighbours at the same address that were let in lately', async () => {
    const { outcome } = authenticator({ proven: true });
    for (let i = 0; i < 7; i += 1) await outcome(key('x'));
    expect(await outcome(key('x'))).toBe(429);
    for (let i = 0; i < 20; i += 1) expect(await outcome(GOOD)).toBe(200);
  });

  it('costs those nothing who get in, and those nothing who are only in the wrong place', async () => {
    const { outcome } = authenticator();
    for (let i = 0; i < 50; i += 1) expect(await outcome(GOOD)).toBe(200);
    for (let i = 0; i < 50; i += 1) expect(await outcome(key('elsewhere'))).toBe(403);
    for (let i = 0; i < 6; i += 1) expect(await outcome(key('x'))).toBe(401);
    expect(await outcome(key('x'))).toBe(429);
  });

  it('counts guesses that are checked at the same time', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { asked, outcome } = authenticator({ check: () => gate });
    const outcomes = Array.from({ length: 100 }, (_, i) => outcome(key(`guess ${i}`)));
    open();
    const settled = await Promise.all(outcomes);
    expect(asked).toHaveLength(6);
    expect(settled.filter((status) => status === 429)).toHaveLength(94);
  });

  it('is no concern of a fleet that starts with one key behind one address', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { outcome } = authenticator({ check: () => gate });
    const outcomes = Array.from({ length: 100 }, () => outcome(GOOD));
    open();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([200]));
  });

  it('believes in X-Forwarded-For what a trusted proxy added, and nothing otherwise', async () => {
    const from = (address: string) => ({ ...key('x'), 'x-forwarded-for': address });
    const direct = authenticator();
    for (let i = 0; i < 6; i += 1) expect(await direct.outcome(from(`10.1.0.${i}`))).toBe(401);
    expect(await direct.outcome(from('10.1.0.9'))).toBe(429);

    const proxied = authenticator({ trustProxy: true });
    for (let i = 0; i < 6; i += 1) expect(await proxied.outcome(from(`10.9.9.${i}, 10.1.0.1`))).toBe(401);
    expect(await proxied.outcome(from('10.9.9.9, 10.1.0.1'))).toBe(429);
    expect(await proxied.outcome(from('10.9.9.9, 10.1.0.2'))).toBe(401);
    for (let i = 0; i < 6; i += 1) expect(await proxied.outcome(from(`no address ${i}`), '10.1.0.3')).toBe(401);
    expect(await proxied.outcome(key('x'), '10.1.0.3')).toBe(429);
  });
});
