import * as grpc from '@grpc/grpc-js';
import { encodeExportResponse, encodeStatus, type Signal } from '@telemetryflow/otlp';
import type { IngestAuthenticator, IngestHeaders, IngestPrincipal } from '../auth/ingest-authenticator.js';
import { singleValuedHeaders } from '../auth/single-valued-headers.js';
import { IngestError, statusOf } from '../ingest-error.js';
import type { IngestLogger } from '../ingest-logger.js';
import type { IngestStats } from '../ingest-stats.js';
import type { Ingest } from '../ingest.js';
import type { MemoryBudget } from '../memory-budget.js';

export interface IngestGrpcOptions {
  readonly ingest: Ingest;
  readonly authenticator: IngestAuthenticator;
  readonly stats: IngestStats;
  readonly budget: MemoryBudget;
  /** Applies to a message as it comes and, again, inflated. */
  readonly maxMessageBytes: number;
  readonly logger: IngestLogger;
}

const EXPORT_PATHS: ReadonlyMap<string, Signal> = new Map([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
]);
const STREAMS_PER_CONNECTION = 256;
// Its own log lines would bypass ours; what fails reaches us as an error.
grpc.setLogVerbosity(grpc.logVerbosity.NONE);
const SAME_BYTES = (bytes: Buffer): Buffer => bytes;

/** OTLP/gRPC: the three Export services over raw bytes. */
export class IngestGrpcServer {
  readonly #options: IngestGrpcOptions;
  readonly #server: grpc.Server;
  /** Who sends a call, found out from its metadata before its message is read. */
  readonly #principals = new WeakMap<grpc.Metadata, IngestPrincipal>();

  constructor(options: IngestGrpcOptions) {
    this.#options = options;
    this.#server = new grpc.Server({
      'grpc.max_receive_message_length': options.maxMessageBytes,
      'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
      interceptors: [(method, call) => this.#admitted(method.path, call)],
    });
    for (const [path, signal] of EXPORT_PATHS) {
      this.#server.addService(exportService(path), {
        Export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) => {
          void this.#export(signal, call, callback);
        },
      });
    }
  }

  /**
   * Listens; resolves with the port.
   *
   * @throws Error with `code` as `listen` gives it
   */
  listen(host: string, port: number): Promise<number> {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  /** Takes nothing more and waits for the calls under way; those that take longer than `graceMs` are cut off. */
  async close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    clearTimeout(timer);
  }

  #admitted(path: string, call: grpc.ServerInterceptingCallInterface): grpc.ServerInterceptingCall {
    const signal = EXPORT_PATHS.get(path);
    return new grpc.ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (signal === undefined) return proceed(metadata);
            this.#admit(signal, metadata, call.getConnectionInfo().remoteAddress ?? '').then(
              () => proceed(metadata),
              (error: unknown) => call.sendStatus(this.#refusal(signal, error)),
            );
          },
        });
      },
    });
  }

  async #admit(signal: Signal, metadata: grpc.Metadata, remoteAddress: string): Promise<void> {
    const principal = await this.#options.authenticator.authenticate(
      singleValuedHeaders(headersOf(metadata)),
      remoteAddress,
    );
    this.#options.ingest.admit(principal, signal);
    this.#principals.set(metadata, principal);
  }

  async #export(
    signal: Signal,
    call: grpc.ServerUnaryCall<Buffer, Buffer>,
    callback: grpc.sendUnaryData<Buffer>,
  ): Promise<void> {
    const lease = this.#options.budget.lease();
    try {
      const principal = this.#principals.get(call.metadata);
      if (principal === undefined) throw new Error('a call came past the interceptor');
      const body = call.request;
      lease.grow(body.length);
      const outcome = await this.#options.ingest.ingest({
        signal,
        encoding: 'protobuf',
        body,
        principal,
        receivedAtMs: Date.now(),
      });
      this.#options.stats.countRequest(signal, 'grpc', 0, 'none');
      callback(null, Buffer.from(encodeExportResponse(signal, 'protobuf', outcome.rejected > 0 ? outcome : undefined)));
    } catch (error) {
      callback(this.#refusal(signal, error));
    } finally {
      lease.release();
    }
  }

  #refusal(signal: Signal, error: unknown): { code: number; details: string; metadata: grpc.Metadata } {
    const refused = this.#asIngestError(error);
    this.#options.stats.countRequest(signal, 'grpc', refused.grpcCode, refused.reason);
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from(encodeStatus('protobuf', statusOf(refused))));
    return { code: refused.grpcCode, details: refused.message, metadata };
  }

  #asIngestError(error: unknown): IngestError {
    if (error instanceof IngestError) return error;
    this.#options.logger.error({ err: error }, 'An OTLP call failed');
    return new IngestError('internal', 'The call failed for a reason that is not its own');
  }
}

function exportService(path: string): grpc.ServiceDefinition {
  return {
    Export: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: SAME_BYTES,
      requestDeserialize: SAME_BYTES,
      responseSerialize: SAME_BYTES,
      responseDeserialize: SAME_BYTES,
    },
  };
}

function headersOf(metadata: grpc.Metadata): IngestHeaders {
  const headers: IngestHeaders = {};
  for (const name of Object.keys(metadata.getMap())) headers[name] = metadata.get(name).map(String);
  return headers;
}
