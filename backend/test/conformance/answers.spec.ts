/** OTLP lines 4 to 7: the size limit, full and partial success, and which codes make a client come back. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeExportResponse, type Encoding } from '@telemetryflow/otlp';
import { messageType } from '../../../packages/otlp/src/testing/otlp-proto.js';
import { ConfigSchema } from '../../src/shared/platform/config.js';
import { ObservedPlatform } from '../support/observed-platform.js';
import {
  encode,
  OtlpClient,
  SIGNALS,
  TRANSPORTS,
  type Message,
  type OtlpReply,
  type Transport,
} from '../support/otlp-client.js';
import { eventually, TestPlatform } from '../support/platform.js';
import { gauge, itemOf, logRecord, newService, requestOf, span } from './requests.js';

const MAX_BYTES = 4 * 1024 * 1024;
/** What OTLP clients send again, over HTTP and over gRPC; RESOURCE_EXHAUSTED (8) only with RetryInfo. */
const RETRIED_HTTP = [429, 502, 503, 504];
const RETRIED_GRPC = [1, 4, 10, 11, 14, 15];
const isRetried = (transport: Transport, { code, status }: OtlpReply): boolean =>
  transport === 'grpc'
    ? RETRIED_GRPC.includes(code) || (code === 8 && status?.retryDelaySeconds !== undefined)
    : RETRIED_HTTP.includes(code);

let server: ObservedPlatform;
/** A server without room: it wants more free disk than there is. */
let full: TestPlatform;
let fullClient: OtlpClient;
/** A server that takes one request per minute of a key. */
let strict: TestPlatform;
let strictClient: OtlpClient;
beforeAll(async () => {
  const noRoom = { INGEST_MIN_FREE_BYTES: String(2 ** 52), OTEL_SELF: 'false' };
  const oneRequest = { THROTTLE_INGESTION_LIMIT: '1', OTEL_SELF: 'false' };
  [server, full, strict] = await Promise.all([
    ObservedPlatform.start({ INGEST_MAX_BODY_BYTES: String(MAX_BYTES) }),
    TestPlatform.start(noRoom),
    TestPlatform.start(oneRequest),
  ]);
  strictClient = new OtlpClient(strict, await strict.developmentKey());
  await strictClient.send('http/json', 'traces', {});
  fullClient = new OtlpClient(full, await full.developmentKey());
});
afterAll(async () => {
  await server?.dispose();
  await full?.dispose();
  await strict?.dispose();
});

/** A request of exactly `bytes` encoded bytes: one log record with a body of the length that makes it so. */
function requestOfSize(transport: Transport, bytes: number): Message {
  const padded = (letters: number): Message =>
    requestOf('logs', 'size', [logRecord({ body: { stringValue: 'x'.repeat(letters) } })]);
  const overhead = encode(transport, 'logs', padded(bytes)).length - bytes;
  const request = padded(bytes - overhead);
  const difference = bytes - encode(transport, 'logs', request).length;
  return difference === 0 ? request : padded(bytes - overhead + difference);
}

it('otlp 4: the default limit is 64 MiB', () => {
  expect(ConfigSchema.parse({}).INGEST_MAX_BODY_BYTES).toBe(64 * 1024 * 1024);
});

