import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, createApiClient, type ApiClient } from './api.js';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Handler = (request: Seen, response: ServerResponse) => void;

let server: Server;
let seen: Seen[];
let handler: Handler;
let api: ApiClient;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      handler(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = createApiClient((path, init) => fetch(`http://127.0.0.1:${port}${String(path)}`, init));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Knows one access token at a time; each refresh makes the next. */
function expiringServer(valid: { token: string }, refreshStatus = 200): Handler {
  return ({ url, headers }, response) => {
    if (url.endsWith('/auth/refresh')) {
      valid.token = 'second';
      answer(
        response,
        refreshStatus,
        refreshStatus === 200 ? { access_token: 'second' } : { code: 'REFRESH_TOKEN_INVALID', detail: 'Log in.' },
      );
    } else if (headers.authorization === `Bearer ${valid.token}`) answer(response, 200, { ok: true });
    else answer(response, 401, { code: 'TOKEN_EXPIRED', detail: 'The token has expired.', requestId: 'r1' });
  };
}

describe('a call', () => {
  it('carries its query, tenant, token and a fresh request id', async () => {
    handler = (_request, response) => answer(response, 200, { data: [] });
    api.setAccessToken('t');
    api.setTenant('tenant-1');
    await api.get('/telemetry/logs', { query: { from: 'now-1h', empty: '', none: undefined, n: 0, many: ['a', 'b'] } });
    await api.post('/api-keys', { name: 'x' });
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v2/telemetry/logs?from=now-1h&n=0&many=a&many=b',
      'POST /api/v2/api-keys',
    ]);
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer t',
      'x-tenant-id': 'tenant-1',
      'x-client': 'browser',
    });
    expect(seen[1]?.body).toBe('{"name":"x"}');
    expect(seen[0]?.headers['x-request-id']).not.toBe(seen[1]?.headers['x-request-id']);
  });

  it('answers nothing for 204', async () => {
    handler = (_request, response) => response.writeHead(204).end();
    expect(await api.delete('/api-keys/1')).toBeUndefined();
  });

  it('throws the problem that the server tells', async () => {
    const errors = [{ path: 'name', code: 'too_small', message: 'is required' }];
    handler = (_request, response) =>
      answer(response, 400, { code: 'VALIDATION_FAILED', detail: 'Check the fields.', requestId: 'req-7', errors });
    const error = await api.post('/api-keys', {}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      detail: 'Check the fields.',
      requestId: 'req-7',
      errors,
    });
  });

  it('throws something sensible for an answer that is no problem', async () => {
    handler = (_request, response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    const states: boolean[] = [];
    api.onReachable((state) => states.push(state));
    await expect(api.get('/x')).rejects.toMatchObject({ status: 502, code: 'HTTP_502' });
    expect(states).toEqual([false]);
  });

  it('says NETWORK when no one answers, and the abort when it was aborted', async () => {
    handler = (_request, response) => response.destroy();
    const states: boolean[] = [];
    api.onReachable((state) => states.push(state));
    await expect(api.get('/x')).rejects.toMatchObject({ status: 0, code: 'NETWORK' });
    expect(states).toEqual([false]);
    const controller = new AbortController();
    handler = () => controller.abort();
    await expect(api.get('/x', { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(states).toEqual([false]);
  });
});

describe('an expired token', () => {
  it('is renewed once while others wait, and each call is repeated once', async () => {
    handler = expiringServer({ token: 'unknown' });
    api.setAccessToken('first');
    const results = await Promise.all([1, 2, 3, 4].map((n) => api.get(`/n/${n}`)));
    expect(results).toEqual([{ ok: true }, { ok: true }, { ok: true }, { ok: true }]);
    expect(seen.filter(({ url }) => url.endsWith('/auth/refresh'))).toHaveLength(1);
    expect(seen.filter(({ url }) => url.endsWith('/n/1'))).toHaveLength(2);
  });

  it('is renewed at the second try after a race with the page before', async () => {
    let tries = 0;
    handler = ({ url }, response) => {
      if (!url.endsWith('/auth/refresh')) answer(response, 200, { ok: true });
      else if (++tries === 1) answer(response, 401, { code: 'REFRESH_TOKEN_RACED', detail: 'Too late.' });
      else answer(response, 200, { access_token: 'second' });
    };
    expect(await api.refresh()).toEqual({ access_token: 'second' });
    expect(tries).toBe(2);
  });

  it('is not renewed without end when it loses every race', async () => {
    handler = (_request, response) => answer(response, 401, { code: 'REFRESH_TOKEN_RACED', detail: 'Too late.' });
    await expect(api.refresh()).rejects.toMatchObject({ code: 'REFRESH_TOKEN_RACED' });
    expect(seen).toHaveLength(2);
  });

  it('ends the session when it cannot be renewed', async () => {
    handler = expiringServer({ token: 'unknown' }, 401);
    let lost = 0;
    api.onSessionLost(() => (lost += 1));
    api.setAccessToken('first');
    await expect(api.get('/n')).rejects.toMatchObject({ status: 401, code: 'TOKEN_EXPIRED', requestId: 'r1' });
    expect(lost).toBe(1);
  });

  it('does not end the session because the server stumbles', async () => {
    handler = expiringServer({ token: 'unknown' }, 503);
    let lost = 0;
    api.onSessionLost(() => (lost += 1));
    api.setAccessToken('first');
    await expect(api.get('/n')).rejects.toMatchObject({ status: 503 });
    expect(lost).toBe(0);
  });

  it('is not looked for behind a refused login', async () => {
    handler = (_request, response) => answer(response, 401, { code: 'AUTH_INVALID_CREDENTIALS', detail: 'No.' });
    await expect(api.post('/auth/login', {})).rejects.toMatchObject({ code: 'AUTH_INVALID_CREDENTIALS' });
    expect(seen).toHaveLength(1);
  });
});
