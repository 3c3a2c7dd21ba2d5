import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogsNew, SocketProblem, SubscribeLogs } from '@telemetryflow/contracts';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TailBatch } from './log-tail.js';
import { createTelemetrySocket, type TelemetrySocket } from './socket.js';

type Reply = { ok: true; resume: string } | SocketProblem;

let http: HttpServer;
let server: Server;
let client: TelemetrySocket;
let token: string;
/** What the server saw, in order. */
let requests: Partial<SubscribeLogs>[];
let tokens: unknown[];
let shown: number;
let peer: Socket | undefined;
let reply: Reply;

beforeEach(async () => {
  [requests, tokens, shown, peer, token] = [[], [], 0, undefined, 'good'];
  reply = { ok: true, resume: '100' };
  http = createServer();
  server = new Server(http, { transports: ['websocket'] });
  const namespace = server.of('/telemetry');
  namespace.use((socket, next) => {
    tokens.push(socket.handshake.auth['token']);
    next(socket.handshake.auth['token'] === 'good' ? undefined : new Error('The access token has expired'));
  });
  namespace.on('connection', (socket) => {
    peer = socket;
    socket.on('subscribe:logs', (request: SubscribeLogs, answer: (reply: Reply) => void) => {
      requests.push(request);
      answer(reply);
    });
    socket.on('logs:shown', () => (shown += 1));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  client = createTelemetrySocket({
    url: `http://127.0.0.1:${port}`,
    credentials: () => ({ token, tenantId: 'tenant' }),
    renew: async () => void (token = 'good'),
    retryMs: 10,
  });
});
afterEach(async () => {
  await server.close();
});

function send(ids: readonly string[], resume: string, dropped = 0): void {
  const logs = ids.map((id) => ({ id, body: id })) as LogsNew['logs'];
  peer?.emit('logs:new', { logs, count: ids.length + dropped, dropped, resume } satisfies LogsNew);
}

function follow(filter: string) {
  const batches: TailBatch[] = [];
  const problems: SocketProblem[] = [];
  const stop = client.followLogs(filter, {
    onLogs: (batch) => void batches.push(batch),
    onProblem: (problem) => void problems.push(problem),
  });
  return { batches, problems, stop, ids: () => batches.flatMap(({ logs }) => logs.map(({ id }) => id)) };
}

it('connects when somebody follows, says what was shown, and closes when nobody does', async () => {
  expect(client.state.value).toBe('closed');
  const tail = follow('a');
  await expect.poll(() => requests).toEqual([{ filter: 'a' }]);
  send(['1', '2'], '101', 3);
  await expect.poll(() => shown).toBe(1);
  expect(tail.batches).toMatchObject([{ count: 5, dropped: 3 }]);
  tail.stop();
  expect(client.state.value).toBe('closed');
  await expect.poll(() => peer?.connected).toBe(false);
});

it('resumes where it was after a loss, and shows nothing twice', async () => {
  const tail = follow('a');
  await expect.poll(() => requests.length).toBe(1);
  send(['1', '2'], '101');
  await expect.poll(() => tail.ids()).toEqual(['1', '2']);
  peer?.conn.close();
  await expect.poll(() => requests.length).toBe(2);
  expect(requests[1]).toEqual({ filter: 'a', resume: '101' });
  send(['2', '3'], '102');
  await expect.poll(() => tail.ids()).toEqual(['1', '2', '3']);
  expect(tail.batches.at(-1)?.count).toBe(1);
  tail.stop();
});

it('gets a new token when the server ends it or refuses the old one', async () => {
  const tail = follow('a');
  await expect.poll(() => requests.length).toBe(1);
  token = 'old';
  peer?.disconnect(true);
  await expect.poll(() => requests.length).toBe(2);
  expect(tokens).toEqual(['good', 'good']);
  tail.stop();

  token = 'old';
  const next = follow('b');
  await expect.poll(() => requests.length).toBe(3);
  expect(tokens).toEqual(['good', 'good', 'old', 'good']);
  next.stop();
});

it('changes the filter on the same connection; what was sent for the one before counts no more', async () => {
  const first = follow('a');
  await expect.poll(() => requests.length).toBe(1);
  const before = peer;
  send(['old'], '101');
  const second = follow('b');
  first.stop();
  await expect.poll(() => requests).toEqual([{ filter: 'a' }, { filter: 'b' }]);
  expect(peer).toBe(before);
  send(['new'], '102');
  await expect.poll(() => second.ids()).toContain('new');
  expect(second.ids()).toEqual(['new']);
  second.stop();
});

it('hands on why a filter is not followed, and then lets go', async () => {
  reply = { ok: false, code: 'QUERY_SYNTAX', message: 'expected a value' };
  const tail = follow('a:');
  await expect.poll(() => tail.problems).toEqual([reply]);
  expect(client.state.value).toBe('closed');
});

it('asks for another tenant’s logs anew', async () => {
  const tail = follow('a');
  await expect.poll(() => requests.length).toBe(1);
  send(['1'], '101');
  await expect.poll(() => tail.ids()).toEqual(['1']);
  client.restart();
  await expect.poll(() => requests).toEqual([{ filter: 'a' }, { filter: 'a' }]);
  tail.stop();
  expect(client.state.value).toBe('closed');
});
