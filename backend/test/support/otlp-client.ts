/** An OTLP client over all three transports, made without the code under test: protobufjs, fetch and the gRPC library. */
import { promisify } from 'node:util';
import { deflate, gzip, zstdCompress } from 'node:zlib';
import { Client, Metadata, type ServiceError, compressionAlgorithms, credentials } from '@grpc/grpc-js';
import { toOtlpJson, type JsonSpelling } from '../../../packages/otlp/src/testing/otlp-json.js';
import { messageType, REQUEST_TYPES } from '../../../packages/otlp/src/testing/otlp-proto.js';
import type { SignalName } from './otlp.js';
import type { Key, TestPlatform } from './platform.js';

export const TRANSPORTS = ['grpc', 'http/protobuf', 'http/json'] as const;
export type Transport = (typeof TRANSPORTS)[number];
export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Compression = 'none' | 'gzip' | 'deflate' | 'zstd';
export type Message = Record<string, unknown>;

const SERVICES: Record<SignalName, string> = {
  traces: 'trace.v1.TraceService',
  logs: 'logs.v1.LogsService',
  metrics: 'metrics.v1.MetricsService',
};
const RESPONSES: Record<SignalName, string> = {
  traces: 'ExportTraceServiceResponse',
  logs: 'ExportLogsServiceResponse',
  metrics: 'ExportMetricsServiceResponse',
};
const COMPRESS: Record<Compression, (bytes: Uint8Array) => Promise<Uint8Array>> = {
  none: async (bytes) => bytes,
  gzip: promisify(gzip),
  deflate: promisify(deflate),
  zstd: promisify(zstdCompress),
};
export const CONTENT_TYPE = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' } as const;

/** `google.rpc.Status` with the details that OTLP names. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly violations: readonly { field: string; description: string }[];
  /** Seconds; undefined without RetryInfo. */
  readonly retryDelaySeconds: number | undefined;
}

export interface OtlpReply {
  /** An Export response came. */
  readonly ok: boolean;
  /** HTTP status, or the gRPC code. */
  readonly code: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  readonly bytes: Uint8Array;
  /** `partial_success` of a response; undefined when unset. */
  readonly partial: { rejected: number; message: string } | undefined;
  /** What an error body says; undefined on success. */
  readonly status: RpcStatus | undefined;
}

export interface SendOptions {
  readonly compression?: Compression;
  /** Replace or add to what the client would send. */
  readonly headers?: Record<string, string | string[] | undefined>;
  readonly path?: string;
  readonly spelling?: JsonSpelling;
  /** Send chunks without a length. */
  readonly chunked?: boolean;
}

/** Request objects: ids and bytes as Uint8Array, 64-bit integers as decimal strings. */
export class OtlpClient {
  constructor(
    /** Where it sends: a server of ours, or what stands before one. */
    readonly platform: Pick<TestPlatform, 'otlpHttpUrl' | 'otlpGrpcTarget'>,
    readonly key: Key,
  ) {}

  /** Encodes the request for the transport and sends it with the key. */
  async send(
    transport: Transport,
    signal: SignalName,
    request: Message,
    options: SendOptions = {},
  ): Promise<OtlpReply> {
    return this.sendBytes(transport, signal, encode(transport, signal, request, options.spelling), options);
  }

  /** Sends a body as it is. */
  async sendBytes(
    transport: Transport,
    signal: SignalName,
    body: Uint8Array,
    options: SendOptions = {},
  ): Promise<OtlpReply> {
    const credential = { 'x-api-key-id': this.key.keyId, 'x-api-key-secret': this.key.keySecret };
    const headers = { ...credential, ...options.headers };
    return transport === 'grpc'
      ? this.#call(signal, body, headers, options)
      : this.#post(transport, signal, body, headers, options);
  }

