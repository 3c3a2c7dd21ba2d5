/** Two nodes on one database: what one does to a key, the other knows as soon as the event is there. */
import type { CreatedApiKey, MeResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startNats, startRedis, type TestProcess } from '../../src/bootstrap/testing/processes.js';
import { startServer, type TestServer } from '../../src/bootstrap/start-server.js';
import { ClusterEvents } from '../../src/shared/messaging/index.js';
import { logRecord, newService, requestOf } from '../conformance/requests.js';
import { CONTENT_TYPE, encode } from '../support/otlp-client.js';
import { seedUsers } from '../support/platform.js';

const KEYS = '/api/v2/api-keys';

let redis: TestProcess;
let nats: TestProcess;
let first: TestServer;
let second: TestServer;
let token: string;
let tenantId: string;

beforeAll(async () => {
  [redis, nats] = await Promise.all([startRedis(), startNats()]);
  const shared = { REDIS_URL: redis.url, NATS_URL: nats.url, NODE_ENV: 'development' };
  first = await startServer(shared);
  const { postgres, clickhouse, jwtSecret } = first.runtime;
  second = await startServer({
    ...shared,
    ROLES: 'api,ingest',
    DATABASE_URL: postgres.ownerUrl,
    DATABASE_APP_URL: postgres.appUrl,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.username,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    JWT_SECRET: jwtSecret,
  });
  token = (await api<{ access_token: string }>('POST', '/api/v2/auth/login', seedUsers.administrator)).access_token;
  ({ tenantId } = await api<MeResponse>('GET', '/api/v2/auth/me'));
});
afterAll(async () => {
  await second?.stop();
  await first?.stop();
  await Promise.all([redis?.stop(), nats?.stop()]);
});

/** On the first node. */
async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${first.url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.ok, `${method} ${path}: ${response.status} ${text}`).toBe(true);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** To the second node. */
function send({ keyId, keySecret }: CreatedApiKey): Promise<Response> {
  const transport = 'http/protobuf';
  return fetch(`${second.otlpHttpUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': CONTENT_TYPE[transport], 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
    body: new Uint8Array(encode(transport, 'logs', requestOf('logs', newService(), [logRecord()]))),
  });
}

/** Resolves with the second node's answer to the first request after it heard of `type`. */
function answerAfter(type: string, key: CreatedApiKey): Promise<Response> {
  return new Promise((resolve) => {
    second.app.get(ClusterEvents).listen(type, ({ payload }) => {
      if (payload['keyId'] === key.keyId) resolve(send(key));
    });
  });
}

const create = (name: string) =>
  api<CreatedApiKey>('POST', KEYS, {
    name,
    permissions: ['logs:write'],
    scope: { type: 'tenant', tenantId },
    rateLimit: 100,
  });

it('a changed limit reaches the other node with its event', async () => {
  const key = await create('limited');
  expect((await send(key)).headers.get('x-ratelimit-limit')).toBe('100');
  const after = answerAfter('api_key.updated', key);
  // Remembered afresh: it would be good for seconds.
  await send(key);
  await api('PATCH', `${KEYS}/${key.id}`, { rateLimit: 7 });
  expect((await after).headers.get('x-ratelimit-limit')).toBe('7');
});

it.each([
  ['revoked', 'DELETE', ''],
  ['suspended', 'POST', '/suspend'],
] as const)('a key that was %s is refused by the other node with its event', async (act, method, path) => {
  const key = await create(act);
  const after = answerAfter(`api_key.${act}`, key);
  expect((await send(key)).status).toBe(200);
  await api(method, `${KEYS}/${key.id}${path}`);
  expect((await after).status).toBe(401);
});
