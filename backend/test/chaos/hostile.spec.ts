/**
 * Requests that mean harm: mutated bodies over HTTP and gRPC, and a few kilobytes that want to become gigabytes. Each gets
 * a refusal of its kind, memory stays bounded, and nothing of it reaches the store as garbage.
 */
import { connect, type ClientHttp2Session } from 'node:http2';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusOf } from './support/corpus.ts';
import { mutated, type Sample } from './support/mutate.ts';
import { usageByPart } from './support/process-table.ts';
import { below, pick, SEED, seeded } from './support/random.ts';
import { SEEDED, report, say, size } from './support/scale.ts';
import { Scene } from './support/scene.ts';
import { until } from './support/until.ts';

const REQUESTS = size(1_000, 20_000);
const AT_ONCE = 16;
const MiB = 2 ** 20;
/** Twice what a request may be. */
const BOMB_BYTES = 128 * MiB;
const BOMBS_AT_ONCE = size(12, 200);
/** What the server may hold more than at rest, whatever is thrown at it: its budget for bodies, twice. */
const MEMORY_MORE_BYTES = 512 * MiB;

const scene = new Scene();
let keyHeaders: Record<string, string>;
let grpc: ClientHttp2Session;
beforeAll(async () => {
  await scene.server.launch();
  keyHeaders = scene.server.keyHeaders;
  // Node's client resets streams of its own (ENHANCE_YOUR_CALM) when more than 10 MB of it wait to be sent.
  grpc = connect(`http://${scene.server.otlpGrpcTarget}`, { maxSessionMemory: 1000 });
  grpc.on('error', () => {}); // the call that used it says so
});
afterAll(async () => {
  grpc?.destroy();
  await scene.dispose();
});

async function overHttp(signal: string, headers: Record<string, string>, body: Buffer<ArrayBuffer>): Promise<string> {
  const response = await fetch(`${scene.server.otlpHttpUrl}/v1/${signal}`, {
    method: 'POST',
    headers: { ...keyHeaders, ...headers },
    body,
    signal: AbortSignal.timeout(60_000),
  });
  await response.arrayBuffer();
  return String(response.status);
}

const SERVICES: Record<string, string> = {
  traces: 'trace.v1.Trace',
  logs: 'logs.v1.Logs',
  metrics: 'metrics.v1.Metrics',
};

/** One call over a connection of its own framing; resolves with grpc-status, or with how the stream ended without one. */
function overGrpc(signal: string, message: Buffer, encoding?: string): Promise<string> {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt8(encoding === undefined ? 0 : 1, 0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);
  return rawGrpc(signal, frame, encoding);
}

function rawGrpc(signal: string, bytes: Buffer, encoding?: string): Promise<string> {
  return new Promise((resolve) => {
    const stream = grpc.request({
      ':method': 'POST',
      ':path': `/opentelemetry.proto.collector.${SERVICES[signal]}Service/Export`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
      ...keyHeaders,
    });
    const status = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) resolve(`grpc ${String(headers['grpc-status'])}`);
    };
    stream.on('response', status).on('trailers', status);
    stream.on('error', () => {}); // followed by close
    stream.on('close', () => resolve(`stream closed with ${stream.rstCode}`));
    stream.setTimeout(60_000, () => resolve('no answer'));
    stream.resume();
    stream.end(bytes);
  });
}

const serverNow = () => usageByPart(scene.server.pid).server;

/** Peak of the server's memory above what it had, and of what it had, while `work` runs. */
async function watched(
  work: () => Promise<void>,
): Promise<{ moreBytes: number; filesAfter: number; filesBefore: number }> {
  const before = serverNow();
  let peak = before.rssBytes;
  const timer = setInterval(() => (peak = Math.max(peak, serverNow().rssBytes)), 100);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return { moreBytes: peak - before.rssBytes, filesBefore: before.openFiles, filesAfter: serverNow().openFiles };
}

async function healthy(): Promise<void> {
  await until('readiness', async () => (await fetch(`${scene.server.url}/health/ready`)).status === 200, 30_000);
  await scene.server.untilDrained();
  expect(await scene.server.metric('otlp_ingestion_segments_poisoned')).toBe(0);
  expect(await scene.server.metric('otlp_ingestion_damaged_regions_total')).toBe(0);
}

