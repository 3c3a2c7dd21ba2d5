/** A screen's side of the socket `/telemetry`, over the real client. */
import {
  SOCKET_EVENTS,
  TELEMETRY_NAMESPACE,
  type LogsNew,
  type LogsSubscribed,
  type SocketProblem,
  type SubscribeLogs,
} from '@telemetryflow/contracts';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

export type { Socket };
type Auth = Record<string, unknown>;

/** The opened socket; rejects with what refused it. Reconnects only if `options` say so. */
export async function openSocket(
  url: string,
  auth: Auth,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<Socket> {
  const socket = io(`${url}${TELEMETRY_NAMESPACE}`, {
    auth,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
}

/** The code with which a handshake is refused; empty when it failed without one; 'accepted' when it is not. */
export async function refusalOf(
  url: string,
  auth: Auth,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<string> {
  try {
    (await openSocket(url, auth, options)).disconnect();
    return 'accepted';
  } catch (error) {
    const data: unknown = error instanceof Error && 'data' in error ? error.data : undefined;
    return typeof data === 'object' && data !== null && 'code' in data ? String(data.code) : '';
  }
}

export function subscribe(socket: Socket, request: unknown): Promise<LogsSubscribed | SocketProblem> {
  return socket.emitWithAck(SOCKET_EVENTS.subscribeLogs, request);
}

/** What a live tail received. */
export class Tail {
  readonly batches: LogsNew[] = [];
  #resume = '';

  private constructor(readonly socket: Socket) {}

  /** @param shows whether it says of each batch that it was shown */
  static async follow(socket: Socket, request: Partial<SubscribeLogs>, shows = true): Promise<Tail> {
    const tail = new Tail(socket);
    socket.on(SOCKET_EVENTS.logsNew, (batch: LogsNew) => {
      tail.batches.push(batch);
      if (shows) tail.shown();
    });
    const answer = await subscribe(socket, request);
    if (!answer.ok) throw new Error(answer.message);
    tail.#resume = answer.resume;
    return tail;
  }

  shown(): void {
    this.socket.emit(SOCKET_EVENTS.logsShown);
  }

  get bodies(): unknown[] {
    return this.batches.flatMap(({ logs }) => logs.map(({ body }) => body));
  }
  get resume(): string {
    return this.batches.at(-1)?.resume ?? this.#resume;
  }
  get count(): number {
    return this.batches.reduce((sum, { count }) => sum + count, 0);
  }
  get dropped(): number {
    return this.batches.reduce((sum, { dropped }) => sum + dropped, 0);
  }
}
