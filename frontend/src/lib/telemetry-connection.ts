import { TELEMETRY_NAMESPACE } from '@telemetryflow/contracts';
import type { Socket } from 'socket.io-client';
import { readonly, shallowRef, type Ref } from 'vue';

/**
 * `closed`: nobody needs it. `reconnecting`: lost or refused, and tried again by itself; what comes in meanwhile is sent when
 * it is back.
 */
export type SocketState = 'closed' | 'connecting' | 'open' | 'reconnecting';

export interface ConnectionOptions {
  /** Empty: the page's own origin. */
  readonly url: string;
  credentials(): { readonly token: string | null; readonly tenantId: string | null };
  /** After a refusal: makes the credentials good again, or throws. */
  renew(): Promise<void>;
  /** Wait before the first attempt after a refusal; it doubles up to ten seconds. */
  readonly retryMs?: number;
}

export interface TelemetryConnection {
  readonly state: Readonly<Ref<SocketState>>;
  /** Of the connection as it is now, lost for the moment or not. Null before it is made, and once it is closed. */
  readonly socket: Socket | null;
  /** Nothing, if it is open or about to be. */
  open(): void;
  close(): void;
}

const LONGEST_RETRY_MS = 10_000;

/**
 * A connection to `/telemetry` that comes back by itself, with new credentials where the old ones are refused.
 *
 * @param listen called with every socket that is made, before it is connected
 */
export function createConnection(
  { url, credentials, renew, retryMs = 500 }: ConnectionOptions,
  listen: (socket: Socket) => void,
): TelemetryConnection {
  const state = shallowRef<SocketState>('closed');
  let socket: Socket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** Rises when the connection is given up: what was begun for it before counts no more. */
  let generation = 0;

  async function connect(mine: number): Promise<void> {
    const opened = await unconnected(url, credentials);
    if (mine !== generation) return;
    socket = opened;
    opened.on('connect', () => {
      state.value = 'open';
      failures = 0;
    });
    opened.on('connect_error', () => lost(opened));
    opened.on('disconnect', (reason) => reason !== 'io client disconnect' && lost(opened));
    listen(opened);
    opened.connect();
  }

  function lost(of: Socket): void {
    if (of !== socket) return;
    state.value = 'reconnecting';
    // `active`: the client tries again by itself. Otherwise the server has said no, or has ended it.
    if (of.active) return;
    const waitMs = Math.min(retryMs * 2 ** failures++, LONGEST_RETRY_MS);
    clearTimeout(retry);
    retry = setTimeout(() => {
      void renew().then(
        () => of === socket && of.connect(),
        () => lost(of),
      );
    }, waitMs);
  }

  return {
    state: readonly(state),
    get socket() {
      return socket;
    },
    open() {
      if (state.value !== 'closed') return;
      state.value = 'connecting';
      void connect(generation);
    },
    close() {
      generation += 1;
      clearTimeout(retry);
      socket?.disconnect();
      socket = null;
      failures = 0;
      state.value = 'closed';
    },
  };
}

async function unconnected(url: string, credentials: ConnectionOptions['credentials']): Promise<Socket> {
  const { io } = await import('socket.io-client');
  return io(url + TELEMETRY_NAMESPACE, {
    autoConnect: false,
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    auth: (send) => {
      const { token, tenantId } = credentials();
      send({ token: token ?? '', ...(tenantId === null ? {} : { tenantId }) });
    },
  });
}
