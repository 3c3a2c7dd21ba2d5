import { randomBytes } from 'node:crypto';
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { spanProtobuf } from '../testing/payloads.js';
import { answerOf, EXPORT, FRAME, frame, framed, open, PREFACE, type Answer } from '../testing/raw-grpc.js';
import { RawSocket } from '../testing/raw-socket.js';
import type { ServerChanges } from '../testing/test-server.js';

const LIMITS = {
  prefaceTimeoutMs: 300,
  idleTimeoutMs: 1_500,
  messageTimeoutMs: 500,
  answerTimeoutMs: 400,
  maxStreamsPerSession: 50,
};
let store: StoreHarness;
let server: IngestServer;
const sessions: ClientHttp2Session[] = [];
const sockets: RawSocket[] = [];

beforeAll(async () => {
  store = await StoreHarness.start();
  server = await newServer('grpc-faults');
});
afterAll(() => store.stop());
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitUntil(() => server.snapshot().bodiesInFlightBytes === 0, { timeout: 5_000 });
});

function newServer(dir: string, changes: ServerChanges = {}): Promise<IngestServer> {
  return store.server(dir, { ...changes, options: { limits: { grpc: LIMITS }, ...changes.options } });
}

function session(to = server, options: Parameters<typeof connect>[1] = {}): ClientHttp2Session {
  const opened = connect(`http://127.0.0.1:${to.ports.grpc}`, options);
  opened.on('error', () => {});
  sessions.push(opened);
  return opened;
}

function newSpan() {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, message: spanProtobuf(traceId, randomBytes(8).toString('hex')) };
}

const storedSpans = (traceId: string) => store.count(`spans_v3 WHERE trace_id = unhex('${traceId}')`);

function call(body: Uint8Array, headers: OutgoingHttpHeaders = {}, on = session()): Promise<Answer> {
  const stream = open(on, headers);
  stream.end(body);
  return answerOf(stream);
}

async function expectServed(on = session()): Promise<void> {
  expect(await call(framed(newSpan().message), {}, on)).toMatchObject({ status: 200, code: 0 });
}

describe('a call', () => {
  it('is answered by a message and its status in the trailers', async () => {
    const { traceId, message } = newSpan();
    const answer = await call(framed(message));
    expect(answer).toMatchObject({ status: 200, code: 0, trailersOnly: false, body: framed(Buffer.alloc(0)) });
    expect(answer.headers['content-type']).toBe('application/grpc');
    expect(answer.headers['grpc-accept-encoding']).toBe('identity,gzip,deflate,zstd');
    await vi.waitFor(async () => expect(await storedSpans(traceId)).toBe(1), { timeout: 5_000 });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
    ['identity', undefined],
  ])('may be compressed by %s', async (coding, compress) => {
    const { traceId, message } = newSpan();
    const body = compress === undefined ? framed(message) : framed(compress(message), 1);
    expect(await call(body, { 'grpc-encoding': coding })).toMatchObject({ code: 0 });
    await vi.waitFor(async () => expect(await storedSpans(traceId)).toBe(1), { timeout: 5_000 });
  });

  it('may leave single messages uncompressed', async () => {
    expect(await call(framed(newSpan().message), { 'grpc-encoding': 'gzip' })).toMatchObject({ code: 0 });
  });

  it('may come in many small frames', async () => {
    const stream = open(session());
    const answer = answerOf(stream);
    for (const byte of framed(newSpan().message)) stream.write(Uint8Array.of(byte));
    stream.end();
    expect(await answer).toMatchObject({ code: 0 });
  });

  it('may come beside many others on its connection', async () => {
    const one = session();
    await new Promise((resolve) => one.once('remoteSettings', resolve));
    const answers = await Promise.all(Array.from({ length: 300 }, () => call(framed(newSpan().message), {}, one)));
    expect(answers.filter(({ code }) => code !== 0)).toEqual([]);
  });

  it('may be as large as a message may be, larger than every window', async () => {
    const padding = Buffer.concat([Buffer.from([0x7a, 0x80, 0x80, 0xc0, 0x01]), Buffer.alloc(3 << 20)]); // unknown field 15
    expect(await call(framed(Buffer.concat([newSpan().message, padding])))).toMatchObject({ code: 0 });
  });
});

