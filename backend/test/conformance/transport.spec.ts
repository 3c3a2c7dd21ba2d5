/** OTLP lines 1, 2, 3 and 8: ports, paths, encodings, compressions, and the form of every answer. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigSchema } from '../../src/shared/platform/config.js';
import { ObservedPlatform } from '../support/observed-platform.js';
import { CONTENT_TYPE, encode, SIGNALS, TRANSPORTS, type Compression, type Transport } from '../support/otlp-client.js';
import { itemOf, newService, requestOf } from './requests.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start({ INGEST_MAX_BODY_BYTES: String(256 * 1024) });
});
afterAll(() => server?.dispose());

const HTTP = ['http/protobuf', 'http/json'] as const;
const grpcCode = { invalidArgument: 3, unimplemented: 12, unauthenticated: 16, resourceExhausted: 8 };

describe.concurrent.each(TRANSPORTS)('%s', (transport) => {
  it.each(SIGNALS)('otlp 1: takes %s at its path or service', async (signal) => {
    const service = newService();
    const reply = await server.client.send(transport, signal, requestOf(signal, service, [itemOf(signal)]));
    expect(reply).toMatchObject({ ok: true, partial: undefined });
    await server.stored(signal, [service], 1);
  });

  const compressions: Compression[] =
    transport === 'grpc' ? ['none', 'gzip', 'deflate'] : ['none', 'gzip', 'deflate', 'zstd'];
  it.each(compressions)('otlp 2: takes bodies with compression %s', async (compression) => {
    for (const signal of SIGNALS) {
      const service = newService();
      const request = requestOf(signal, service, [itemOf(signal), itemOf(signal)]);
      expect(await server.client.send(transport, signal, request, { compression })).toMatchObject({ ok: true });
      await server.stored(signal, [service], 2);
    }
  });

  it('otlp fault 2: gzip is taken for every signal', async () => {
    const service = newService();
    for (const signal of SIGNALS) {
      const request = requestOf(signal, service, [itemOf(signal)]);
      expect((await server.client.send(transport, signal, request, { compression: 'gzip' })).ok).toBe(true);
      await server.stored(signal, [service], 1);
    }
  });
});

it('otlp 1: the default ports are 4317 and 4318', () => {
  expect(ConfigSchema.parse({})).toMatchObject({ OTLP_GRPC_PORT: 4317, OTLP_HTTP_PORT: 4318 });
});

describe.concurrent.each(HTTP)('%s', (transport) => {
  const contentType = CONTENT_TYPE[transport];
  const post = (path: string, headers: Record<string, string> = {}, body = encode(transport, 'traces', {})) =>
    server.client.sendBytes(transport, 'traces', body, { path, headers });

  it('otlp 1: only POST is allowed, and the answer says so', async () => {
    const response = await fetch(`${server.platform.otlpHttpUrl}/v1/traces`, {
      method: 'GET',
      headers: { 'content-type': contentType },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([405, contentType]);
    expect(response.headers.get('allow')).toContain('POST');
  });

  it('otlp 1: profiles are not taken, and the answer has the form of OTLP', async () => {
    const reply = await post('/v1development/profiles');
    expect(reply).toMatchObject({ code: 404, contentType, status: { code: 5 } });
    expect(reply.status?.message).toContain('/v1/traces');
  });

  it.each([
    ['a foreign type', 'text/plain'],
    ['another serialisation', 'application/xml'],
    ['a form', 'application/x-www-form-urlencoded'],
  ])('otlp 2: a Content-Type that is neither protobuf nor JSON is 415: %s', async (_, type) => {
    const reply = await post('/v1/traces', { 'content-type': type });
    expect(reply.code).toBe(415);
    expect(reply.status?.message).toContain('application/x-protobuf');
  });

  it.each(['snappy', 'br', 'gzip, gzip'])(
    'otlp 2: Content-Encoding %s is 415 and names what is taken',
    async (coding) => {
      const reply = await post('/v1/traces', { 'content-encoding': coding });
      expect(reply).toMatchObject({ code: 415, contentType });
      expect(reply.status?.message).toMatch(/gzip.*zstd.*deflate/);
    },
  );

  it('otlp 2: both encodings share a port, the one of the API included', async () => {
    const service = newService();
    const body = encode(transport, 'logs', requestOf('logs', service, [itemOf('logs')]));
    for (const url of [server.platform.otlpHttpUrl, server.platform.url]) {
      const response = await fetch(`${url}/v1/logs`, {
        method: 'POST',
        headers: {
          'content-type': contentType,
          'x-api-key-id': server.client.key.keyId,
          'x-api-key-secret': server.client.key.keySecret,
        },
        body: new Uint8Array(body),
      });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
    }
    await server.stored('logs', [service], 2);
  });

  it.each([
    `${contentType}; charset=utf-8`,
    `${contentType};charset=UTF-8`,
    contentType.toUpperCase(),
    `${contentType} ; charset="utf-8"`,
  ])('otlp 2: parameters and case of the Content-Type do not matter: %s', async (type) => {
    const service = newService();
    const request = requestOf('traces', service, [itemOf('traces')]);
    const reply = await server.client.send(transport, 'traces', request, { headers: { 'content-type': type } });
    expect(reply).toMatchObject({ ok: true, contentType });
    await server.stored('traces', [service], 1);
  });

  it('otlp fault 5: a charset parameter changes nothing, on errors too', async () => {
    const headers = { 'content-type': `${contentType}; charset=utf-8` };
    const reply = await post('/v1/traces', headers, Buffer.from([0xff, 0xff, 0xff]));
    expect(reply).toMatchObject({ code: 400, contentType, status: { code: 3 } });
  });

  const broken = Buffer.from(transport === 'http/json' ? '{"resourceSpans":[' : [0x0a, 0xff, 0x01]);
  const errors: [string, number, number, () => Promise<unknown>][] = [
    ['bad data', 400, 3, () => post('/v1/traces', {}, broken)],
    ['a body that does not inflate', 400, 3, () => post('/v1/traces', { 'content-encoding': 'gzip' }, broken)],
    ['a wrong key', 401, 16, () => post('/v1/traces', { 'x-api-key-secret': `tfs-${'0'.repeat(64)}` })],
    ['no key', 401, 16, () => post('/v1/traces', { 'x-api-key-id': '', 'x-api-key-secret': '' })],
    [
      'a scope that is not the key’s',
      403,
      7,
      () => post('/v1/traces', { 'x-tenant-id': '00000000-0000-7000-8000-000000000000' }),
    ],
    ['an unknown path', 404, 5, () => post('/v1/nothing')],
    ['a body over the limit', 413, 8, () => post('/v1/traces', {}, Buffer.alloc(300 * 1024))],
    ['an unknown compression', 415, 3, () => post('/v1/traces', { 'content-encoding': 'br' })],
  ];
  it.each(errors)(
    'otlp 3: the answer has the type of the request and is a google.rpc.Status: %s',
    async (_, code, rpc, send) => {
      expect(await send()).toMatchObject({
        code,
        contentType,
        status: { code: rpc, message: expect.stringMatching(/\w{3}/) as string },
      });
    },
  );

  it('otlp 3: the answer to success has the type of the request', async () => {
    for (const signal of SIGNALS) {
      const reply = await server.client.send(transport, signal, requestOf(signal, newService(), [itemOf(signal)]));
      expect(reply).toMatchObject({ ok: true, contentType });
    }
  });

  it('otlp 8: the Content-Type of the answer is exactly the bare media type', async () => {
    const reply = await post('/v1/traces', { 'content-type': `${contentType}; charset=utf-8` });
    expect([reply.code, reply.contentType]).toEqual([200, contentType]);
    const refused = await post('/v1/traces', { 'content-type': `${contentType}; charset=utf-8` }, broken);
    expect([refused.code, refused.contentType]).toEqual([400, contentType]);
  });

  it('otlp 8: a success answers in the encoding of the request: an empty protobuf message, or an empty JSON object', async () => {
    const reply = await server.client.send(transport, 'logs', requestOf('logs', newService(), [itemOf('logs')]));
    expect(Buffer.from(reply.bytes).toString()).toBe(transport === 'http/json' ? '{}' : '');
  });

  it('otlp fault 10: an answer is never in the other encoding', async () => {
    const isJson = (bytes: Uint8Array): boolean => bytes[0] === 0x7b;
    const refusedSpan = { ...itemOf('traces'), spanId: Buffer.alloc(8) };
    for (const reply of [
      await server.client.send(transport, 'traces', requestOf('traces', newService(), [refusedSpan])),
      await post('/v1/traces', {}, broken),
      await post('/v1/traces', { 'x-api-key-id': 'tfk-unknown' }),
      await post('/v1/traces', {}, Buffer.alloc(300 * 1024)),
    ]) {
      expect([reply.contentType, isJson(reply.bytes)]).toEqual([contentType, transport === 'http/json']);
    }
  });

  it.each(['none', 'gzip', 'zstd'] as const)(
    'otlp 8: a chunked body without a length is taken, compression %s',
    async (compression) => {
      const service = newService();
      const request = requestOf('metrics', service, [itemOf('metrics')]);
      const reply = await server.client.send(transport, 'metrics', request, { chunked: true, compression });
      expect(reply.ok).toBe(true);
      await server.stored('metrics', [service], 1);
    },
  );

  it('otlp 8: a chunked body over the limit is refused without its length being known', async () => {
    const reply = await server.client.sendBytes(transport, 'metrics', Buffer.alloc(300 * 1024), { chunked: true });
    expect(reply).toMatchObject({ code: 413, contentType, status: { code: 8, retryDelaySeconds: undefined } });
  });
});

describe('http', () => {
  it('otlp 3: a 400 carries BadRequest details that name the field', async () => {
    const badTime = JSON.stringify(requestOf('traces', 'x', [{ startTimeUnixNano: 'soon' }]));
    const asJson = await server.client.sendBytes('http/json', 'traces', Buffer.from(badTime));
    const path = 'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano';
    expect(asJson).toMatchObject({ code: 400, status: { violations: [{ field: path }] } });
    expect(asJson.status?.violations[0]?.description).toContain(path);
    const cut = encode('http/protobuf', 'traces', requestOf('traces', 'x', [itemOf('traces')])).subarray(0, -3);
    const asProtobuf = await server.client.sendBytes('http/protobuf', 'traces', cut);
    expect(asProtobuf).toMatchObject({ code: 400, status: { code: 3, violations: [expect.anything()] } });
    expect(asProtobuf.status?.violations[0]?.description).toMatch(/\w{3}/);
  });

  it('otlp 8: a body in many small chunks is taken as one', async () => {
    const service = newService();
    const body = encode('http/protobuf', 'traces', requestOf('traces', service, [itemOf('traces')]));
    const status = await new Promise((resolve, reject) => {
      const headers = {
        'content-type': CONTENT_TYPE['http/protobuf'],
        'x-api-key-id': server.client.key.keyId,
        'x-api-key-secret': server.client.key.keySecret,
      };
      const url = `${server.platform.otlpHttpUrl}/v1/traces`;
      const req = httpRequest(url, { method: 'POST', headers }, (res) => {
        res.resume().on('end', () => resolve([res.statusCode, res.headers['content-type']]));
      });
      req.on('error', reject);
      for (let i = 0; i < body.length; i++) req.write(body.subarray(i, i + 1));
      req.end();
    });
    expect(status).toEqual([200, CONTENT_TYPE['http/protobuf']]);
    await server.stored('traces', [service], 1);
  });
});

/** A bare HTTP/2 call: what a gRPC library would not send. */
function rawCall(path: string, headers: Record<string, string>, body: Buffer): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${server.platform.otlpGrpcTarget}`);
    session.on('error', reject);
    const { keyId, keySecret } = server.client.key;
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-api-key-id': keyId,
      'x-api-key-secret': keySecret,
      ...headers,
    });
    const answer: Record<string, unknown> = {};
    stream.on('response', (received) => Object.assign(answer, received));
    stream.on('trailers', (received) => Object.assign(answer, received));
    stream.on('error', reject);
    stream.on('close', () => session.close(() => resolve(answer)));
    stream.end(body);
    stream.resume();
  });
}

const framed = (compressed: 0 | 1, bytes: Uint8Array): Buffer => {
  const head = Buffer.from([compressed, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

describe('grpc', () => {
  const traces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

  it('otlp 1: profiles are answered UNIMPLEMENTED', async () => {
    const path = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export';
    const answer = await rawCall(path, {}, framed(0, Buffer.alloc(0)));
    expect(answer).toMatchObject({ ':status': 200, 'grpc-status': String(grpcCode.unimplemented) });
  });

  it('otlp 2: an unknown message encoding is UNIMPLEMENTED and names what is taken', async () => {
    const answer = await rawCall(traces, { 'grpc-encoding': 'snappy' }, framed(1, Buffer.from('xyz')));
    expect(answer).toMatchObject({ 'grpc-status': String(grpcCode.unimplemented) });
  });

  it('otlp 2: another protocol at the gRPC port is 415', async () => {
    const answer = await rawCall(traces, { 'content-type': 'application/json' }, Buffer.from('{}'));
    expect(answer).toMatchObject({ ':status': 415 });
  });

  it('otlp 3: an error carries a google.rpc.Status, with BadRequest details for bad data', async () => {
    const cut = encode('grpc', 'traces', requestOf('traces', 'x', [itemOf('traces')])).subarray(0, -3);
    const bad = await server.client.sendBytes('grpc', 'traces', cut);
    expect(bad).toMatchObject({
      code: grpcCode.invalidArgument,
      status: { code: grpcCode.invalidArgument, violations: [expect.anything()] },
    });
    const unknown = await server.client.sendBytes('grpc', 'traces', cut, { headers: { 'x-api-key-id': 'tfk-x' } });
    expect(unknown).toMatchObject({ code: grpcCode.unauthenticated, status: { code: grpcCode.unauthenticated } });
  });

  it('otlp 3: the answer has the type of the request', async () => {
    for (const type of ['application/grpc', 'application/grpc+proto']) {
      const ok = await rawCall(traces, { 'content-type': type }, framed(0, Buffer.alloc(0)));
      expect(ok).toMatchObject({ ':status': 200, 'grpc-status': '0' });
      const bad = await rawCall(traces, { 'content-type': type }, framed(0, Buffer.from([0x0a, 0xff])));
      expect(bad).toMatchObject({ ':status': 200, 'grpc-status': String(grpcCode.invalidArgument) });
      for (const answer of [ok, bad]) expect(String(answer['content-type'])).toMatch(/^application\/grpc(?:\+proto)?$/);
    }
  });
});

it('otlp 2: an empty Content-Type is 415, over a body of either encoding', async () => {
  for (const transport of HTTP satisfies readonly Transport[]) {
    const reply = await server.client.send(transport, 'logs', {}, { headers: { 'content-type': '' } });
    expect(reply.code).toBe(415);
  }
});