describe('mutated requests', () => {
  const corpus = corpusOf(SEED);
  const statuses = new Map<string, number>();

  /** Sends a payload one way or another; some are compressed and then damaged. */
  function sendOne(number: number): Promise<string> {
    const random = seeded(SEED ^ number);
    const { signal, encoding, body }: Sample = mutated(corpus, SEED, number);
    const packed = below(random, 4) === 0;
    const bytes = packed ? gzipSync(body, { level: 1 }) : Buffer.from(body);
    if (packed && below(random, 2) === 0 && bytes.length > 0)
      bytes[below(random, bytes.length)]! ^= 1 + below(random, 255);
    if (encoding === 'protobuf' && below(random, 2) === 0) {
      return below(random, 10) === 0 ? rawGrpc(signal, bytes) : overGrpc(signal, bytes, packed ? 'gzip' : undefined);
    }
    const contentType =
      below(random, 50) === 0
        ? pick(random, ['text/plain', 'application/json', 'application/x-protobuf; a=b', 'application/x-protobuf;;'])
        : { protobuf: 'application/x-protobuf', json: 'application/json' }[encoding];
    const coding =
      packed || below(random, 50) === 0 ? pick(random, ['gzip', 'gzip', 'gzip', 'deflate', 'zstd', 'br']) : '';
    return overHttp(signal, { 'content-type': contentType, ...(coding ? { 'content-encoding': coding } : {}) }, bytes);
  }

  it(
    `are each answered: taken, or refused as what they are (${SEEDED})`,
    async () => {
      const started = performance.now();
      await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => sendOne(n))); // buffers find their size
      const { moreBytes, filesBefore, filesAfter } = await watched(async () => {
        let next = AT_ONCE;
        await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            while (next < REQUESTS) {
              const number = next++;
              const status = await sendOne(number).catch(
                (error: unknown) => `request ${number} failed: ${String(error)}`,
              );
              statuses.set(status, (statuses.get(status) ?? 0) + 1);
              if (number % 2000 === 0) say(`${number} requests`);
            }
          }),
        );
      });
      // INVALID_ARGUMENT, RESOURCE_EXHAUSTED (a length that promises too much), UNIMPLEMENTED (compressed by nobody knows
      // what) and INTERNAL (a broken frame, as gRPC has it).
      const allowed = /^(200|400|413|415|grpc (0|3|8|12|13))$/;
      expect([...statuses].filter(([status]) => !allowed.test(status))).toEqual([]);
      for (const status of ['200', '400', 'grpc 0', 'grpc 3'])
        expect(statuses.get(status), status).toBeGreaterThan(REQUESTS / 100);
      expect(moreBytes).toBeLessThan(MEMORY_MORE_BYTES);
      expect(filesAfter).toBeLessThan(filesBefore + 2 * AT_ONCE);
      await healthy();
      report('mutated requests against the server', {
        detail: `${REQUESTS} requests: ${[...statuses].map(([status, n]) => `${status}: ${n}`).join(', ')}; memory +${Math.round(moreBytes / MiB)} MiB`,
        seconds: Math.round((performance.now() - started) / 1000),
      });
    },
    size(120_000, 900_000),
  );
});

describe('bombs', () => {
  const zeros = Buffer.alloc(BOMB_BYTES);
  const gzip = gzipSync(zeros, { level: 9 });
  const member = gzipSync(zeros.subarray(0, BOMB_BYTES / 8), { level: 9 });
  const bombs: readonly (readonly [name: string, coding: string, body: Buffer<ArrayBuffer>, statuses: RegExp])[] = [
    ['gzip', 'gzip', gzip, /^(413|503)$/],
    ['deflate', 'deflate', deflateSync(zeros, { level: 9 }), /^(413|503)$/],
    ['zstd', 'zstd', zstdCompressSync(zeros), /^(413|503)$/],
    ['gzip of eight members', 'gzip', Buffer.concat(Array.from({ length: 8 }, () => member)), /^(413|503)$/],
    ['gzip in gzip', 'gzip', gzipSync(gzip, { level: 9 }), /^400$/],
    ['gzip in gzip, and saying so', 'gzip, gzip', gzipSync(gzip, { level: 9 }), /^415$/],
  ];

  it.each(bombs)('of %s are refused in bounded memory', async (name, coding, body, expected) => {
    expect(BOMB_BYTES / body.length).toBeGreaterThan(900);
    const { moreBytes, filesBefore, filesAfter } = await watched(async () => {
      const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': coding };
      const first = await overHttp('traces', headers, body);
      expect(first).toMatch(name === 'gzip in gzip' ? /^400$/ : name.endsWith('saying so') ? /^415$/ : /^413$/);
      const all = await Promise.all(Array.from({ length: BOMBS_AT_ONCE }, () => overHttp('logs', headers, body)));
      expect(all.filter((status) => !expected.test(status))).toEqual([]);
    });
    expect(moreBytes).toBeLessThan(MEMORY_MORE_BYTES);
    expect(filesAfter).toBeLessThan(filesBefore + BOMBS_AT_ONCE + 16);
    report(`zip bomb: ${name}`, {
      detail: `1:${Math.round(BOMB_BYTES / body.length)}, ${BOMBS_AT_ONCE} at once, memory +${Math.round(moreBytes / MiB)} MiB`,
    });
  });

  it.each([
    ['gzip', gzip],
    ['deflate', deflateSync(zeros, { level: 9 })],
  ])('of %s over gRPC are refused in bounded memory', async (encoding, body) => {
    const { moreBytes } = await watched(async () => {
      expect(await overGrpc('traces', body, encoding)).toBe('grpc 8');
      const all = await Promise.all(Array.from({ length: BOMBS_AT_ONCE }, () => overGrpc('logs', body, encoding)));
      // RESOURCE_EXHAUSTED, or UNAVAILABLE while the others use the budget up.
      expect(all.filter((status) => !/^grpc (8|14)$/.test(status))).toEqual([]);
    });
    expect(moreBytes).toBeLessThan(MEMORY_MORE_BYTES);
    report(`zip bomb over gRPC: ${encoding}`, {
      detail: `1:${Math.round(BOMB_BYTES / body.length)}, ${BOMBS_AT_ONCE} at once, memory +${Math.round(moreBytes / MiB)} MiB`,
    });
  });

  it('leave a server that takes what is right', async () => {
    await healthy();
    scene.send();
    await until('acknowledged requests', () => scene.ledger.acknowledged > 20);
    const { storedItems } = await scene.verified();
    expect(storedItems).toBeGreaterThan(0);
  });
});