describe.each(TRANSPORTS)('%s', (transport) => {
  const tooLarge = transport === 'grpc' ? 8 : 413;
  const overloaded = transport === 'grpc' ? 14 : 503;
  const refusal = { ok: false, code: tooLarge, status: { code: 8, retryDelaySeconds: undefined } };

  it('otlp 4: a body of exactly the limit is taken, one byte more is not, and is not asked for again', async () => {
    const fits = await server.client.send(transport, 'logs', requestOfSize(transport, MAX_BYTES));
    expect(fits).toMatchObject({ ok: true, partial: undefined });
    const over = await server.client.send(transport, 'logs', requestOfSize(transport, MAX_BYTES + 1));
    expect(over).toMatchObject(refusal);
    expect([over.retryAfter, isRetried(transport, over)]).toEqual([null, false]);
  });

  it('otlp 4: the size limit applies after decompression', async () => {
    const request = requestOfSize(transport, MAX_BYTES + 1);
    expect(gzipSync(encode(transport, 'logs', request)).length).toBeLessThan(MAX_BYTES / 100);
    const reply = await server.client.send(transport, 'logs', request, { compression: 'gzip' });
    expect(reply).toMatchObject({ ...refusal, retryAfter: null });
  });

  it('otlp 4: the refusal names the limit', async () => {
    const reply = await server.client.send(transport, 'logs', requestOfSize(transport, MAX_BYTES + 1));
    expect(reply.status?.message).toContain(String(MAX_BYTES));
  });

  it('otlp fault 3: a bomb of 256 MiB costs the server no such memory and leaves it well', async () => {
    const before = await residentBytes();
    const bomb = Buffer.alloc(256 * 1024 * 1024);
    const codings = transport === 'grpc' ? (['gzip'] as const) : (['gzip', 'zstd'] as const);
    for (const compression of codings) {
      const reply = await server.client.sendBytes(transport, 'logs', bomb, { compression });
      expect(reply).toMatchObject(refusal);
    }
    expect((await residentBytes()) - before).toBeLessThan(128 * 1024 * 1024);
    expect((await server.client.send(transport, 'logs', {})).ok).toBe(true);
  });

  it('otlp 4: an answer stays under 4 MiB, however much is refused', async () => {
    const count = 3000;
    // Nothing of what was sent may be repeated: every span has a different fault-carrying name, every log a far time.
    const spans = Array.from({ length: count }, (_, i) => span({ spanId: Buffer.alloc(8), name: `${i}`.repeat(100) }));
    const logs = Array.from({ length: count }, (_, i) =>
      logRecord({ timeUnixNano: String(2n ** 63n + BigInt(i)), body: { stringValue: `${i}` } }),
    );
    const points = Array.from({ length: count }, (_, i) => gauge({ timeUnixNano: '0' }, { name: `metric.${i}` }));
    for (const [signal, items] of [
      ['traces', spans],
      ['logs', logs],
      ['metrics', points],
    ] as const) {
      const reply = await server.client.send(transport, signal, requestOf(signal, newService(), items));
      expect(reply.partial?.rejected).toBe(count);
      expect(reply.bytes.length).toBeLessThan(4096);
    }
  });

  it.each(SIGNALS)('otlp 5: full success leaves partial_success unset: %s', async (signal) => {
    const reply = await server.client.send(transport, signal, requestOf(signal, newService(), [itemOf(signal)]));
    expect(reply).toMatchObject({ ok: true, partial: undefined });
    expect(Buffer.from(reply.bytes).toString()).toBe(transport === 'http/json' ? '{}' : '');
  });

  const refusedItems = {
    traces: { item: () => span({ traceId: Buffer.alloc(16) }), reason: /trace_id must be 16 bytes/ },
    logs: { item: () => logRecord({ timeUnixNano: String(2n ** 63n) }), reason: /timestamps must be before/ },
    metrics: { item: () => gauge({ timeUnixNano: '0' }), reason: /time_unix_nano of a data point must not be 0/ },
  };
  it.each(SIGNALS)('otlp 5: refused items are counted, explained, and cost the others nothing: %s', async (signal) => {
    const service = newService();
    const { item, reason } = refusedItems[signal];
    const request = requestOf(signal, service, [item(), itemOf(signal), item(), itemOf(signal)]);
    const reply = await server.client.send(transport, signal, request);
    expect(reply).toMatchObject({
      ok: true,
      partial: { rejected: 2, message: expect.stringMatching(reason) as string },
    });
    await server.stored(signal, [service], 2);
  });

  it.each(SIGNALS)('otlp 5: when every item is refused it is still a success with a count: %s', async (signal) => {
    const reply = await server.client.send(
      transport,
      signal,
      requestOf(signal, newService(), [refusedItems[signal].item()]),
    );
    expect(reply).toMatchObject({ ok: true, partial: { rejected: 1 } });
  });

  it.each(SIGNALS)('otlp 5: an empty request succeeds: %s', async (signal) => {
    const groups = { traces: 'resourceSpans', logs: 'resourceLogs', metrics: 'resourceMetrics' }[signal];
    for (const request of [{}, { [groups]: [] }, { [groups]: [{}] }, requestOf(signal, newService(), [])]) {
      expect(await server.client.send(transport, signal, request)).toMatchObject({ ok: true, partial: undefined });
    }
  });

  const toldOfOverload = async (): Promise<void> => {
    for (const signal of SIGNALS) {
      const reply = await fullClient.send(transport, signal, requestOf(signal, newService(), [itemOf(signal)]));
      expect(reply).toMatchObject({ ok: false, code: overloaded, status: { code: 14 } });
      expect(reply.status?.retryDelaySeconds).toBeGreaterThanOrEqual(1);
      expect(isRetried(transport, reply)).toBe(true);
      if (transport !== 'grpc') expect(reply.retryAfter).toMatch(/^[1-9]\d*$/);
    }
  };
  const toldOfThrottling = async (): Promise<void> => {
    const request = requestOf('traces', newService(), [itemOf('traces')]);
    // The first may be let in again, when the minute is over.
    const reply = await eventually('a refusal', async () => {
      const answer = await strictClient.send(transport, 'traces', request);
      return answer.ok ? undefined : answer;
    });
    expect(reply).toMatchObject({ ok: false, code: transport === 'grpc' ? 8 : 429, status: { code: 8 } });
    expect(reply.status?.retryDelaySeconds).toBeGreaterThanOrEqual(1);
    expect(isRetried(transport, reply)).toBe(true);
    if (transport !== 'grpc') expect(reply.retryAfter).toMatch(/^[1-9]\d*$/);
  };
  const toldOnce = async (send: () => Promise<OtlpReply>): Promise<void> => {
    const reply = await send();
    expect([reply.ok, isRetried(transport, reply)]).toEqual([false, false]);
    expect([reply.retryAfter, reply.status?.retryDelaySeconds]).toEqual([null, undefined]);
    if (transport !== 'grpc') expect(reply.code).toBeLessThan(500);
  };
  if (transport === 'grpc') {
    it('otlp 7: overload is UNAVAILABLE with RetryInfo, for every signal', toldOfOverload);
    it('otlp 7: a rate limit is RESOURCE_EXHAUSTED with RetryInfo', toldOfThrottling);
  } else {
    it('otlp 6: overload is 503 with Retry-After in whole seconds, for every signal', toldOfOverload);
    it('otlp 6: a rate limit is 429 with Retry-After in whole seconds', toldOfThrottling);
  }

  it('otlp fault 1: overload is never an answer that makes clients drop their data', async () => {
    const reply = await fullClient.send(transport, 'traces', requestOf('traces', newService(), [itemOf('traces')]));
    expect([reply.code, isRetried(transport, reply)]).toEqual([overloaded, true]);
    expect(reply.status?.message).not.toMatch(/internal/i);
  });

  const refusals: [string, () => Promise<OtlpReply>][] = [
    ['bad data', () => server.client.sendBytes(transport, 'traces', Buffer.from([0x0a, 0xff]))],
    ['a wrong key', () => server.client.send(transport, 'traces', {}, { headers: { 'x-api-key-id': 'tfk-none' } })],
    [
      'a scope that is not the key’s',
      () =>
        server.client.send(
          transport,
          'traces',
          {},
          {
            headers: { 'x-tenant-id': '00000000-0000-7000-8000-000000000000' },
          },
        ),
    ],
    ['too much', () => server.client.send(transport, 'logs', requestOfSize(transport, MAX_BYTES + 1))],
  ];
  if (transport === 'grpc') {
    it.each(refusals)('otlp 7: what will never succeed is answered so that no client tries again: %s', (_, send) =>
      toldOnce(send),
    );
  } else {
    it.each(refusals)('otlp 6: what will never succeed is answered so that no client tries again: %s', (_, send) =>
      toldOnce(send),
    );
  }
});

