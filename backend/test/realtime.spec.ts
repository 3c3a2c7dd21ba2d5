import {
  SOCKET_EVENTS,
  TELEMETRY_NAMESPACE,
  type LogsNew,
  type LogsSubscribed,
  type SocketProblem,
} from '@telemetryflow/contracts';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendLogs } from './support/log-sender.js';
import { eventually, TestPlatform, type Key } from './support/platform.js';

let platform: TestPlatform;
let key: Key;
const sockets: Socket[] = [];

beforeAll(async () => {
  platform = await TestPlatform.start({ INGEST_SEGMENT_AGE_MS: '20', OTEL_SELF: 'false' });
  key = await platform.developmentKey();
});
afterAll(() => platform?.dispose());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

function open(auth: Record<string, unknown>, options: Record<string, unknown> = {}): Socket {
  const socket = io(`${platform.url}${TELEMETRY_NAMESPACE}`, {
    auth,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
  });
  sockets.push(socket);
  return socket;
}

async function connected(auth?: Record<string, unknown>): Promise<Socket> {
  const socket = open(auth ?? { token: await platform.token() });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

interface Tail {
  readonly batches: LogsNew[];
  bodies(): unknown[];
  resume(): string;
}

async function tail(socket: Socket, filter: string, resume?: string, shows = true): Promise<Tail> {
  const batches: LogsNew[] = [];
  socket.on(SOCKET_EVENTS.logsNew, (batch: LogsNew) => {
    batches.push(batch);
    if (shows) socket.emit(SOCKET_EVENTS.logsShown);
  });
  const answer = await subscribe(socket, { filter, ...(resume === undefined ? {} : { resume }) });
  if (!answer.ok) throw new Error(answer.message);
  return {
    batches,
    bodies: () => batches.flatMap(({ logs }) => logs.map(({ body }) => body)),
    resume: () => batches.at(-1)?.resume ?? answer.resume,
  };
}

function subscribe(socket: Socket, request: unknown): Promise<LogsSubscribed | SocketProblem> {
  return socket.emitWithAck(SOCKET_EVENTS.subscribeLogs, request);
}

describe('the live tail', () => {
  it('sends what comes in and matches, and nothing else', async () => {
    const mine = await tail(await connected(), 'service.name:tail-one');
    await sendLogs(platform, key, 'tail-other', ['other']);
    await sendLogs(platform, key, 'tail-one', ['a', 'b']);
    await eventually('both records', async () => (mine.bodies().length >= 2 ? true : undefined));
    await sendLogs(platform, key, 'tail-one', ['c']);
    await eventually('the third', async () => (mine.bodies().length >= 3 ? true : undefined));
    expect(mine.bodies().toSorted()).toEqual(['a', 'b', 'c']);
    expect(mine.batches.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });
});
