import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ CORS_ORIGIN: '*.example.com', THROTTLE_LIMIT: '40' });
});
afterAll(async () => server.stop());

const call = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init);
const login = (body: string, type = 'application/json') =>
  call('/api/v2/auth/login', { method: 'POST', body, headers: { 'content-type': type } });

describe('every answer', () => {
  it('names the request, and carries the security headers', async () => {
    const { headers } = await call('/health', { headers: { 'x-request-id': 'mine-1' } });
    expect(headers.get('x-request-id')).toBe('mine-1');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://${new URL(server.url).host}`);
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('is compressed when it is large', async () => {
    const { headers } = await call('/api/docs/openapi.json', { headers: { 'accept-encoding': 'gzip' } });
    expect(headers.get('content-encoding')).toBe('gzip');
  });

  it('lets configured origins in and no others', async () => {
    const from = async (origin: string) =>
      (await call('/api/v2/config', { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await from('https://app.example.com')).toBe('https://app.example.com');
    expect(await from('https://evil.net')).toBeNull();
  });
});

describe('bad requests', () => {
  it.each([
    ['broken JSON', () => login('{"email":'), 400, 'MALFORMED_REQUEST'],
    ['a huge body', () => login(JSON.stringify({ email: 'x'.repeat(1 << 20) })), 413, 'PAYLOAD_TOO_LARGE'],
    ['an unknown content type', () => login('<a/>', 'application/xml'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a form',
      () => login('email=a@b.c&password=x', 'application/x-www-form-urlencoded'),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['plain text', () => login('{}', 'text/plain'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a wrong method', () => call('/api/v2/auth/login'), 405, 'METHOD_NOT_ALLOWED'],
    ['a wrong method of one thing', () => call('/api/v2/api-keys/x', { method: 'PUT' }), 405, 'METHOD_NOT_ALLOWED'],
    ['an unknown path', () => call('/api/v2/nothing', { headers: { accept: 'text/html' } }), 404, 'NOT_FOUND'],
    ['no credentials', () => call('/api/v2/scopes'), 401, 'UNAUTHENTICATED'],
    ['a malformed address', () => call('/api/v2/%zz'), 400, 'MALFORMED_REQUEST'],
  ])('answer %s as problem+json', async (_, send, status, code) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await response.json()).toMatchObject({ status, code, requestId: expect.any(String) });
  });

  it('say which methods an address takes', async () => {
    const { headers } = await call('/api/v2/api-keys', { method: 'DELETE' });
    expect(headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('list all faulty fields', async () => {
    const response = await login('{"email":"nobody"}');
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).sort()).toEqual(['email', 'password']);
  });
});

describe('the documentation', () => {
  it('is a page without inline scripts, and a document', async () => {
    const page = await (await call('/api/docs')).text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    for (const [, src = ''] of page.matchAll(/(?:src|href)="([^"]+)"/g))
      expect((await call(src)).status, src).toBe(200);
    expect(await (await call('/api/docs/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    expect((await call('/api/docs/package.json')).status).toBe(404);
  });
});

describe('metrics', () => {
  it('count requests by route, not by path, and tell of ingest and engines', async () => {
    await call('/api/v2/telemetry/traces/00000000000000000000000000000001');
    const text = await (await call('/metrics')).text();
    expect(text).toMatch(
      /http_requests_total\{method="GET",route="\/api\/v2\/telemetry\/traces\/:traceId",status_code="401"\} 1/,
    );
    for (const name of [
      'http_request_duration_ms_bucket',
      'otlp_ingestion_log_bytes',
      'engine_restarts_total',
      'queue_jobs',
      'clickhouse_queries_total',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(text, name).toContain(name);
    }
  });
});

// Last: it uses the allowance up.
describe('the rate limit', () => {
  it('ends in 429 with Retry-After, and leaves health alone', async () => {
    let response = await call('/api/v2/config');
    while (response.status === 200) response = await call('/api/v2/config');
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(await response.json()).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
    expect((await call('/health/live')).status).toBe(200);
  });
});
