/**
 * Connections that mean harm or have forgotten what they mean: idle by the thousand, dribbling headers, bodies or HTTP/2
 * frames, closed on one side, opened and cancelled. Others are served meanwhile, and nothing of it is kept.
 */
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usageByPart } from './support/process-table.ts';
import { IS_LONG, SEEDED, report, size } from './support/scale.ts';
import { Scene } from './support/scene.ts';
import { pause, until } from './support/until.ts';

const IDLE = size(500, 4_000);
const SLOW = size(100, 500);
const CANCELLED = size(3_000, 50_000);
/** Sockets of the load, of health checks and of the pool to PostgreSQL come and go by themselves. */
const FILES_OF_ITS_OWN = 24;

const scene = new Scene();
const open = new Set<Socket>();
beforeAll(() => scene.server.launch());
afterAll(async () => {
  closeAll();
  await scene.dispose();
});

interface Raw {
  readonly socket: Socket;
  /** What came back, and how long the connection lived; known once it is closed. */
  readonly closed: Promise<{ readonly text: string; readonly afterMs: number }>;
}

function raw(port: number, first: Buffer | string = ''): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const startedAt = performance.now();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    // Cut by the server: the side that is still open has nobody to talk to.
    socket.on('end', () => socket.destroy());
    const closed = new Promise<{ text: string; afterMs: number }>((done) => {
      socket.on('close', () => {
        open.delete(socket);
        done({ text, afterMs: performance.now() - startedAt });
      });
    });
    socket.on('error', reject); // of no interest once it is resolved
    socket.once('connect', () => {
      open.add(socket);
      if (first.length > 0) socket.write(first);
      resolve({ socket, closed });
    });
  });
}

function many(count: number, port: number, first?: Buffer | string): Promise<Raw[]> {
  return Promise.all(Array.from({ length: count }, () => raw(port, first)));
}

function closeAll(): void {
  for (const socket of open) socket.destroy();
}

const portOf = (url: string) => Number(new URL(url.includes('://') ? url : `http://${url}`).port);
const ports = () => ({
  http: portOf(scene.server.otlpHttpUrl),
  grpc: portOf(scene.server.otlpGrpcTarget),
  front: portOf(scene.server.url),
});
const files = () => usageByPart(scene.server.pid).server.openFiles;

function head(length: number, ...more: string[]): string {
  const key = Object.entries(scene.server.keyHeaders).map(([name, value]) => `${name}: ${value}`);
  const lines = [
    'POST /v1/logs HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${length}`,
  ];
  return `${[...lines, ...key, ...more].join('\r\n')}\r\n\r\n`;
}

const HALF_HEADERS = 'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nx-slow: ';
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** An empty SETTINGS frame, then the start of a HEADERS frame of 100 bytes on stream 1. */
const HALF_FRAMES = Buffer.concat([
  Buffer.from(PREFACE),
  Buffer.from('000000040000000000', 'hex'),
  Buffer.from('0000640104000000018286', 'hex'),
]);

/** Everything slow that is tried, by name; each is written to a byte at a time. */
function slowOnes() {
  const { http, grpc, front } = ports();
  return [
    ['headers', http, HALF_HEADERS],
    ['headers at the front door', front, HALF_HEADERS],
    ['body', http, head(100_000) + '{"resourceLogs":['],
    ['HTTP/2 preface', grpc, PREFACE.slice(0, 10)],
    ['HTTP/2 frames', grpc, HALF_FRAMES],
  ] as const;
}

