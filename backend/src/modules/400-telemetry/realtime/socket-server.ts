import type { Server as HttpServer } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TELEMETRY_NAMESPACE, type LogsNew, type LogsSubscribed, type SocketProblem } from '@telemetryflow/contracts';
import type { MetricsNew } from '@telemetryflow/contracts';
import type { Logger } from 'pino';
import { Server, type Namespace, type Socket } from 'socket.io';
import { configuredOrigins } from '../../../shared/cors/index.js';
import {
  LOGGER,
  MetricsRegistry,
  playsRole,
  RUNTIME,
  type RequestContext,
  type Runtime,
} from '../../../shared/platform/index.js';
import { isAllowedOrigin, MAX_SOCKETS } from './socket-admission.js';
import { socketRedis, type SocketRedis } from './socket-redis.js';

/** Largest message of a client: a token and a filter fit. */
const MAX_MESSAGE_BYTES = 32 * 1024;
const HANDSHAKE_MS = 10_000;
const PING_MS = 20_000;

export interface ClientEvents {
  'subscribe:logs': (request: unknown, answer?: (reply: LogsSubscribed | SocketProblem) => void) => void;
  'unsubscribe:logs': () => void;
  'logs:shown': () => void;
}
export interface ServerEvents {
  'metrics:new': (message: MetricsNew) => void;
  'traces:new': (message: MetricsNew) => void;
  'logs:new': (batch: LogsNew) => void;
}
type PeerEvents = Record<string, (payload: unknown) => void>;
/** Who holds the socket, as the handshake found out and later looks confirmed. */
export interface SocketData {
  context: RequestContext;
  token: string;
}
export type TelemetrySocket = Socket<ClientEvents, ServerEvents, PeerEvents, SocketData>;
export type TelemetryNamespace = Namespace<ClientEvents, ServerEvents, PeerEvents, SocketData>;

/** The room of those who may read a signal of a tenant. */
export function signalRoom(tenantId: string, signal: 'traces' | 'metrics'): string {
  return `tenant:${tenantId}:${signal}`;
}

/** The Socket.IO server of this node: WebSocket only, beside the API on its port. */
@Injectable()
export class SocketServer implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #server: Server<ClientEvents, ServerEvents, PeerEvents, SocketData>;
  readonly #redis: SocketRedis | undefined;
  readonly namespace: TelemetryNamespace;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) logger: Logger,
    private readonly host: HttpAdapterHost,
    metrics: MetricsRegistry,
  ) {
    const origins = configuredOrigins(runtime.config);
    this.#server = new Server({
      serveClient: false,
      transports: ['websocket'],
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      connectTimeout: HANDSHAKE_MS,
      pingInterval: PING_MS,
      pingTimeout: PING_MS,
      perMessageDeflate: false,
      allowRequest: (request, answer) => {
        const isRoom = this.#server.engine.clientsCount < MAX_SOCKETS;
        answer(isRoom ? null : 'too many sockets', isRoom && isAllowedOrigin(request, origins));
      },
    });
    const { REDIS_URL } = runtime.config;
    this.#redis = REDIS_URL === '' ? undefined : socketRedis(REDIS_URL, logger);
    if (this.#redis !== undefined) this.#server.adapter(this.#redis.adapter);
    // Who joins no namespace in time is let go of; this one would have let anybody stay.
    this.#server.of('/').use((_socket, next) => next(new Error(`The namespace is ${TELEMETRY_NAMESPACE}`)));
    this.namespace = this.#server.of(TELEMETRY_NAMESPACE);
    metrics.observe({
      name: 'realtime_sockets',
      help: 'Open sockets',
      type: 'gauge',
      observe: () => [{ value: this.namespace.sockets.size }],
    });
  }

  /** Every handler is in place by now, and nobody listens yet. */
  onApplicationBootstrap(): void {
    const http: HttpServer | undefined = this.host.httpAdapter?.getHttpServer();
    if (http !== undefined && playsRole(this.runtime.config, 'api')) this.#server.attach(http);
  }

  /** Before the HTTP server, which would wait for its sockets. */
  onModuleDestroy(): void {
    this.namespace.local.disconnectSockets(true);
    this.#server.engine?.close();
    this.#redis?.close();
  }

  hasMembers(room: string): boolean {
    return this.namespace.adapter.rooms.has(room);
  }

  /** To this node's members of a room. */
  tellRoom(room: string, event: 'metrics:new' | 'traces:new', message: MetricsNew): void {
    this.namespace.local.to(room).emit(event, message);
  }

  /** To the same service of every other node; false when nothing reaches them from here. */
  tellPeers(event: string, payload: unknown): boolean {
    if (this.#redis === undefined) return false;
    this.namespace.serverSideEmit(event, payload);
    return true;
  }

  onPeer(event: string, listener: (payload: unknown) => void): void {
    this.namespace.on(event, listener);
  }
}
