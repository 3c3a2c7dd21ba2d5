/** How a request reaches the server: OTLP/HTTP over kept-alive connections, or OTLP/gRPC, one channel per client. */
import { Agent, request } from 'node:http';
import * as grpc from '@grpc/grpc-js';

const PATHS = { traces: '/v1/traces', logs: '/v1/logs', metrics: '/v1/metrics' };
const SERVICES = { traces: 'trace.v1.TraceService', logs: 'logs.v1.LogsService', metrics: 'metrics.v1.MetricsService' };
const CONTENT_TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' };
const DEFAULT_RETRY_MS = 1000;

/** Resolves with the status; `retryAfterMs` when the server said to come again. Rejects when the connection breaks. */
export function httpSender({ otlpHttpUrl, keyHeaders, tenants }, { signal, encoding, compression, clients }) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const { hostname, port } = new URL(otlpHttpUrl);
  const common = {
    ...keyHeaders,
    'content-type': CONTENT_TYPES[encoding],
    ...(compression === 'none' ? {} : { 'content-encoding': compression }),
  };
  const headers = tenants.map((tenant) => ({ ...common, ...(tenant === null ? {} : { 'x-tenant-id': tenant }) }));
  const send = (body, tenant) =>
    new Promise((resolve, reject) => {
      const options = { agent, hostname, port, path: PATHS[signal], method: 'POST' };
      const req = request({ ...options, headers: { ...headers[tenant], 'content-length': body.length } }, (res) => {
        const isOk = res.statusCode === 200;
        const mayRetry = res.statusCode === 503 || res.statusCode === 429;
        const retryAfterMs = mayRetry ? Number(res.headers['retry-after'] ?? 1) * 1000 : undefined;
        res.on('error', reject);
        res.on('end', () => resolve({ status: res.statusCode, isOk, retryAfterMs }));
        res.resume();
      });
      req.on('error', reject);
      req.end(body);
    });
  return { send, close: () => agent.destroy() };
}

export function grpcSender({ otlpGrpcUrl, keyHeaders, tenants }, { signal, compression, clients }) {
  const algorithm = grpc.compressionAlgorithms[compression === 'gzip' ? 'gzip' : 'identity'];
  const target = otlpGrpcUrl.replace(/^\w+:\/\//, '');
  const channels = Array.from(
    { length: clients },
    () =>
      new grpc.Client(target, grpc.credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        'grpc.default_compression_algorithm': algorithm,
      }),
  );
  const metadata = tenants.map((tenant) => {
    const made = new grpc.Metadata();
    for (const [name, value] of Object.entries(keyHeaders)) made.set(name, value);
    if (tenant !== null) made.set('x-tenant-id', tenant);
    return made;
  });
  const path = `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`;
  const asIs = (bytes) => bytes;
  let next = 0;
  const send = (body, tenant) =>
    new Promise((resolve) => {
      const channel = channels[next++ % clients];
      channel.makeUnaryRequest(path, asIs, asIs, body, metadata[tenant], (error) => {
        if (error === null) return resolve({ status: 0, isOk: true });
        const mayRetry = [grpc.status.UNAVAILABLE, grpc.status.RESOURCE_EXHAUSTED].includes(error.code);
        resolve({ status: error.code, isOk: false, retryAfterMs: mayRetry ? DEFAULT_RETRY_MS : undefined });
      });
    });
  return { send, close: () => channels.forEach((channel) => channel.close()) };
}
