/**
 * One server of the transport benchmark in a process of its own: ingest without a store behind its log, or, to compare
 * with, a grpc-js server that receives the same messages and does nothing with them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';

const INGEST = '../../../backend/dist/modules/400-telemetry/ingest';
const TENANT = '01890a5d-ac96-774b-bcce-b302099a8057';
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const asIs = (bytes) => bytes;
const quiet = { info() {}, warn() {}, error: (o, message) => console.error(message, o) };

async function startIngest(threads, dataDir) {
  const { IngestServer } = await import(`${INGEST}/ingest-server.js`);
  const { ApiKeyIngestAuthenticator } = await import(`${INGEST}/auth/api-key-ingest-authenticator.js`);
  const permissions = new Set(['traces:write']);
  const ids = { apiKeyId: TENANT, tenantId: TENANT, organizationId: TENANT, workspaceId: TENANT };
  const server = new IngestServer({
    settings: {
      OTLP_HTTP_PORT: 0,
      OTLP_GRPC_PORT: 0,
      INGEST_LOG_MAX_BYTES: 2 ** 34,
      INGEST_MIN_FREE_BYTES: 0,
      INGEST_MAX_BODY_BYTES: 2 ** 26,
      INGEST_SEGMENT_AGE_MS: 150,
      INGEST_SEGMENT_BYTES: 2 ** 24,
      INGEST_DECODE_THREADS: threads,
    },
    host: '127.0.0.1',
    dataDir,
    clickhouse: { url: 'http://127.0.0.1:9', username: '', password: '', database: '' },
    authenticator: new ApiKeyIngestAuthenticator({
      keys: { authenticate: async () => ({ ...ids, permissions, scope: 'tenant' }) },
    }),
    storeReady: new Promise(() => {}),
    logger: quiet,
    maxPastMs: 1e15,
    maxFutureMs: 1e15,
    onIngested() {},
  });
  await server.start();
  return server.ports;
}

async function startGrpcJs() {
  const server = new grpc.Server();
  const bare = { requestStream: false, responseStream: false, requestSerialize: asIs, responseSerialize: asIs };
  const method = { path: EXPORT, ...bare, requestDeserialize: asIs, responseDeserialize: asIs };
  const empty = Buffer.alloc(0);
  server.addService({ Export: method }, { Export: (_call, callback) => callback(null, empty) });
  const credentials = grpc.ServerCredentials.createInsecure();
  const port = await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { grpc: port };
}

const dataDir = mkdtempSync(join(tmpdir(), 'telemetryflow-bench-'));
process.once('disconnect', () => {
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(0);
});
const kind = process.argv[2];
process.send(await (kind === 'grpc-js' ? startGrpcJs() : startIngest(Number(kind), dataDir)));
process.on('message', () => process.send(process.cpuUsage()));
