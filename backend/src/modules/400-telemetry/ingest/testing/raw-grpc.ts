import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { GOOD_KEY } from './test-server.js';

export const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** What a client begins with: the preface and empty settings. */
export const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
/** Types of HTTP/2 frames. */
export const FRAME = { headers: 1, settings: 4, ping: 6, continuation: 9 };

/** A frame of HTTP/2 as it goes over the wire. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A length-prefixed message. */
export function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** A call over HTTP/2 alone, so that a test can break every rule of gRPC. */
export function open(on: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  const stream = on.request({
    ':method': 'POST',
    ':path': EXPORT,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...GOOD_KEY,
    ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

export interface Answer {
  readonly status: number | undefined;
  /** gRPC status, from headers or trailers. */
  readonly code: number | undefined;
  readonly message: string;
  readonly headers: IncomingHttpHeaders;
  readonly trailersOnly: boolean;
  readonly details: string;
  readonly body: Buffer;
  readonly rstCode: number;
}

export function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  const chunks: Buffer[] = [];
  stream.on('response', (found) => (headers = found));
  stream.on('trailers', (found) => (trailers = found));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    stream.on('close', () => {
      const from = trailers ?? headers;
      const code = from['grpc-status'];
      resolve({
        status: Number(headers[':status']),
        code: code === undefined ? undefined : Number(code),
        message: decodeURIComponent(String(from['grpc-message'] ?? '')),
        headers,
        trailersOnly: trailers === undefined,
        details: Buffer.from(String(from['grpc-status-details-bin'] ?? ''), 'base64').toString('latin1'),
        body: Buffer.concat(chunks),
        rstCode: stream.rstCode,
      });
    });
  });
}
