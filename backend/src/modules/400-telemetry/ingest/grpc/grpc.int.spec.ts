import { randomBytes } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { spanProtobuf } from '../testing/payloads.js';
import type { ServerChanges } from '../testing/test-server.js';

const SERVICES = { traces: 'trace.v1.TraceService', metrics: 'metrics.v1.MetricsService', logs: 'logs.v1.LogsService' };
const bytes = (b: Buffer) => b;
const GOOD = ['tfk-good'];
let store: StoreHarness;
let server: IngestServer;
let clients: grpc.Client[] = [];

beforeAll(async () => {
  store = await StoreHarness.start();
  server = await store.server('grpc');
});
afterAll(() => store.stop());
afterEach(() => {
  for (const client of clients) client.close();
  clients = [];
});

interface Answer {
  readonly code: number;
  readonly details: string;
  readonly body: Buffer | undefined;
  readonly status: Buffer | undefined;
}

function call(
  body: Buffer,
  {
    keys = GOOD,
    signal = 'traces',
    compress = false,
    to = server,
  }: { keys?: string[]; signal?: keyof typeof SERVICES; compress?: boolean; to?: IngestServer } = {},
): Promise<Answer> {
  const compression = compress ? { 'grpc.default_compression_algorithm': 2 } : {};
  const client = new grpc.Client(`127.0.0.1:${to.ports.grpc}`, grpc.credentials.createInsecure(), compression);
  clients.push(client);
  const metadata = new grpc.Metadata();
  for (const key of keys) metadata.add('x-api-key-id', key);
  const path = `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, bytes, bytes, body, metadata, (error, answer) => {
      const status = error?.metadata.get('grpc-status-details-bin')[0];
      resolve({
        code: error?.code ?? 0,
        details: error?.details ?? '',
        body: answer,
        status: status as Buffer | undefined,
      });
    });
  });
}

const newSpan = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });
const spansOf = (traceId: string) => store.count(`spans_v3 WHERE trace_id = unhex('${traceId}')`);

describe('Export', () => {
  it.each([false, true])('stores what it acknowledges, gzip %s', async (compress) => {
    const { traceId, spanId } = newSpan();
    const answer = await call(spanProtobuf(traceId, spanId, 'x'.repeat(2000)), { compress });
    expect([answer.code, answer.body?.length]).toEqual([0, 0]);
    await vi.waitFor(async () => expect(await spansOf(traceId)).toBe(1), { timeout: 5000 });
  });

  it.each(Object.keys(SERVICES) as (keyof typeof SERVICES)[])('serves %s', async (signal) => {
    expect((await call(Buffer.alloc(0), { signal })).code).toBe(grpc.status.OK);
  });

  it.each([[['tfk-good', 'tfk-good']], [['tfk-good, tfk-good']]])('takes doubled metadata %j', async (keys) => {
    expect((await call(Buffer.alloc(0), { keys })).code).toBe(grpc.status.OK);
  });

  it.each([
    ['no key', [], grpc.status.UNAUTHENTICATED],
    ['a wrong key', ['tfk-bad'], grpc.status.UNAUTHENTICATED],
    ['two keys', ['tfk-good', 'tfk-other'], grpc.status.UNAUTHENTICATED],
    ['a key without the permission', ['tfk-readonly'], grpc.status.PERMISSION_DENIED],
  ])('refuses %s', async (_, keys, code) => {
    expect((await call(spanProtobuf('0'.repeat(32), '0'.repeat(16)), { keys })).code).toBe(code);
  });

  it('answers a truncated message with INVALID_ARGUMENT and BadRequest', async () => {
    const answer = await call(spanProtobuf('a'.repeat(32), 'b'.repeat(16)).subarray(0, 40));
    expect(answer.code).toBe(grpc.status.INVALID_ARGUMENT);
    expect(answer.status?.toString('latin1')).toContain('google.rpc.BadRequest');
  });

  it.each([false, true])(
    'answers too large a message with RESOURCE_EXHAUSTED and no RetryInfo, gzip %s',
    async (compress) => {
      const answer = await call(Buffer.alloc((4 << 20) + 1), { compress });
      expect(answer.code).toBe(grpc.status.RESOURCE_EXHAUSTED);
      expect(answer.status?.toString('latin1') ?? '').not.toContain('RetryInfo');
    },
  );

  it('answers overload with UNAVAILABLE and RetryInfo', async () => {
    const changes: ServerChanges = { settings: { INGEST_MIN_FREE_BYTES: Number.MAX_SAFE_INTEGER } };
    const answer = await call(Buffer.alloc(0), { to: await store.server('full', changes) });
    expect(answer.code).toBe(grpc.status.UNAVAILABLE);
    expect(answer.status?.toString('latin1')).toContain('google.rpc.RetryInfo');
  });

  it('answers an unknown method with UNIMPLEMENTED', async () => {
    const client = new grpc.Client(`127.0.0.1:${server.ports.grpc}`, grpc.credentials.createInsecure());
    clients.push(client);
    const code = await new Promise((resolve) => {
      client.makeUnaryRequest('/other.Service/Export', bytes, bytes, Buffer.alloc(0), (error) => resolve(error?.code));
    });
    expect(code).toBe(grpc.status.UNIMPLEMENTED);
  });
});

it('names the variable of a taken port and leaves nothing open', async () => {
  const { ports } = server;
  const taken = store.server('taken', { settings: { OTLP_GRPC_PORT: ports.grpc } });
  await expect(taken).rejects.toMatchObject({ variable: 'OTLP_GRPC_PORT', port: ports.grpc, code: 'EADDRINUSE' });
});
