import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SocketHandshake, TELEMETRY_NAMESPACE } from '@telemetryflow/contracts';
import { decodeJwt } from 'jose';
import type { Logger } from 'pino';
import { ClusterEvents } from '../../../shared/messaging/index.js';
import {
  DomainError,
  LOGGER,
  newId,
  type PermissionDeniedError,
  RUNTIME,
  UnauthenticatedError,
  type RequestContext,
  type Runtime,
} from '../../../shared/platform/index.js';
import { Authenticator, DeniedRequests, ForeignPlaceError, type RequestOrigin } from '../../200-auth/index.js';
import type { TelemetrySocket } from './socket-server.js';

/** What happens on another node without a word is noticed after this, at the latest. */
const RECHECK_MS = 15_000;
/** Events come in crowds. */
const AFTER_EVENT_MS = 250;
/** After these somebody's session, permissions or place may be another. */
const EVENTS = ['session.*', 'user.*', 'role.*', 'group.*', 'tenant.*', 'workspace.*', 'organization.*', 'region.*'];
/** The socket as the trail names it. */
const SOCKET = { method: 'GET', route: TELEMETRY_NAMESPACE, path: '/socket.io/' } as const;
const CODES_OF_AWAY: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL']);

/** Lets sockets in with an access token, and ends them with it, with its session, and when the person's access changes. */
@Injectable()
export class SocketSessions implements OnModuleInit, OnModuleDestroy {
  readonly #sockets = new Map<TelemetrySocket, NodeJS.Timeout>();
  #interval: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly cluster: ClusterEvents,
    private readonly denied: DeniedRequests,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    for (const type of EVENTS) this.cluster.listen(type, () => this.#recheckSoon());
    this.#interval = setInterval(() => void this.#recheckAll(), RECHECK_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#soon);
    for (const timer of this.#sockets.values()) clearTimeout(timer);
  }

  /**
   * Who opens the socket.
   *
   * @throws UnauthenticatedError, DomainError as any request; NotFoundError for a tenant that is not in reach
   */
  async admit(socket: TelemetrySocket): Promise<void> {
    const handshake = SocketHandshake.safeParse(socket.handshake.auth);
    if (!handshake.success) throw new UnauthenticatedError();
    const { token } = handshake.data;
    try {
      socket.data = { token, context: await this.#contextOf(socket, token) };
    } catch (error) {
      if (error instanceof ForeignPlaceError) {
        const { actor, home, message } = error;
        await this.denied.note(
          { ...this.#originOf(socket), actor, ...home },
          { ...SOCKET, reason: 'place', detail: message },
        );
      }
      throw error;
    }
  }

  /** Has the trail hear that somebody asked the socket for what they may not have. */
  async deny({ data }: TelemetrySocket, { message }: PermissionDeniedError): Promise<void> {
    await this.denied.note(data.context, { ...SOCKET, reason: 'permission', detail: message });
  }

  /** Ends the socket when its token does. The client comes back with a new one, and resumes. */
  watch(socket: TelemetrySocket): void {
    const { exp = 0 } = decodeJwt(socket.data.token);
    const lifeMs = Math.max(0, exp * 1000 - Date.now());
    this.#sockets.set(socket, setTimeout(() => socket.disconnect(true), lifeMs).unref());
    socket.once('disconnect', () => {
      clearTimeout(this.#sockets.get(socket));
      this.#sockets.delete(socket);
    });
  }

  #contextOf(socket: TelemetrySocket, token: string): Promise<RequestContext> {
    const { tenantId } = SocketHandshake.parse(socket.handshake.auth);
    const headers = tenantId === undefined ? {} : { 'x-tenant-id': tenantId };
    return this.authenticator.verifyAccessToken(token, headers, this.#originOf(socket));
  }

  #originOf({ handshake }: TelemetrySocket): RequestOrigin {
    return {
      requestId: newId(),
      ip: this.#addressOf(handshake),
      userAgent: handshake.headers['user-agent'] ?? '',
    };
  }

  #addressOf({ address, headers }: TelemetrySocket['handshake']): string {
    const forwarded = headers['x-forwarded-for'];
    if (!this.runtime.config.TRUST_PROXY || typeof forwarded !== 'string') return address;
    return forwarded.split(',').at(-1)?.trim() ?? address;
  }

  #recheckSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#recheckAll();
    }, AFTER_EVENT_MS).unref();
  }

  async #recheckAll(): Promise<void> {
    await Promise.all([...this.#sockets.keys()].map((socket) => this.#recheck(socket)));
  }

  async #recheck(socket: TelemetrySocket): Promise<void> {
    const { token, context } = socket.data;
    try {
      const now = await this.#contextOf(socket, token);
      // Its rooms and its tail are what the person could see before.
      if (!isSame(now.permissions, context.permissions)) socket.disconnect(true);
    } catch (err) {
      if (err instanceof DomainError && !CODES_OF_AWAY.has(err.code)) socket.disconnect(true);
      else this.logger.warn({ err }, 'the session of a socket could not be looked at; it is tried again');
    }
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((permission) => other.has(permission));
}
