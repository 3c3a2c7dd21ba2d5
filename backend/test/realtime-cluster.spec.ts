/** Two nodes on one Redis: a screen on one hears of what the other took in. */
import { SOCKET_EVENTS, type MetricsNew, type TokenResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../src/bootstrap/start-server.js';
import { startRedis, type TestProcess } from '../src/bootstrap/testing/processes.js';
import { CONTENT_TYPE } from './support/otlp-client.js';
import { openSocket, Tail, type Socket } from './support/live-tail.js';
import { eventually, seedUsers } from './support/platform.js';

let redis: TestProcess;
let first: TestServer;
let second: TestServer;
let socket: Socket;

beforeAll(async () => {
  redis = await startRedis();
  first = await startServer({ REDIS_URL: redis.url, NODE_ENV: 'development', INGEST_SEGMENT_AGE_MS: '20' });
  const { postgres, clickhouse, jwtSecret, encryptionKey } = first.runtime;
  second = await startServer({
    REDIS_URL: redis.url,
    NODE_ENV: 'development',
    ROLES: 'api',
    DATABASE_URL: postgres.ownerUrl,
    DATABASE_APP_URL: postgres.appUrl,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.username,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEY: encryptionKey,
  });
  const response = await fetch(`${second.url}/api/v2/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(seedUsers.administrator),
  });
  const { access_token: token } = (await response.json()) as TokenResponse;
  socket = await openSocket(second.url, { token });
});
afterAll(async () => {
  socket?.disconnect();
  await second?.stop();
  await first?.stop();
  await redis?.stop();
});

/** To the first node. */
async function send(signal: 'logs' | 'traces', body: unknown): Promise<void> {
  const { keyId, keySecret } = first.developmentKey ?? { keyId: '', keySecret: '' };
  const response = await fetch(`${first.otlpHttpUrl}/v1/${signal}`, {
    method: 'POST',
    headers: {
      'content-type': CONTENT_TYPE['http/json'],
      'x-api-key-id': keyId,
      'x-api-key-secret': keySecret,
    },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'far-away' } }] };
const now = () => `${BigInt(Date.now()) * 1_000_000n}`;
const sendLog = (text: string) =>
  send('logs', {
    resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: now(), body: { stringValue: text } }] }] }],
  });

it('the live tail follows what another node took in, also after Redis was away', async () => {
  const tail = await Tail.follow(socket, { filter: 'service.name:far-away' });
  await sendLog('one');
  await eventually('the record', async () => (tail.bodies.includes('one') ? true : undefined));
  await redis.crash();
  // Lost while Redis was away; the next news bring it along.
  await sendLog('two');
  await eventually('both', async () => {
    if (tail.bodies.includes('two')) return true;
    await sendLog('three');
    return undefined;
  });
  expect(tail.count).toBe(tail.bodies.length);
  expect(tail.dropped).toBe(0);
});

it('news of spans reach it once', async () => {
  const heard: MetricsNew[] = [];
  socket.on(SOCKET_EVENTS.tracesNew, (message: MetricsNew) => heard.push(message));
  const time = now();
  const span = {
    traceId: '0a'.repeat(16),
    spanId: '0b'.repeat(8),
    name: 's',
    startTimeUnixNano: time,
    endTimeUnixNano: time,
  };
  await send('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  await eventually('the news', async () => (heard.length > 0 ? true : undefined));
  expect(heard).toMatchObject([{ count: 1, services: ['far-away'] }]);
});
