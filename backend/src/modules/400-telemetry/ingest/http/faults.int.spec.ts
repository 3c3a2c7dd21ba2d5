import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { spanProtobuf } from '../testing/payloads.js';
import { RawSocket } from '../testing/raw-socket.js';
import { GOOD_KEY } from '../testing/test-server.js';

const PROTOBUF = 'application/x-protobuf';
let store: StoreHarness;
let server: IngestServer;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  store = await StoreHarness.start();
  const http = {
    headersTimeoutMs: 300,
    requestTimeoutMs: 2_000,
    bodyTimeoutMs: 400,
    keepAliveMs: 500,
    checkEveryMs: 50,
  };
  server = await store.server('http-faults', { options: { limits: { http } } });
});
afterAll(() => store.stop());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitUntil(() => server.snapshot().bodiesInFlightBytes === 0, { timeout: 5_000 });
});

async function connected(): Promise<RawSocket> {
  const socket = await RawSocket.to(server.ports.http);
  sockets.push(socket);
  return socket;
}

function head(headers: Record<string, string | number>, version = '1.1'): string {
  const all = { Host: 'ingest', 'Content-Type': PROTOBUF, ...GOOD_KEY, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST /v1/traces HTTP/${version}`, ...lines, '', ''].join('\r\n');
}

function newSpan() {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, body: spanProtobuf(traceId, randomBytes(8).toString('hex')) };
}

const stored = (traceId: string) =>
  vi.waitFor(async () => expect(await store.count(`spans_v3 WHERE trace_id = unhex('${traceId}')`)).toBe(1), {
    timeout: 5_000,
  });
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

/** Whoever behaves is served all the while. */
async function expectServed(): Promise<void> {
  const { body } = newSpan();
  const response = await fetch(`http://127.0.0.1:${server.ports.http}/v1/traces`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { ...GOOD_KEY, 'content-type': PROTOBUF },
  });
  expect(response.status).toBe(200);
}

describe('slow clients', () => {
  it('that never finish their headers get 408 and are cut', async () => {
    const socket = await connected();
    socket.write('POST /v1/traces HTTP/1.1\r\nHost: ingest\r\nX-Slow: ');
    await expectServed();
    expect(statuses(await socket.untilClosed())).toEqual([408]);
  });

  it('that send their headers byte by byte get 408 too: the time runs from the first byte', async () => {
    const socket = await connected();
    const drip = setInterval(() => socket.write('a'), 20);
    socket.write('POST /v1/traces HTTP/1.1\r\nHost: ingest\r\nX-Slow: ');
    expect(statuses(await socket.untilClosed())).toEqual([408]);
    clearInterval(drip);
  });

  it('that send their body byte by byte are told to try again in the encoding of the request, and their memory is given back', async () => {
    const socket = await connected();
    socket.write(head({ 'Content-Length': 100_000 }));
    const drip = setInterval(() => socket.write('a'), 20);
    const text = await socket.untilText(/HTTP\/1\.1 503 /);
    clearInterval(drip);
    expect(text).toContain('Retry-After: 1');
    expect(text).toContain(`Content-Type: ${PROTOBUF}`);
    await expectServed();
  });

  it('that connect and say nothing, or nothing more, are cut', async () => {
    const [silent, idle] = [await connected(), await connected()];
    const { traceId, body } = newSpan();
    idle.write(head({ 'Content-Length': body.length }));
    idle.write(body);
    await idle.untilText(/HTTP\/1\.1 200 /);
    await Promise.all([silent.untilClosed(), idle.untilClosed()]);
    await stored(traceId);
  });
});