describe('a refusal', () => {
  const good = () => framed(newSpan().message);
  const cases: [string, Buffer, OutgoingHttpHeaders, number, RegExp][] = [
    ['no message', Buffer.alloc(0), {}, 3, /carries no message/],
    ['a truncated prefix', Buffer.from([0, 0]), {}, 3, /cut short/],
    ['a truncated message', good().subarray(0, 20), {}, 3, /cut short/],
    ['two messages', Buffer.concat([good(), good()]), {}, 3, /follow the message/],
    ['trailing bytes', Buffer.concat([good(), Buffer.alloc(3)]), {}, 3, /3 bytes follow/],
    ['an unknown flag', framed(Buffer.alloc(1), 7), {}, 3, /compressed-flag is 7/],
    ['broken gzip', framed(Buffer.from('no gzip'), 1), { 'grpc-encoding': 'gzip' }, 3, /not valid gzip/],
    ['cut gzip', framed(gzipSync(good()).subarray(0, 20), 1), { 'grpc-encoding': 'gzip' }, 3, /not valid gzip/],
    ['broken zstd', framed(Buffer.from('no zstd'), 1), { 'grpc-encoding': 'zstd' }, 3, /not valid zstd/],
    ['compression that nobody named', framed(gzipSync(good()), 1), {}, 3, /grpc-encoding/],
    [
      'an unknown compression',
      framed(Buffer.alloc(1), 1),
      { 'grpc-encoding': 'snappy' },
      12,
      /snappy is not supported/,
    ],
    ['a malformed timeout', good(), { 'grpc-timeout': 'soon' }, 3, /grpc-timeout/],
    ['too large a message', framed(Buffer.alloc((4 << 20) + 1)), {}, 8, /larger than 4194304 bytes/],
    [
      'too large an inflated message',
      framed(gzipSync(Buffer.alloc((4 << 20) + 1)), 1),
      { 'grpc-encoding': 'gzip' },
      8,
      /larger/,
    ],
    [
      'a bomb',
      framed(gzipSync(Buffer.alloc(256 << 20)), 1),
      { 'grpc-encoding': 'gzip' },
      8,
      /larger than 4194304 bytes/,
    ],
    ['a wrong key', good(), { 'x-api-key-id': 'tfk-bad' }, 16, /not valid/],
    ['a missing permission', good(), { 'x-api-key-id': 'tfk-readonly' }, 7, /permission traces:write/],
  ];

  it.each(cases)('of %s is trailers only, with the reason', async (_, body, headers, code, message) => {
    const answer = await call(body, headers);
    expect(answer).toMatchObject({ status: 200, code, trailersOnly: true });
    expect(answer.message).toMatch(message);
    expect(answer.details).toContain(answer.message);
    expect(answer.details).not.toContain('RetryInfo');
  });

  it('of an unknown method is UNIMPLEMENTED', async () => {
    for (const path of ['/other.Service/Export', `${EXPORT}2`, '/', EXPORT.replace('Export', 'Import')]) {
      expect(await call(good(), { ':path': path })).toMatchObject({ status: 200, code: 12, trailersOnly: true });
    }
  });

  it.each(['application/json', 'application/grpc-web', 'application/grpc+json', 'text/plain'])(
    'of the content type %s is HTTP 415',
    async (type) => {
      expect(await call(good(), { 'content-type': type })).toMatchObject({ status: 415, code: undefined });
    },
  );

  it.each(['application/grpc+proto', 'application/grpc;charset=utf-8', 'Application/GRPC'])(
    'does not meet the content type %s',
    async (type) => {
      expect(await call(good(), { 'content-type': type })).toMatchObject({ status: 200, code: 0 });
    },
  );

  it('of another method is HTTP 405', async () => {
    const answer = await call(good(), { ':method': 'PUT' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });

  it('comes before the message does, and stops it', async () => {
    const stream = open(session(), { 'x-api-key-id': 'tfk-bad' });
    expect(await answerOf(stream)).toMatchObject({ code: 16, rstCode: constants.NGHTTP2_NO_ERROR });
  });

  it('comes at the prefix when the message is too large', async () => {
    const stream = open(session());
    stream.write(framed(Buffer.alloc(5 << 20)).subarray(0, 5));
    expect(await answerOf(stream)).toMatchObject({ code: 8, rstCode: constants.NGHTTP2_NO_ERROR });
  });

  it('for overload tells when to come back', async () => {
    const full = await newServer('grpc-full', { settings: { INGEST_MIN_FREE_BYTES: Number.MAX_SAFE_INTEGER } });
    const answer = await call(good(), {}, session(full));
    expect(answer).toMatchObject({ code: 14, trailersOnly: true });
    expect(answer.details).toContain('type.googleapis.com/google.rpc.RetryInfo');
  });

  it('for time that is over before the work begins is DEADLINE_EXCEEDED, and nothing is stored', async () => {
    const { traceId, message } = newSpan();
    const stream = open(session(), { 'grpc-timeout': '50m' });
    const answer = answerOf(stream);
    stream.write(framed(message).subarray(0, 10));
    expect(await answer).toMatchObject({ code: 4, trailersOnly: true });
    await expectServed();
    expect(await storedSpans(traceId)).toBe(0);
  });
});

describe('slow clients', () => {
  it('that never finish a message are told DEADLINE_EXCEEDED', async () => {
    const stream = open(session());
    const drip = setInterval(() => stream.write(Uint8Array.of(0)), 50);
    stream.write(framed(Buffer.alloc(1000)).subarray(0, 20));
    const answer = await answerOf(stream);
    clearInterval(drip);
    expect(answer).toMatchObject({ code: 4 });
    expect(answer.message).toMatch(/too slowly/);
  });

  it('that never open their window lose the answer, not the connection', async () => {
    const one = session(server, { settings: { initialWindowSize: 0 } });
    const stream = open(one);
    stream.end(framed(newSpan().message));
    expect(await answerOf(stream)).toMatchObject({ rstCode: constants.NGHTTP2_CANCEL });
    expect(one.closed).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['half a preface', 'PRI * HTTP/2.0\r\n'],
    ['a preface without settings', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('that say %s are cut', async (_, text) => {
    const socket = await raw();
    socket.write(text);
    await expectServed();
    await socket.untilClosed();
  });

  it('whose headers never end are cut', async () => {
    const socket = await raw();
    socket.write(PREFACE);
    socket.write(frame(FRAME.headers, 0, 1, Buffer.from([0x83]))); // :method POST, and no END_HEADERS
    await expectServed();
    await socket.untilClosed();
  });

  it('that hold many messages half sent hold no memory beyond their windows, and leave with it', async () => {
    const one = session();
    const streams = Array.from({ length: 40 }, () => open(one));
    for (const stream of streams) stream.write(framed(Buffer.alloc(1 << 20)).subarray(0, 100_000));
    await vi.waitFor(() => expect(server.snapshot().bodiesInFlightBytes).toBeGreaterThan(40 * 100_000), {
      timeout: 10_000,
    });
    await expectServed();
    one.destroy();
    await vi.waitFor(() => expect(server.snapshot().bodiesInFlightBytes).toBe(0), { timeout: 10_000 });
  });
});

describe('clients that leave', () => {
  it('within a message leave nothing behind', async () => {
    const { traceId, message } = newSpan();
    const stream = open(session());
    stream.write(framed(message).subarray(0, -1));
    await vi.waitFor(() => expect(server.snapshot().bodiesInFlightBytes).toBeGreaterThan(0), { timeout: 10_000 });
    stream.close(constants.NGHTTP2_CANCEL);
    await vi.waitFor(() => expect(server.snapshot().bodiesInFlightBytes).toBe(0), { timeout: 10_000 });
    expect(await storedSpans(traceId)).toBe(0);
    expect(server.snapshot().requests.find(({ labels }) => labels['reason'] === 'cancelled')?.labels).toMatchObject({
      code: '1',
    });
  });

  it('by resetting stream after stream are sent away', async () => {
    const one = session();
    for (let i = 0; i < 5_000 && !one.destroyed; i++) open(one).close(constants.NGHTTP2_CANCEL);
    await vi.waitFor(() => expect(one.destroyed || one.closed).toBe(true), { timeout: 5_000 });
    await expectServed();
  });
});

async function raw(): Promise<RawSocket> {
  const socket = await RawSocket.to(server.ports.grpc);
  sockets.push(socket);
  return socket;
}

describe('floods', () => {
  it.each([
    ['settings', frame(FRAME.settings, 0, 0, Buffer.alloc(0))],
    ['pings', frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ['continuations', Buffer.concat([frame(FRAME.continuation, 0, 1, Buffer.alloc(0))])],
  ])('of %s end their connection or are borne, and others are served', async (kind, one) => {
    const socket = await raw();
    socket.write(PREFACE);
    if (kind === 'continuations') socket.write(frame(FRAME.headers, 0, 1, Buffer.from([0x83])));
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 50 && !socket.closed; i++) {
      socket.write(Buffer.concat(Array<Buffer>(1000).fill(one)));
      if (i % 10 === 0) await expectServed();
    }
    await expectServed();
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });

  it('of headers are refused', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'.repeat(200)]));
    const answer = await call(framed(newSpan().message), many);
    expect(answer.code).not.toBe(0);
    await expectServed();
  });

  it('of streams are bounded by what clients are told to hold to', async () => {
    const one = session();
    const settings = await new Promise<{ maxConcurrentStreams?: number; maxHeaderListSize?: number }>((resolve) =>
      one.once('remoteSettings', resolve),
    );
    expect(settings).toMatchObject({ maxConcurrentStreams: 50, maxHeaderListSize: 16 * 1024 });
  });
});

describe('a server that stops', () => {
  it('says GOAWAY, finishes what is under way and cuts what never ends', async () => {
    const stopping = await newServer('grpc-stopping');
    const [busy, stuck] = [session(stopping), session(stopping)];
    const last = open(busy);
    const never = open(stuck);
    never.write(Uint8Array.of(0));
    const { message } = newSpan();
    last.write(framed(message).subarray(0, 10));
    await vi.waitFor(() => expect(stopping.snapshot().bodiesInFlightBytes).toBeGreaterThan(0), { timeout: 10_000 });
    const goaway = new Promise((resolve) => busy.once('goaway', resolve));
    const stopped = stopping.stop();
    await goaway;
    last.end(framed(message).subarray(10));
    expect(await answerOf(last)).toMatchObject({ code: 0 });
    await stopped;
    expect(stopping.snapshot().bodiesInFlightBytes).toBe(0);
  }, 20_000);
});

it('answers pings', async () => {
  const one = session();
  await new Promise((resolve) => one.once('connect', resolve));
  const payload = await new Promise((resolve, reject) =>
    one.ping(Buffer.from('pingpong'), (error, _ms, back) => (error ? reject(error) : resolve(back.toString()))),
  );
  expect(payload).toBe('pingpong');
});