it(`serves others while thousands of connections idle and dawdle, and forgets them (${SEEDED})`, async () => {
  const { http, grpc, front } = ports();
  const load = scene.send();
  await until('acknowledged requests', () => scene.ledger.acknowledged > 20);
  const before = files();
  for (const port of [http, grpc, front]) await many(IDLE, port);
  const slow: Raw[] = [];
  for (const [, port, first] of slowOnes()) slow.push(...(await many(SLOW, port, first)));
  const most = files();
  expect(most).toBeGreaterThan(before + 2 * IDLE);
  const goal = scene.ledger.acknowledged + 300;
  await until(
    'requests of others',
    () => {
      for (const { socket } of slow) if (!socket.destroyed) socket.write('a');
      return scene.ledger.acknowledged > goal;
    },
    60_000,
    200,
  );
  expect((await fetch(`${scene.server.url}/health/ready`)).status).toBe(200);
  expect(scene.answersBeside(/^(200|0)$/)).toEqual([]);
  expect(load.refusalsWithoutRetry).toBe(0);
  closeAll();
  await until('the file descriptors', () => files() <= before + FILES_OF_ITS_OWN, 30_000);
  await scene.verified();
  report('idle and slow connections', {
    detail: `${most - before} descriptors more at most, ${Math.max(0, files() - before)} after`,
  });
}, 120_000);

it('answers a client that closes its side once it has sent its request', async () => {
  const body = '{"resourceLogs":[]}';
  const { socket, closed } = await raw(ports().http, head(body.length, 'connection: close') + body);
  socket.end();
  expect((await closed).text).toMatch(/^HTTP\/1\.1 200 /);
});

it('lets go of a client that closes its side in the middle of its request', async () => {
  for (const [port, first] of [
    [ports().http, HALF_HEADERS],
    [ports().http, head(1000) + '{"resourceLogs":['],
    [ports().grpc, HALF_FRAMES],
  ] as const) {
    const { socket, closed } = await raw(port, first);
    socket.end();
    expect((await closed).text).not.toMatch(/ 200 /);
  }
}, 90_000);

it('survives streams that are cancelled as soon as they are opened', async () => {
  const before = files();
  for (let left = CANCELLED; left > 0;) {
    const session = connectHttp2(`http://${scene.server.otlpGrpcTarget}`);
    session.on('error', () => {}); // the server may have had enough of it
    const gone = new Promise((resolve) => session.once('close', resolve));
    for (; left > 0 && !session.destroyed && !session.closed; left -= 1) {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => {}); // cancelled
      stream.close(8);
      if (left % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (left % 1000 === 0) break;
    }
    session.destroy();
    await gone;
    left -= 1;
  }
  scene.send();
  const goal = scene.ledger.acknowledged + 50;
  await until('requests of others', () => scene.ledger.acknowledged > goal);
  await scene.rest();
  await until('the file descriptors', () => files() <= before + FILES_OF_ITS_OWN, 30_000);
  report('streams cancelled as soon as opened', { detail: `${CANCELLED} streams` });
}, 120_000);

if (IS_LONG) {
  // The server's own limits are a matter of minutes; the specs beside its code try the same with shorter ones.
  const LIMIT_MS: Readonly<Record<string, number>> = {
    headers: 60_000,
    'headers at the front door': 120_000,
    body: 90_000,
    'HTTP/2 preface': 60_000,
    'HTTP/2 frames': 120_000,
  };
  it('cuts what is slow in time', async () => {
    const connections = await Promise.all(
      slowOnes().map(async ([name, port, first]) => ({ name, all: await many(20, port, first) })),
    );
    const dribble = setInterval(() => {
      for (const { all } of connections) for (const { socket } of all) if (!socket.destroyed) socket.write('a');
    }, 1000);
    try {
      const lives = await Promise.all(
        connections.map(async ({ name, all }) => {
          const ended = await Promise.all(all.map(({ closed }) => Promise.race([closed, pause(180_000)])));
          return { name, longestMs: Math.max(...ended.map((life) => life?.afterMs ?? Infinity)) };
        }),
      );
      report('slow connections cut', {
        detail: lives.map(({ name, longestMs }) => `${name}: ${Math.round(longestMs / 1000)} s`).join(', '),
      });
      expect(lives.filter(({ name, longestMs }) => longestMs > LIMIT_MS[name]!)).toEqual([]);
    } finally {
      clearInterval(dribble);
    }
  }, 300_000);
}
