/** Clients that send over HTTP/protobuf (gzip), HTTP/JSON and gRPC (gzip), and write down what was acknowledged. */
import { Agent, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Client, Metadata, compressionAlgorithms, credentials } from '@grpc/grpc-js';
import type { Ledger } from './ledger.ts';
import { signalOf, type Payloads, type SignalName } from './payloads.ts';
import { pause } from './until.ts';

export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Where to send to. Read anew for each request: a server that was killed comes back. */
export interface Target {
  readonly otlpHttpUrl: string;
  readonly otlpGrpcTarget: string;
  readonly keyHeaders: Readonly<Record<string, string>>;
}

/** HTTP status or gRPC code; `lost` when no answer came. `retryAfter` is what the server asked to wait. */
export interface Answer {
  readonly acknowledged: boolean;
  readonly status: string;
  readonly retryAfter: boolean;
}

const GRPC_SERVICES: Record<SignalName, string> = {
  traces: 'trace.v1.TraceService',
  logs: 'logs.v1.LogsService',
  metrics: 'metrics.v1.MetricsService',
};
const REQUEST_TIMEOUT_MS = 30_000;
const AFTER_A_REFUSAL_MS = 20;

/** Sends one request at a time. */
export class Sender {
  readonly #protocol: Protocol;
  readonly #target: () => Target;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #grpc: { readonly target: string; readonly client: Client } | undefined;

  constructor(protocol: Protocol, target: () => Target) {
    this.#protocol = protocol;
    this.#target = target;
  }

  /** Sends an uncompressed body; never rejects. */
  async send(signal: SignalName, body: Buffer<ArrayBuffer>): Promise<Answer> {
    const target = this.#target();
    if (this.#protocol === 'grpc') return this.#overGrpc(target, signal, body);
    const isJson = this.#protocol === 'http/json';
    const headers: Record<string, string> = isJson
      ? { 'content-type': 'application/json' }
      : { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
    const bytes = isJson ? body : gzipSync(body, { level: 1 });
    return this.#overHttp(target, signal, bytes, headers);
  }

  close(): void {
    this.#agent.destroy();
    this.#grpc?.client.close();
  }

  #overHttp(target: Target, signal: SignalName, body: Buffer, headers: Record<string, string>): Promise<Answer> {
    return new Promise((resolve) => {
      const request = httpRequest(`${target.otlpHttpUrl}/v1/${signal}`, {
        method: 'POST',
        agent: this.#agent,
        timeout: REQUEST_TIMEOUT_MS,
        headers: { ...target.keyHeaders, ...headers, 'content-length': body.length },
      });
      const lost = (error: Error) =>
        resolve({
          acknowledged: false,
          retryAfter: false,
          status: `lost ${'code' in error ? String(error.code) : error.message}`,
        });
      request.on('error', lost);
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('response', (response) => {
        response.on('error', lost);
        response.on('end', () => {
          resolve({
            acknowledged: response.statusCode === 200,
            status: String(response.statusCode),
            retryAfter: response.headers['retry-after'] !== undefined,
          });
        });
        response.resume();
      });
      request.end(body);
    });
  }

  #overGrpc(target: Target, signal: SignalName, body: Buffer): Promise<Answer> {
    const client = this.#grpcClient(target.otlpGrpcTarget);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(target.keyHeaders)) metadata.set(name, value);
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        `/opentelemetry.proto.collector.${GRPC_SERVICES[signal]}/Export`,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.from(body), // the library compresses it later than the template is patched again
        metadata,
        { deadline: Date.now() + REQUEST_TIMEOUT_MS },
        (error) => {
          const details = error?.metadata.get('grpc-status-details-bin')[0];
          resolve({
            acknowledged: error === null,
            status: error === null ? '0' : `grpc ${error.code}`,
            retryAfter: details !== undefined && details.includes('google.rpc.RetryInfo'),
          });
        },
      );
    });
  }

  #grpcClient(target: string): Client {
    if (this.#grpc?.target !== target) {
      this.#grpc?.client.close();
      const client = new Client(target, credentials.createInsecure(), {
        'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
        'grpc.initial_reconnect_backoff_ms': 50,
        'grpc.min_reconnect_backoff_ms': 50,
        'grpc.max_reconnect_backoff_ms': 200,
        'grpc.use_local_subchannel_pool': 1,
      });
      this.#grpc = { target, client };
    }
    return this.#grpc.client;
  }
}

export interface LoadOptions {
  readonly target: () => Target;
  readonly payloads: Payloads;
  readonly ledger: Ledger;
  /** Clients per protocol. */
  readonly clients: number;
  /** The time that spans and logs carry, Unix milliseconds. */
  readonly nowMs?: () => number;
  /** Counts answers by status; default: a new one. */
  readonly statuses?: Map<string, number>;
  /** Between one answer and the next request of a client. */
  readonly pauseMs?: number;
}

/** Several clients of each protocol that send until they are told to stop. */
export class Load {
  readonly statuses: Map<string, number>;
  /** Refusals that named no time to come back. */
  refusalsWithoutRetry = 0;
  readonly #options: LoadOptions;
  readonly #senders: Sender[];
  readonly #loops: Promise<void>[];
  #running = true;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.statuses = options.statuses ?? new Map();
    const kinds = PROTOCOLS.flatMap((protocol) => Array.from({ length: options.clients }, () => protocol));
    this.#senders = kinds.map((protocol) => new Sender(protocol, options.target));
    this.#loops = kinds.map((protocol, index) => this.#loop(protocol, this.#senders[index] as Sender));
  }

  /** Lets what is under way finish. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
    for (const sender of this.#senders) sender.close();
  }

  async #loop(protocol: Protocol, sender: Sender): Promise<void> {
    const { payloads, ledger, nowMs = Date.now, pauseMs = 0 } = this.#options;
    while (this.#running) {
      const number = ledger.next();
      const encoding = protocol === 'http/json' ? 'json' : 'protobuf';
      const body = payloads.body(number, encoding, BigInt(Math.floor(nowMs())) * 1_000_000n);
      // JSON goes out as it is, and the template is patched again before the socket has taken it.
      const answer = await sender.send(signalOf(number), encoding === 'json' ? Buffer.from(body) : body);
      this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
      if (answer.acknowledged) ledger.acknowledge(number);
      else await this.#refused(answer);
      if (pauseMs > 0) await pause(pauseMs);
    }
  }

  async #refused(answer: Answer): Promise<void> {
    const isOverload = answer.status === '503' || answer.status === 'grpc 14';
    if (isOverload && !answer.retryAfter) this.refusalsWithoutRetry += 1;
    await pause(AFTER_A_REFUSAL_MS);
  }
}