describe.each<Encoding>(['protobuf', 'json'])('%s', (encoding) => {
  it.each(SIGNALS)('otlp 5: a warning alone is rejected 0 and a message: %s', (signal) => {
    const bytes = encodeExportResponse(signal, encoding, { rejected: 0, message: 'a warning' });
    const name = { traces: 'Trace', logs: 'Logs', metrics: 'Metrics' }[signal];
    const type = messageType(`Export${name}ServiceResponse`);
    const response =
      encoding === 'json' ? JSON.parse(Buffer.from(bytes).toString()) : type.toObject(type.decode(bytes));
    expect(response).toEqual({ partialSuccess: { errorMessage: 'a warning' } });
  });
});

it('otlp 4: a bomb of a thousand to one in zstd is refused by what it inflates to, not by what it weighs', async () => {
  const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(64 * 1024);
  const headers = { 'content-encoding': 'zstd' };
  const reply = await server.client.sendBytes('http/protobuf', 'logs', bomb, { headers });
  expect(reply).toMatchObject({ code: 413, status: { code: 8, retryDelaySeconds: undefined } });
});

it('otlp fault 12: a collector that replays a wrong key is told not to, and costs no key check each time', async () => {
  // Once the right secret was seen, wrong ones need no Argon2 run.
  expect((await server.client.send('http/protobuf', 'traces', {})).ok).toBe(true);
  const before = await secretChecks();
  const wrong = { headers: { 'x-api-key-secret': `tfs-${'1'.repeat(64)}` } };
  const replies = await Promise.all(
    Array.from({ length: 200 }, () => server.client.send('http/protobuf', 'traces', {}, wrong)),
  );
  // 401 makes a client drop; once there are too many of them, 429 tells it to slow down.
  for (const reply of replies) expect([401, 429]).toContain(reply.code);
  expect(await secretChecks()).toBe(before);
  const good = await server.client.send('http/protobuf', 'traces', requestOf('traces', 'x', [span()]));
  expect(good.ok).toBe(true);
});

/** A figure of the server's own /metrics. */
async function metric(name: string): Promise<number> {
  const response = await fetch(`${server.platform.url}/metrics`);
  const line = (await response.text()).split('\n').find((l) => l.startsWith(`${name} `));
  if (line === undefined) throw new Error(`/metrics has no ${name}`);
  return Number(line.split(' ')[1]);
}
const residentBytes = (): Promise<number> => metric('process_resident_memory_bytes');
const secretChecks = (): Promise<number> => metric('api_key_secret_checks_total');
