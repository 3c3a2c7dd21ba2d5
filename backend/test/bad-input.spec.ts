/** What clients get wrong, and the answer that tells them so: right code, right encoding, nothing lost, nothing hung. */
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { status as grpcStatus } from '@grpc/grpc-js';
import type { Problem } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportOverGrpc, toProtobuf } from './support/otlp.js';
import { type Key, TestPlatform } from './support/platform.js';

let platform: TestPlatform;
let key: Key;
beforeAll(async () => {
  platform = await TestPlatform.start({ INGEST_MAX_BODY_BYTES: String(1024 * 1024) });
  key = await platform.developmentKey();
});
afterAll(() => platform?.dispose());

const minimal = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name: 'x',
              startTimeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
            },
          ],
        },
      ],
    },
  ],
});
const withKey = () => ({ 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret });
const json = { 'content-type': 'application/json' };
const protobuf = { 'content-type': 'application/x-protobuf' };

async function send(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, path = '/v1/traces') {
  const response = await fetch(`${platform.otlpHttpUrl}${path}`, { method: 'POST', body, headers });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    bytes: new Uint8Array(await response.arrayBuffer()),
    headers: response.headers,
  };
}

describe('OTLP over HTTP', () => {
  it.each([
    ['no key', json, () => minimal, 401],
    [
      'an unknown key',
      { ...json, 'x-api-key-id': `tfk-${'0'.repeat(32)}`, 'x-api-key-secret': `tfs-${'0'.repeat(64)}` },
      () => minimal,
      401,
    ],
    [
      'a user token in place of a key',
      { ...json, authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x' },
      () => minimal,
      401,
    ],
  ])('answers 401 in the encoding of the request for %s', async (_, headers, body, status) => {
    const asJson = await send(body(), headers);
    expect([asJson.status, asJson.type]).toEqual([status, 'application/json']);
    expect(JSON.parse(new TextDecoder().decode(asJson.bytes))).toMatchObject({
      code: 16,
      message: expect.stringMatching(/key/i) as string,
    });
    const asProtobuf = await send(toProtobuf('traces', body()), { ...headers, ...protobuf });
    expect([asProtobuf.status, asProtobuf.type]).toEqual([status, 'application/x-protobuf']);
    // google.rpc.Status: field 1 (code) = 16.
    expect([...asProtobuf.bytes.subarray(0, 2)]).toEqual([0x08, 16]);
  });

  it('refuses a wrong secret for a known key', async () => {
    const { status } = await send(minimal, {
      ...json,
      ...withKey(),
      'x-api-key-secret': `tfs-${randomBytes(32).toString('hex')}`,
    });
    expect(status).toBe(401);
  });

  it.each([
    ['truncated protobuf', () => toProtobuf('traces', minimal).slice(0, -3), protobuf, 400],
    ['broken JSON', () => minimal.slice(0, -5), json, 400],
    ['broken gzip', () => new Uint8Array(gzipSync(minimal)).fill(7, 12), { ...json, 'content-encoding': 'gzip' }, 400],
    ['an unknown content type', () => minimal, { 'content-type': 'text/plain' }, 415],
    ['an unknown content encoding', () => minimal, { ...json, 'content-encoding': 'snappy' }, 415],
    ['a body over the limit', () => new Uint8Array(2 * 1024 * 1024), protobuf, 413],
    [
      'a body that inflates over the limit',
      () => new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
      { ...protobuf, 'content-encoding': 'gzip' },
      413,
    ],
  ])('answers %s with its code', async (_, body, headers, status) => {
    const reply = await send(body(), { ...headers, ...withKey() });
    expect(reply.status).toBe(status);
    expect(reply.bytes.length).toBeGreaterThan(0);
  });

  it('accepts an empty request', async () => {
    expect((await send('{}', { ...json, ...withKey() })).status).toBe(200);
    expect((await send(new Uint8Array(0), { ...protobuf, ...withKey() })).status).toBe(200);
  });

  it('keeps the good items of a batch and says what it refused', async () => {
    const mixed = JSON.parse(minimal) as { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
    mixed.resourceSpans[0]!.scopeSpans[0]!.spans.push({ traceId: '00', spanId: '00', name: 'bad ids' });
    const reply = await send(JSON.stringify(mixed), { ...json, ...withKey() });
    expect(reply.status).toBe(200);
    expect(JSON.parse(new TextDecoder().decode(reply.bytes))).toMatchObject({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringMatching(/trace_?id/i) as string },
    });
  });

  it('answers other methods with 405', async () => {
    const response = await fetch(`${platform.otlpHttpUrl}/v1/traces`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')]);
  });

  it('survives connections that end in the middle of a request', async () => {
    const { hostname, port } = new URL(platform.otlpHttpUrl);
    await Promise.all(
      Array.from({ length: 20 }, () => {
        const socket = connect(Number(port), hostname);
        return new Promise<void>((resolve) => {
          socket.on('close', () => resolve());
          socket.on('error', () => resolve());
          socket.write(
            `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\nx-api-key-id: ${key.keyId}\r\nx-api-key-secret: ${key.keySecret}\r\n\r\n{"resourceSpans":`,
            () => socket.destroy(),
          );
        });
      }),
    );
    expect((await send(minimal, { ...json, ...withKey() })).status).toBe(200);
  });
});

describe('OTLP over gRPC', () => {
  it('answers with the matching status', async () => {
    const body = toProtobuf('traces', minimal);
    await expect(exportOverGrpc(platform.otlpGrpcTarget, 'traces', body, {})).rejects.toMatchObject({
      code: grpcStatus.UNAUTHENTICATED,
    });
    await expect(exportOverGrpc(platform.otlpGrpcTarget, 'traces', body.slice(0, -3), withKey())).rejects.toMatchObject(
      { code: grpcStatus.INVALID_ARGUMENT },
    );
    await expect(
      exportOverGrpc(platform.otlpGrpcTarget, 'traces', new Uint8Array(2 * 1024 * 1024), withKey()),
    ).rejects.toMatchObject({ code: grpcStatus.RESOURCE_EXHAUSTED });
    await exportOverGrpc(platform.otlpGrpcTarget, 'traces', body, {
      'x-telemetryflow-key-id': `${key.keyId}, ${key.keyId}`,
      'x-telemetryflow-key-secret': `${key.keySecret}, ${key.keySecret}`,
    });
  });
});

describe('REST', () => {
  it('names every wrong field at once, as problem+json', async () => {
    const { status, headers, body } = await platform.api<Problem>('POST', '/api/v2/api-keys', {
      body: { name: '', permissions: ['metrics:fly'], scope: { type: 'tenant', tenantId: 'x' } },
    });
    expect([status, headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
    expect(body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', requestId: headers.get('x-request-id') });
    expect(body.errors?.map((e) => e.path).toSorted()).toEqual(['name', 'permissions.0', 'scope.tenantId']);
  });

  it.each([
    ['/api/v2/telemetry/traces/xyz', 400],
    ['/api/v2/telemetry/traces/ffffffffffffffffffffffffffffffff', 404],
    ['/api/v2/api-keys/not-a-uuid', 400],
    ['/api/v2/api-keys/01990000-0000-7000-8000-000000000000', 404],
    ['/api/v2/telemetry/metrics/timeseries', 400],
    ['/api/v2/telemetry/logs?from=now&to=now-1h', 400],
    ['/api/v2/telemetry/logs?limit=0', 400],
    ['/api/v2/telemetry/logs?filter=severity%3A%3E', 400],
    ['/api/v2/no-such-thing', 404],
  ])('GET %s answers %i', async (path, status) => {
    const reply = await platform.api<Problem>('GET', path);
    expect(reply.status).toBe(status);
    expect(reply.body.detail).not.toBe('');
  });

  it('says where a filter breaks', async () => {
    const { body } = await platform.api<Problem>(
      'GET',
      `/api/v2/telemetry/logs?filter=${encodeURIComponent('service:cart AND (severity:error')}`,
    );
    expect(body).toMatchObject({ code: 'QUERY_SYNTAX', errors: [{ path: 'filter' }] });
  });

  it('answers without a token 401 and without the permission 403', async () => {
    expect((await platform.request('GET', '/api/v2/telemetry/services')).status).toBe(401);
    expect((await platform.api('POST', '/api/v2/api-keys', { as: 'viewer', body: {} })).status).toBe(403);
  });
});
