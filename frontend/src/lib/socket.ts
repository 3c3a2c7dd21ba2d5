import { SOCKET_EVENTS, type MetricsNew } from '@telemetryflow/contracts';
import { watch, type Ref } from 'vue';
import { api } from './api.js';
import { createLogTail, type LogTail, type TailHandlers } from './log-tail.js';
import { useSession } from './session.js';
import {
  createConnection,
  type ConnectionOptions,
  type SocketState,
  type TelemetryConnection,
} from './telemetry-connection.js';

export interface TelemetrySocket {
  readonly state: Readonly<Ref<SocketState>>;
  /** Follows the logs that match, until the answer is called. One tail at a time: a new one ends the one before. */
  followLogs(filter: string, handlers: TailHandlers): () => void;
  /** Calls back when data points or spans came in (at most every ten seconds), until the answer is called. */
  onArrivals(event: 'metrics:new' | 'traces:new', listener: (message: MetricsNew) => void): () => void;
  /** Somebody else is here, or another tenant is looked at: connects anew if it is needed. */
  restart(): void;
}

/** The connection to `/telemetry`: made when something needs it, kept while it does. */
export function createTelemetrySocket(options: ConnectionOptions): TelemetrySocket {
  const arrivals = new Set<{ event: string; listener: (message: MetricsNew) => void }>();
  const connection: TelemetryConnection = createConnection(options, (socket) => {
    tail.listen(socket);
    for (const event of [SOCKET_EVENTS.metricsNew, SOCKET_EVENTS.tracesNew]) {
      socket.on(event, (message: MetricsNew) => {
        for (const entry of arrivals) if (entry.event === event) entry.listener(message);
      });
    }
  });
  const tail: LogTail = createLogTail(connection, settle);

  function settle(): void {
    if (tail.isFollowed || arrivals.size > 0) connection.open();
    else connection.close();
  }

  return {
    state: connection.state,
    followLogs: tail.follow,
    onArrivals(event, listener) {
      const entry = { event, listener };
      arrivals.add(entry);
      settle();
      return () => {
        arrivals.delete(entry);
        settle();
      };
    },
    restart() {
      connection.close();
      // The other tenant's second is not this one's.
      tail.startOver();
      settle();
    },
  };
}

let shared: TelemetrySocket | undefined;

/** The application's one socket. */
export function useTelemetrySocket(): TelemetrySocket {
  if (shared !== undefined) return shared;
  const socket = createTelemetrySocket({
    url: '',
    credentials: () => api.credentials(),
    // Any call does: it trades a spent token for a new one, and says so when the session has ended.
    renew: async () => void (await api.get('/auth/me')),
  });
  const session = useSession();
  watch([() => session.user?.id, () => session.tenantId], () => socket.restart(), { flush: 'sync' });
  shared = socket;
  return socket;
}
