/** OTLP as clients write it, made without the code under test: protobufjs and the gRPC library. */
import { Client, Metadata, compressionAlgorithms, credentials } from '@grpc/grpc-js';
import { REQUEST_TYPES } from '../../../packages/otlp/src/testing/otlp-proto.js';

export type SignalName = keyof typeof REQUEST_TYPES;

/** OTLP/JSON spells ids in hex where protobuf's own JSON mapping has base64. */
function hexIdsToBase64(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hexIdsToBase64);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) =>
      /^(trace|span|parentSpan)Id$/.test(key) && typeof v === 'string'
        ? [key, Buffer.from(v, 'hex').toString('base64')]
        : [key, hexIdsToBase64(v)],
    ),
  );
}

/** An OTLP/JSON export request as protobuf bytes. */
export function toProtobuf(signal: string, json: string): Uint8Array<ArrayBuffer> {
  const type = REQUEST_TYPES[signal as SignalName];
  const message = type.fromObject(hexIdsToBase64(JSON.parse(json)) as Record<string, unknown>);
  return new Uint8Array(type.encode(message).finish());
}

const services: Record<string, string> = {
  traces: 'trace.v1.TraceService',
  logs: 'logs.v1.LogsService',
  metrics: 'metrics.v1.MetricsService',
};

/** One unary Export call; resolves when the server answered OK, rejects with grpc-js' ServiceError. */
export async function exportOverGrpc(
  target: string,
  signal: string,
  body: Uint8Array,
  metadata: Record<string, string>,
  options: { gzip?: boolean } = {},
): Promise<void> {
  const client = new Client(target, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': options.gzip ? compressionAlgorithms.gzip : compressionAlgorithms.identity,
  });
  const headers = new Metadata();
  for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
  try {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        `/opentelemetry.proto.collector.${services[signal]}/Export`,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.from(body),
        headers,
        (error) => (error ? reject(error) : resolve()),
      );
    });
  } finally {
    client.close();
  }
}