describe('bodies', () => {
  it('are taken from a client that half-closes behind them', async () => {
    const socket = await connected();
    const { traceId, body } = newSpan();
    socket.write(head({ 'Content-Length': body.length }));
    socket.write(body);
    socket.end();
    expect(statuses(await socket.untilClosed())).toEqual([200]);
    await stored(traceId);
  });

  it('of a client that half-closes within them are dropped', async () => {
    const socket = await connected();
    const before = server.snapshot().acceptedItems;
    socket.write(`${head({ 'Content-Length': 1000 })}half`);
    socket.end();
    expect(statuses(await socket.untilClosed())).toEqual([400]);
    expect(server.snapshot().acceptedItems).toEqual(before);
  });

  it('are taken from requests that do not wait for the answer before', async () => {
    const socket = await connected();
    const spans = Array.from({ length: 20 }, newSpan);
    socket.write(
      Buffer.concat(spans.flatMap(({ body }) => [Buffer.from(head({ 'Content-Length': body.length })), body])),
    );
    await vi.waitFor(() => expect(statuses(socket.text)).toEqual(Array(20).fill(200)), { timeout: 5_000 });
    for (const { traceId } of spans) await stored(traceId);
  });

  it('in chunks without a length are taken, trailers included', async () => {
    const socket = await connected();
    const { traceId, body } = newSpan();
    socket.write(head({ 'Transfer-Encoding': 'chunked' }));
    for (const byte of body) {
      socket.write('1\r\n');
      socket.write(Uint8Array.of(byte));
      socket.write('\r\n');
    }
    socket.write('0\r\nX-Trailer: ignored\r\n\r\n');
    await socket.untilText(/HTTP\/1\.1 200 /);
    await stored(traceId);
  });

  it.each([
    ['a broken chunk', { 'Transfer-Encoding': 'chunked' }, 'xyz\r\n'],
    ['a length and chunks', { 'Transfer-Encoding': 'chunked', 'Content-Length': 5 }, '0\r\n\r\n'],
    ['no number as length', { 'Content-Length': '12a' }, ''],
    ['a negative length', { 'Content-Length': '-1' }, ''],
    ['two lengths', { 'Content-Length': '1\r\nContent-Length: 2' }, 'ab'],
  ])('with %s get 400 and the end of the connection', async (_, headers, body) => {
    const socket = await connected();
    socket.write(`${head(headers)}${body}`);
    expect(statuses(await socket.untilClosed())).toEqual([400]);
  });

  it('longer than their length are stored, and what follows ends the connection with 400', async () => {
    const socket = await connected();
    const { traceId, body } = newSpan();
    socket.write(
      Buffer.concat([Buffer.from(head({ 'Content-Length': body.length })), body, Buffer.from('\x00rubbish')]),
    );
    expect(statuses(await socket.untilClosed()).at(-1)).toBe(400);
    await stored(traceId);
  });

  it('that promise too much are refused before any of it is sent', async () => {
    const socket = await connected();
    socket.write(head({ 'Content-Length': 5 << 20 }));
    await socket.untilText(/HTTP\/1\.1 413 /);
  });
});

describe('Expect: 100-continue', () => {
  it('is answered by 100 when the body is wanted', async () => {
    const socket = await connected();
    const { traceId, body } = newSpan();
    socket.write(head({ 'Content-Length': body.length, Expect: '100-continue' }));
    expect(statuses(await socket.untilText(/HTTP\/1\.1 100 /))).toEqual([100]);
    socket.write(body);
    expect(statuses(await socket.untilText(/HTTP\/1\.1 200 /))).toEqual([100, 200]);
    await stored(traceId);
  });

  it('is answered by the refusal alone when it is not', async () => {
    const socket = await connected();
    socket.write(head({ 'Content-Length': 10, Expect: '100-continue', 'x-api-key-id': 'tfk-bad' }));
    expect(statuses(await socket.untilText(/\r\n\r\n/))).toEqual([401]);
  });

  it('for anything else is answered by 417', async () => {
    const socket = await connected();
    socket.write(head({ 'Content-Length': 10, Expect: 'miracles' }));
    expect(statuses(await socket.untilText(/\r\n\r\n/))).toEqual([417]);
  });
});

describe('old and strange clients', () => {
  it('of HTTP/1.0 are served, and their connection is closed', async () => {
    const socket = await connected();
    const { traceId, body } = newSpan();
    socket.write(head({ 'Content-Length': body.length }, '1.0'));
    socket.write(body);
    expect(statuses(await socket.untilClosed())).toEqual([200]);
    await stored(traceId);
  });

  it.each([
    ['with very large headers', () => head({ 'X-Large': 'x'.repeat(20_000) })],
    ['with very many headers', () => head(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, i])))],
  ])('%s get 431', async (_, request) => {
    const socket = await connected();
    socket.write(request());
    expect(statuses(await socket.untilClosed())).toEqual([431]);
  });

  it.each([
    ['binary rubbish', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10])],
    ['the preface of HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['a TLS greeting', Buffer.from('1603010200010001fc0303', 'hex')],
  ])('that send %s get 400', async (_, bytes) => {
    const socket = await connected();
    socket.write(bytes);
    expect(statuses(await socket.untilClosed())).toEqual([400]);
  });
});
