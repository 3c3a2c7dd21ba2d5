import { randomBytes } from 'node:crypto';
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { StoreHarness } from '../testing/ingest-harness.js';
import { spanProtobuf } from '../testing/payloads.js';
import { answerOf, FRAME, frame, framed, open, PREFACE, type Answer } from '../testing/raw-grpc.js';
import { RawSocket } from '../testing/raw-socket.js';
import { GOOD_KEY } from '../testing/test-server.js';
import type { IngestServer } from '../ingest-server.js';
import type { GrpcLimits } from './ingest-grpc-server.js';

let store: StoreHarness;
const sessions: ClientHttp2Session[] = [];
const sockets: RawSocket[] = [];

beforeAll(async () => {
  store = await StoreHarness.start();
});
afterAll(() => store.stop());
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
});

function newServer(dir: string, grpc: Partial<GrpcLimits>): Promise<IngestServer> {
  return store.server(dir, { options: { limits: { grpc } } });
}

function session(to: IngestServer): ClientHttp2Session {
  const opened = connect(`http://127.0.0.1:${to.ports.grpc}`);
  opened.on('error', () => {});
  sessions.push(opened);
  return opened;
}

const message = () => framed(spanProtobuf(randomBytes(16).toString('hex'), randomBytes(8).toString('hex')));

function call(on: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const stream = open(on, headers);
  stream.end(message());
  return answerOf(stream);
}

async function expectServed(on: ClientHttp2Session): Promise<void> {
  expect(await call(on)).toMatchObject({ status: 200, code: 0 });
}

describe('connections', () => {
  it('whose headers come byte by byte are cut; those that ask whether the server lives are not', async () => {
    const watching = await newServer('grpc-watching', { lookEveryMs: 100 });
    const socket = await RawSocket.to(watching.ports.grpc);
    sockets.push(socket);
    const alive = session(watching);
    await new Promise((resolve) => alive.once('connect', resolve));
    socket.write(PREFACE);
    socket.write(frame(FRAME.headers, 4, 1, Buffer.alloc(10_000)).subarray(0, 9));
    const drip = setInterval(() => {
      socket.write(Uint8Array.of(0x40));
      if (!alive.destroyed) alive.ping(() => {});
    }, 20);
    await socket.untilClosed();
    clearInterval(drip);
    await expectServed(alive);
  });

  it('that take all connections and use none of them make room', async () => {
    const small = await newServer('grpc-small', { maxSessions: 5 });
    const used = session(small);
    await expectServed(used);
    const idle = Array.from({ length: 8 }, () => session(small));
    await vi.waitFor(() => expect(idle.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(4));
    await expectServed(used);
    await expectServed(session(small));
  });
});

describe('one who opens calls and sends nothing', () => {
  it('leaves memory for others', async () => {
    const shared = await newServer('grpc-shared', { maxStreamsPerSession: 400 });
    const answers: Promise<Answer>[] = [];
    for (const one of [session(shared), session(shared), session(shared)]) {
      for (let i = 0; i < 400; i++) answers.push(answerOf(open(one)));
    }
    // Those beyond the part of one organization are told to come back.
    expect(await Promise.race(answers)).toMatchObject({ code: 14 });
    await vi.waitFor(() => expect(shared.snapshot().bodiesInFlightBytes).toBeGreaterThan(150 << 20));
    const other = { 'x-api-key-id': 'tfk-other' };
    expect(await call(session(shared), other)).toMatchObject({ code: 0 });
    const response = await fetch(`http://127.0.0.1:${shared.ports.http}/v1/traces`, {
      method: 'POST',
      body: new Uint8Array(message().subarray(5)),
      headers: { ...GOOD_KEY, ...other, 'content-type': 'application/x-protobuf' },
    });
    expect(response.status).toBe(200);
  });
});