  async #post(
    transport: 'http/protobuf' | 'http/json',
    signal: SignalName,
    body: Uint8Array,
    extra: NonNullable<SendOptions['headers']>,
    { compression = 'none', path = `/v1/${signal}`, chunked = false }: SendOptions,
  ): Promise<OtlpReply> {
    const headers = new Headers({ 'content-type': CONTENT_TYPE[transport] });
    if (compression !== 'none') headers.set('content-encoding', compression);
    for (const [name, value] of Object.entries(extra)) {
      headers.delete(name);
      for (const copy of value === undefined ? [] : [value].flat()) headers.append(name, copy);
    }
    const bytes = await COMPRESS[compression](body);
    const response = await fetch(`${this.platform.otlpHttpUrl}${path}`, {
      method: 'POST',
      headers,
      ...(chunked ? { body: inPieces(bytes), duplex: 'half' as const } : { body: new Uint8Array(bytes) }),
    });
    const answer = new Uint8Array(await response.arrayBuffer());
    const ok = response.status === 200;
    const asJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
    return {
      ok,
      code: response.status,
      contentType: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      bytes: answer,
      partial: ok ? partialOf(signal, answer, asJson) : undefined,
      status: ok ? undefined : statusOf(answer, asJson),
    };
  }

  async #call(
    signal: SignalName,
    body: Uint8Array,
    headers: NonNullable<SendOptions['headers']>,
    { compression = 'none' }: SendOptions,
  ): Promise<OtlpReply> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) {
      for (const copy of value === undefined ? [] : [value].flat()) metadata.add(name, copy);
    }
    const algorithm = { none: 0, gzip: compressionAlgorithms.gzip, deflate: compressionAlgorithms.deflate, zstd: 0 };
    const client = new Client(this.platform.otlpGrpcTarget, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': algorithm[compression],
      'grpc.max_receive_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
    try {
      return await new Promise((resolve) => {
        client.makeUnaryRequest(
          `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`,
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => bytes,
          Buffer.from(body),
          metadata,
          (error, answer) => resolve(error === null ? grpcReply(signal, answer!) : grpcError(error)),
        );
      });
    } finally {
      client.close();
    }
  }
}

export function encode(
  transport: Transport,
  signal: SignalName,
  request: Message,
  spelling?: JsonSpelling,
): Uint8Array {
  if (transport === 'http/json') {
    return toOtlpJson(request, spelling ?? { upperCase: false, bareIntegers: false, snakeCase: false });
  }
  const type = REQUEST_TYPES[signal];
  return type.encode(type.fromObject(request)).finish();
}

function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const size = Math.max(1, Math.ceil(bytes.length / 5));
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + size));
      at += size;
    },
  });
}

function grpcReply(signal: SignalName, answer: Buffer): OtlpReply {
  const partial = partialOf(signal, answer, false);
  return { ok: true, code: 0, contentType: null, retryAfter: null, bytes: answer, partial, status: undefined };
}

function grpcError(error: ServiceError): OtlpReply {
  const [details] = error.metadata.get('grpc-status-details-bin');
  const known = details === undefined ? undefined : statusOf(details as Buffer, false);
  const status = known ?? { code: error.code, message: error.details, violations: [], retryDelaySeconds: undefined };
  const none = { contentType: null, retryAfter: null, bytes: new Uint8Array(), partial: undefined };
  return { ok: false, code: error.code, ...none, status };
}

function partialOf(signal: SignalName, bytes: Uint8Array, asJson: boolean): OtlpReply['partial'] {
  const type = messageType(RESPONSES[signal]);
  const response = asJson
    ? (JSON.parse(Buffer.from(bytes).toString()) as Message)
    : type.toObject(type.decode(bytes), { longs: String });
  const partial = response['partialSuccess'] as Message | undefined;
  if (partial === undefined) return undefined;
  const rejected = partial['rejectedSpans'] ?? partial['rejectedLogRecords'] ?? partial['rejectedDataPoints'] ?? 0;
  return { rejected: Number(rejected), message: String(partial['errorMessage'] ?? '') };
}

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

function statusOf(bytes: Uint8Array, asJson: boolean): RpcStatus {
  if (asJson) {
    const status = JSON.parse(Buffer.from(bytes).toString()) as Message;
    const details = (status['details'] ?? []) as Message[];
    const find = (type: string) => details.find((detail) => detail['@type'] === type);
    const delay = find(RETRY_INFO)?.['retryDelay'] as string | undefined;
    return {
      code: Number(status['code']),
      message: String(status['message']),
      violations: (find(BAD_REQUEST)?.['fieldViolations'] ?? []) as RpcStatus['violations'],
      retryDelaySeconds: delay === undefined ? undefined : Number.parseFloat(delay),
    };
  }
  const decode = (name: string, payload: Uint8Array): Message => {
    const type = messageType(name);
    return type.toObject(type.decode(payload), { longs: Number, defaults: true });
  };
  const status = decode('Status', bytes);
  const details = (status['details'] ?? []) as { type_url: string; value: Uint8Array }[];
  const find = (type: string) => details.find((detail) => detail.type_url === type)?.value;
  const badRequest = find(BAD_REQUEST);
  const retryInfo = find(RETRY_INFO);
  const delay = retryInfo && (decode('RetryInfo', retryInfo)['retryDelay'] as { seconds: number; nanos: number });
  return {
    code: Number(status['code']),
    message: String(status['message']),
    violations: badRequest ? (decode('BadRequest', badRequest)['fieldViolations'] as RpcStatus['violations']) : [],
    retryDelaySeconds: delay === undefined ? undefined : delay.seconds + delay.nanos / 1e9,
  };
}
