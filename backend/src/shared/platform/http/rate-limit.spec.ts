import { createHmac } from 'node:crypto';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { rateLimitIdentity } from './rate-limit-identity.js';
import { installRateLimit, MemoryRateLimitStore } from './rate-limit.js';

function server(now: () => number, identify = (request: { ip: string }) => request.ip) {
  const fastify = Fastify();
  installRateLimit(fastify, {
    limit: 2,
    windowMs: 60_000,
    store: new MemoryRateLimitStore(now),
    identify,
    applies: (path) => path.startsWith('/api/'),
  });
  fastify.get('/api/x', () => 'x');
  fastify.get('/health', () => 'ok');
  return fastify;
}

describe('the rate limit', () => {
  it('tells what is left, refuses beyond, and opens again with the next window', async () => {
    let now = 0;
    const fastify = server(() => now);
    const get = () => fastify.inject('/api/x');
    expect((await get()).headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' });
    expect((await get()).headers['x-ratelimit-remaining']).toBe('0');
    now = 10_000;
    const refused = await get();
    expect(refused.json()).toMatchObject({ message: 'More than 2 requests in 60 s; try again in 50 s' });
    expect(Number(refused.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
    now = 60_000;
    expect((await get()).statusCode).toBe(200);
  });

  it('counts every spelling of an address', async () => {
    const fastify = server(() => 0);
    for (const url of ['/api/x', '/%61pi/x']) expect((await fastify.inject(url)).statusCode).toBe(200);
    expect((await fastify.inject('/ap%69/x')).statusCode).toBe(500);
  });

  it('leaves other paths alone', async () => {
    const fastify = server(() => 0);
    for (let i = 0; i < 5; i++) {
      const { statusCode, headers } = await fastify.inject('/health');
      expect(statusCode).toBe(200);
      expect(headers).not.toHaveProperty('x-ratelimit-limit');
    }
  });

  it('forgets clients rather than grow without bound', async () => {
    const store = new MemoryRateLimitStore(() => 0);
    for (let i = 0; i < 20_001; i++) await store.hit(`ip:${i}`, 60_000);
    expect((await store.hit('ip:20000', 60_000)).count).toBe(2);
    expect((await store.hit('ip:0', 60_000)).count).toBe(1);
  });
});

it.each([
  ['10.0.0.9', 'ip:10.0.0.9'],
  ['::ffff:10.0.0.9', 'ip:10.0.0.9'],
  ['2001:db8:0:1::7', 'ip:2001:db8:0:1::/64'],
  ['2001:0DB8:0000:0001:ffff:ffff:ffff:ffff', 'ip:2001:db8:0:1::/64'],
  ['2001:db8:0:2::7', 'ip:2001:db8:0:2::/64'],
  ['::1', 'ip:0:0:0:0::/64'],
  ['fe80::1%eth0', 'ip:fe80:0:0:0::/64'],
])('counts %s as %s', (ip, counted) => {
  expect(rateLimitIdentity({ ip, headers: {} }, 'x')).toBe(counted);
});

describe('rateLimitIdentity', () => {
  const SECRET = 'a secret of at least thirty-two characters';
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'at+jwt' })}.${part({ sessionId: 's-1' })}`;
  const sign = (secret: string) => createHmac('sha256', secret).update(signed).digest('base64url');
  const identity = (authorization?: string) =>
    rateLimitIdentity({ ip: '10.0.0.9', headers: authorization === undefined ? {} : { authorization } }, SECRET);

  it('is the session of a token that we signed', () => {
    expect(identity(`Bearer ${signed}.${sign(SECRET)}`)).toBe('session:s-1');
  });

  it.each([
    undefined,
    'Bearer nonsense',
    'Bearer tfk-1:tfs-2',
    `Bearer ${signed}.${sign('another secret')}`,
    `Bearer ${signed}.x`,
  ])('is the address for %s', (authorization) => {
    expect(identity(authorization)).toBe('ip:10.0.0.9');
  });
});
