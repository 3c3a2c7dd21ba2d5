import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { field, spanProtobuf, spanRequest } from '../testing/payloads.js';
import { GOOD_KEY } from '../testing/test-server.js';

let store: StoreHarness;
let server: IngestServer;
let base: string;

beforeAll(async () => {
  store = await StoreHarness.start();
  server = await store.server('http');
  base = `http://127.0.0.1:${server.ports.http}`;
});
afterAll(() => store.stop());

const newSpan = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });
const PROTOBUF = 'application/x-protobuf';

async function post(path: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(base + path, { method: 'POST', body: body as BodyInit, headers: { ...GOOD_KEY, ...headers } });
}

/** Code and message of a protobuf google.rpc.Status. */
function statusCode(bytes: Uint8Array): number | undefined {
  return bytes[0] === 0x08 ? bytes[1] : undefined;
}

async function spansOf(traceId: string): Promise<number> {
  return store.count(`spans_v3 WHERE trace_id = unhex('${traceId}')`);
}

describe('accepted requests', () => {
  const prefixes = [
    '/v1',
    '/v2',
    '/v1/otlp',
    '/v2/otlp',
    '/v1/otlp/v1',
    '/api/v1',
    '/api/v2',
    '/api/v2/otlp',
    '/api/v2/otlp/v1',
  ];

  it.each(prefixes)('takes protobuf at %s', async (prefix) => {
    const { traceId, spanId } = newSpan();
    const response = await post(`${prefix}/traces`, spanProtobuf(traceId, spanId), { 'content-type': PROTOBUF });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(PROTOBUF);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    await vi.waitFor(async () => expect(await spansOf(traceId)).toBe(1), { timeout: 5000 });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['zstd', zstdCompressSync],
    ['identity', (b: Buffer) => b],
  ])('inflates %s', async (coding, compress) => {
    const { traceId, spanId } = newSpan();
    const body = compress(spanProtobuf(traceId, spanId));
    const response = await post('/v1/traces', body, { 'content-type': PROTOBUF, 'content-encoding': coding });
    expect(response.status).toBe(200);
    await vi.waitFor(async () => expect(await spansOf(traceId)).toBe(1), { timeout: 5000 });
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8'])(
    'takes JSON as %s and answers JSON',
    async (type) => {
      const { traceId, json } = spanRequest(3);
      const response = await post('/v1/traces', JSON.stringify(json), { 'content-type': type });
      expect(response.headers.get('content-type')).toBe('application/json');
      expect([response.status, await response.text()]).toEqual([200, '{}']);
      await vi.waitFor(async () => expect(await spansOf(traceId)).toBe(3), { timeout: 5000 });
    },
  );

  it('takes a chunked body without a length', async () => {
    const { traceId, spanId } = newSpan();
    const body = gzipSync(spanProtobuf(traceId, spanId));
    const status = await new Promise((resolve, reject) => {
      const headers = { ...GOOD_KEY, 'content-type': PROTOBUF, 'content-encoding': 'gzip' };
      const req = httpRequest(`${base}/v1/traces`, { method: 'POST', headers }, (res) => resolve(res.statusCode));
      req.on('error', reject);
      for (let i = 0; i < body.length; i += 7) req.write(body.subarray(i, i + 7));
      req.end();
    });
    expect(status).toBe(200);
    await vi.waitFor(async () => expect(await spansOf(traceId)).toBe(1), { timeout: 5000 });
  });

  it.each([
    [PROTOBUF, '', ''],
    ['application/json', '{}', '{}'],
  ])('answers an empty %s request with an empty response', async (type, body, expected) => {
    const response = await post('/v1/metrics', body, { 'content-type': type });
    expect([response.status, await response.text()]).toEqual([200, expected]);
  });

  it('stores the good items of a request and says what it refused', async () => {
    const { traceId, json } = spanRequest(2);
    const spans = (json as { resourceSpans: { scopeSpans: { spans: { spanId: string }[] }[] }[] }).resourceSpans[0]!
      .scopeSpans[0]!.spans;
    spans[1]!.spanId = '0000000000000000';
    const response = await post('/v1/traces', JSON.stringify(json), { 'content-type': 'application/json' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('1 spans refused: 1: span_id') },
    });
    await vi.waitFor(async () => expect(await spansOf(traceId)).toBe(1), { timeout: 5000 });
  });

  it('tells what can be queried', async () => {
    const { traceId, spanId } = newSpan();
    await post('/v1/traces', spanProtobuf(traceId, spanId, 'announced'), { 'content-type': PROTOBUF });
    await vi.waitFor(
      () => {
        const events = store.ingested.filter((e) => e.services.has('announced'));
        expect(events).toMatchObject([{ tenantId: store.tenantId, signal: 'traces' }]);
      },
      { timeout: 10_000 },
    );
    expect(await spansOf(traceId)).toBe(1);
  });
});

