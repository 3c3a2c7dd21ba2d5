import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  SOCKET_EVENTS,
  SubscribeLogs,
  type LogsSubscribed,
  type Permission,
  type SocketProblem,
} from '@telemetryflow/contracts';
import type { Logger } from 'pino';
import { DomainError, holds, LOGGER, PermissionDeniedError, ValidationError } from '../../../shared/platform/index.js';
import { LogTails, type OpenedTail, type TailClient } from './log-tails.js';
import { MAX_SOCKETS_PER_USER, SocketCounts } from './socket-admission.js';
import { signalRoom, SocketServer, type TelemetrySocket } from './socket-server.js';
import { SocketSessions } from './socket-sessions.js';

const SIGNALS = ['traces', 'metrics'] as const;
/** Packets that the connection may still hold when the next batch is offered. */
const MAX_HELD_PACKETS = 8;
/** Changes of a tail: so many at once, and one more every second. */
const CHANGES = 10;
const CHANGE_EVERY_MS = 1_000;

/** The events of `/telemetry`: who may connect, which rooms they are in, and the live tail of each. */
@Injectable()
export class TelemetryGateway implements OnModuleInit {
  readonly #counts = new SocketCounts();

  constructor(
    private readonly server: SocketServer,
    private readonly sessions: SocketSessions,
    private readonly tails: LogTails,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const { namespace } = this.server;
    namespace.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (error: unknown) => next(refusal(this.#problem(error))),
      );
    });
    namespace.on('connection', (socket) => this.#connected(socket));
  }

  async #admit(socket: TelemetrySocket): Promise<void> {
    await this.sessions.admit(socket);
    const { id } = socket.data.context.actor;
    if (!this.#counts.take(id)) {
      throw new DomainError(
        'RATE_LIMIT_EXCEEDED',
        `At most ${MAX_SOCKETS_PER_USER} sockets of one person; close other tabs`,
      );
    }
    let isHeld = true;
    const release = () => {
      if (isHeld) this.#counts.release(id);
      isHeld = false;
    };
    // Whoever leaves before the handshake has ended never was there to be disconnected.
    socket.conn.once('close', release);
    socket.once('disconnect', release);
  }

  #connected(socket: TelemetrySocket): void {
    const { context } = socket.data;
    this.sessions.watch(socket);
    void socket.join(`workspace:${context.workspaceId}:tenant:${context.tenantId}`);
    for (const signal of SIGNALS) {
      if (holds(context, `${signal}:read` satisfies Permission)) {
        void socket.join(signalRoom(context.tenantId, signal));
      }
    }
    this.#serveTail(socket);
  }

  #serveTail(socket: TelemetrySocket): void {
    const allowance = new Allowance();
    const held = countHeld(socket.conn);
    let tail: OpenedTail | undefined;
    /** Rises with every change: an answer that comes after the next one counts no more. */
    let change = 0;
    const close = () => {
      change += 1;
      tail?.close();
      tail = undefined;
    };
    socket.on(SOCKET_EVENTS.subscribeLogs, (request, answer) => {
      close();
      const mine = change;
      this.#openTail(socket, request, allowance, held).then(
        (opened) => {
          if (mine !== change || !socket.connected) {
            opened.close();
            return answered(answer, SUPERSEDED);
          }
          tail = opened;
          answered(answer, { ok: true, resume: opened.resume });
          opened.begin();
        },
        (error: unknown) => answered(answer, this.#problem(error)),
      );
    });
    socket.on(SOCKET_EVENTS.unsubscribeLogs, close);
    socket.on(SOCKET_EVENTS.logsShown, () => tail?.shown());
    socket.once('disconnect', close);
  }

  async #openTail(
    socket: TelemetrySocket,
    request: unknown,
    allowance: Allowance,
    held: () => number,
  ): Promise<OpenedTail> {
    if (!allowance.take()) {
      throw new DomainError('RATE_LIMIT_EXCEEDED', 'The live tail was changed too often; wait a second', [], 1);
    }
    const { context } = socket.data;
    if (!holds(context, 'logs:read')) {
      const refusal = new PermissionDeniedError('logs:read');
      await this.sessions.deny(socket, refusal);
      throw refusal;
    }
    const parsed = SubscribeLogs.safeParse(request ?? {});
    if (!parsed.success) {
      throw new ValidationError(
        parsed.error.issues.map(({ path, code, message }) => ({ path: path.join('.'), code, message })),
      );
    }
    const { filter, resume } = parsed.data;
    const client: TailClient = {
      tenantId: context.tenantId,
      send: (batch) => void socket.emit(SOCKET_EVENTS.logsNew, batch),
      isClogged: () => held() > MAX_HELD_PACKETS,
    };
    return this.tails.open(client, filter, resume);
  }

  #problem(error: unknown): SocketProblem {
    if (error instanceof DomainError) {
      const details = error.errors.map(({ message }) => message);
      return { ok: false, code: error.code, message: [error.message, ...details].join(': ') };
    }
    this.logger.error({ err: error }, 'a socket could not be served');
    return { ok: false, code: 'INTERNAL', message: 'Something went wrong on our side; try again' };
  }
}

const SUPERSEDED: SocketProblem = { ok: false, code: 'CONFLICT', message: 'Another filter was chosen meanwhile' };

/** A middleware's error reaches the client as `connect_error` with this `data`. */
function refusal(problem: SocketProblem): Error {
  return Object.assign(new Error(problem.message), { data: problem });
}

function answered(answer: unknown, reply: LogsSubscribed | SocketProblem): void {
  // Whoever sends what may leave the callback out, or send something else in its place.
  if (typeof answer === 'function') Reflect.apply(answer, undefined, [reply]);
}

/** Packets that the peer's network has not taken yet. */
function countHeld(connection: TelemetrySocket['conn']): () => number {
  let held = 0;
  connection.on('packetCreate', () => (held += 1));
  connection.on('flush', (packets: readonly unknown[]) => (held -= packets.length));
  return () => held;
}

/** How often somebody may change their tail. */
class Allowance {
  #left = CHANGES;
  #at = performance.now();

  take(): boolean {
    const now = performance.now();
    this.#left = Math.min(CHANGES, this.#left + (now - this.#at) / CHANGE_EVERY_MS);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