describe('refused requests', () => {
  const good = () => spanProtobuf('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331');
  const truncated = () => good().subarray(0, 40);
  const cases: [string, number, number, Uint8Array | string, Record<string, string>][] = [
    ['a wrong key', 401, 16, good(), { 'x-api-key-id': 'tfk-bad' }],
    ['two different keys', 401, 16, good(), { 'x-api-key-id': 'tfk-good, tfk-other' }],
    ['a key without the permission', 403, 7, good(), { 'x-api-key-id': 'tfk-readonly' }],
    ['truncated protobuf', 400, 3, truncated(), {}],
    ['broken gzip', 400, 3, 'this is no gzip', { 'content-encoding': 'gzip' }],
    ['truncated gzip', 400, 3, gzipSync(good()).subarray(0, 30), { 'content-encoding': 'gzip' }],
    ['broken zstd', 400, 3, 'this is no zstd', { 'content-encoding': 'zstd' }],
    ['truncated zstd', 400, 3, zstdCompressSync(good()).subarray(0, 30), { 'content-encoding': 'zstd' }],
    ['an unknown coding', 415, 3, good(), { 'content-encoding': 'br' }],
    ['too much on the wire', 413, 8, Buffer.alloc((4 << 20) + 1), {}],
    ['too much after inflating', 413, 8, gzipSync(Buffer.alloc((4 << 20) + 1)), { 'content-encoding': 'gzip' }],
  ];

  it.each(cases)('answers %s with %i in protobuf', async (_, status, code, body, headers) => {
    const response = await post('/v1/traces', body, { 'content-type': PROTOBUF, ...headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe(PROTOBUF);
    expect(statusCode(new Uint8Array(await response.arrayBuffer()))).toBe(code);
  });

  it('answers broken JSON with a JSON status that says where', async () => {
    const response = await post('/v1/logs', '{"resourceLogs": [', { 'content-type': 'application/json' });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      code: 3,
      details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest' }],
    });
  });

  it('answers an unknown content type with 415', async () => {
    const response = await post('/v1/logs', 'x', { 'content-type': 'text/plain' });
    expect([response.status, await response.json()]).toMatchObject([415, { code: 3 }]);
  });

  it('answers other methods with 405 and other paths with 404', async () => {
    const wrongMethod = await fetch(`${base}/v1/traces`);
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect((await fetch(`${base}/v1/nothing`, { method: 'POST' })).status).toBe(404);
  });

  it('lets browsers ask', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-headers': 'x-api-key-id' };
    const preflight = await fetch(`${base}/v1/traces`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-api-key-id');
    const response = await post('/v1/traces', '', { 'content-type': PROTOBUF, origin: headers.origin });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('refuses before it has read the body', async () => {
    const socket = connect(server.ports.http, '127.0.0.1');
    const head = [
      'POST /v1/traces HTTP/1.1',
      'Host: x',
      `Content-Type: ${PROTOBUF}`,
      'Content-Length: 1000000',
      '',
      '',
    ];
    socket.write(head.join('\r\n'));
    const answer = await new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it('survives a zip bomb with bounded memory', async () => {
    const bomb = gzipSync(Buffer.alloc(256 << 20));
    expect(bomb.length).toBeLessThan(4 << 20);
    const before = process.memoryUsage().rss;
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 1);
    const headers = { 'content-type': PROTOBUF, 'content-encoding': 'gzip' };
    const responses = await Promise.all(Array.from({ length: 8 }, () => post('/v1/traces', bomb, headers)));
    clearInterval(watch);
    expect(responses.map((r) => r.status)).toEqual(Array(8).fill(413));
    expect(peak - before).toBeLessThan(200 << 20);
    await vi.waitFor(() => expect(server.snapshot().bodiesInFlightBytes).toBe(0), { timeout: 10_000 });
  });

  it('goes on after a client that left in the middle', async () => {
    const socket = connect(server.ports.http, '127.0.0.1');
    const key = Object.entries(GOOD_KEY).map(([name, value]) => `${name}: ${value}`);
    const head = [
      'POST /v1/traces HTTP/1.1',
      'Host: x',
      ...key,
      `Content-Type: ${PROTOBUF}`,
      'Content-Length: 1000',
      '',
      '',
    ];
    await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}half`, () => resolve()));
    socket.destroy();
    const response = await post('/v1/traces', field(1, Buffer.alloc(0)), { 'content-type': PROTOBUF });
    expect(response.status).toBe(200);
  });
});

it('answers 503 with Retry-After in the request encoding when the log is full, and recovers', async () => {
  let open = () => {};
  const storeReady = new Promise<void>((resolve) => (open = resolve));
  const small = await store.server('full', { settings: { INGEST_LOG_MAX_BYTES: 4000 }, options: { storeReady } });
  const url = `http://127.0.0.1:${small.ports.http}/v1/traces`;
  const send = (type: string, body: string) =>
    fetch(url, { method: 'POST', body, headers: { ...GOOD_KEY, 'content-type': type } });
  const sendSpans = () => send('application/json', JSON.stringify(spanRequest(20).json));
  await vi.waitFor(async () => expect((await sendSpans()).status).toBe(503), { timeout: 10_000 });
  const json = await sendSpans();
  expect(json.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await json.json()).toMatchObject({
    code: 14,
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '5s' }],
  });
  const protobuf = await send(PROTOBUF, '');
  expect([protobuf.status, protobuf.headers.get('content-type')]).toEqual([503, PROTOBUF]);
  open();
  await vi.waitFor(async () => expect((await sendSpans()).status).toBe(200), { timeout: 5000 });
});
