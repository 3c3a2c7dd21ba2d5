import {
  SOCKET_EVENTS,
  TELEMETRY_NAMESPACE,
  type LogRecord,
  type LogsNew,
  type LogsSubscribed,
  type MetricsNew,
  type SocketProblem,
} from '@telemetryflow/contracts';
import type { Socket } from 'socket.io-client';
import { readonly, shallowRef, watch, type Ref } from 'vue';
import { api } from './api.js';
import { useSession } from './session.js';

/**
 * `closed`: nobody needs it. `reconnecting`: lost or refused, and tried again by itself; what comes in meanwhile is sent when
 * it is back.
 */
export type SocketState = 'closed' | 'connecting' | 'open' | 'reconnecting';

export interface TailBatch {
  /** Oldest first; none comes twice. */
  readonly logs: readonly LogRecord[];
  /** Records that matched since the batch before, those left out included. */
  readonly count: number;
  /** Records that were left out: too many for the rate, or this page was too slow. */
  readonly dropped: number;
}

export interface TailHandlers {
  /** The next batches wait until it is done; while it takes long, the server leaves records out and counts them. */
  onLogs(batch: TailBatch): void | Promise<void>;
  /** The server does not follow this filter: a syntax error, no permission. */
  onProblem(problem: SocketProblem): void;
}

export interface TelemetrySocket {
  readonly state: Readonly<Ref<SocketState>>;
  /** Follows the logs that match, until the answer is called. One tail at a time: a new one ends the one before. */
  followLogs(filter: string, handlers: TailHandlers): () => void;
  /** Calls back when data points or spans came in (at most every ten seconds), until the answer is called. */
  onArrivals(event: 'metrics:new' | 'traces:new', listener: (message: MetricsNew) => void): () => void;
  /** Somebody else is here, or another tenant is looked at: connects anew if it is needed. */
  restart(): void;
}

export interface SocketOptions {
  /** Empty: the page's own origin. */
  readonly url: string;
  credentials(): { readonly token: string | null; readonly tenantId: string | null };
  /** After a refusal: makes the credentials good again, or throws. */
  renew(): Promise<void>;
  /** Wait before the first attempt after a refusal; it doubles up to ten seconds. */
  readonly retryMs?: number;
}

interface Tail {
  readonly filter: string;
  readonly handlers: TailHandlers;
  resume: string | undefined;
  /** The server has agreed: batches that come before are of the tail before. */
  isAgreed: boolean;
  /** Ids shown lately: a resumed tail begins a little before where it was. */
  readonly seen: Set<string>;
}

const SEEN = 5_000;
const LONGEST_RETRY_MS = 10_000;
/** Refusals of a filter that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'RATE_LIMIT_EXCEEDED']);

/** The connection to `/telemetry`: made when something needs it, kept while it does. */
export function createTelemetrySocket({ url, credentials, renew, retryMs = 500 }: SocketOptions): TelemetrySocket {
  const state = shallowRef<SocketState>('closed');
  const arrivals = new Set<{ event: string; listener: (message: MetricsNew) => void }>();
  let socket: Socket | null = null;
  let tail: Tail | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** Rises when the connection is given up: what was begun for it before counts no more. */
  let generation = 0;

  const isNeeded = () => tail !== null || arrivals.size > 0;

  function settle(): void {
    if (!isNeeded()) return close();
    if (state.value !== 'closed') return;
    state.value = 'connecting';
    void connect(generation);
  }

  function close(): void {
    generation += 1;
    clearTimeout(retry);
    socket?.disconnect();
    socket = null;
    failures = 0;
    state.value = 'closed';
  }

  async function connect(mine: number): Promise<void> {
    const { io } = await import('socket.io-client');
    if (mine !== generation) return;
    const opened = io(url + TELEMETRY_NAMESPACE, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      auth: (send) => {
        const { token, tenantId } = credentials();
        send({ token: token ?? '', ...(tenantId === null ? {} : { tenantId }) });
      },
    });
    socket = opened;
    opened.on('connect', () => {
      state.value = 'open';
      failures = 0;
      subscribe();
    });
    opened.on('connect_error', () => lost(opened));
    opened.on('disconnect', (reason) => reason !== 'io client disconnect' && lost(opened));
    opened.on(SOCKET_EVENTS.logsNew, (batch: LogsNew) => void take(opened, batch));
    for (const event of [SOCKET_EVENTS.metricsNew, SOCKET_EVENTS.tracesNew]) {
      opened.on(event, (message: MetricsNew) => {
        for (const entry of arrivals) if (entry.event === event) entry.listener(message);
      });
    }
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

  function subscribe(): void {
    const [current, to] = [tail, socket];
    if (current === null || to?.connected !== true) return;
    current.isAgreed = false;
    const request = { filter: current.filter, ...(current.resume === undefined ? {} : { resume: current.resume }) };
    to.emit(SOCKET_EVENTS.subscribeLogs, request, (answer: LogsSubscribed | SocketProblem) => {
      if (current !== tail || to !== socket) return;
      if (answer.ok) {
        current.isAgreed = true;
        current.resume ??= answer.resume;
      } else if (PASSING.has(answer.code)) {
        clearTimeout(retry);
        retry = setTimeout(subscribe, LONGEST_RETRY_MS / 2);
      } else {
        tail = null;
        settle();
        current.handlers.onProblem(answer);
      }
    });
  }

  async function take(from: Socket, batch: LogsNew): Promise<void> {
    const current = tail;
    if (current?.isAgreed !== true || from !== socket) return;
    current.resume = batch.resume;
    const logs = batch.logs.filter(({ id }) => !current.seen.has(id));
    remember(current.seen, logs);
    const count = batch.count - (batch.logs.length - logs.length);
    try {
      if (count > 0) await current.handlers.onLogs({ logs, count, dropped: batch.dropped });
    } finally {
      if (current === tail && from === socket) from.emit(SOCKET_EVENTS.logsShown);
    }
  }

  return {
    state: readonly(state),
    followLogs(filter, handlers) {
      const mine: Tail = { filter, handlers, resume: undefined, isAgreed: false, seen: new Set() };
      tail = mine;
      if (state.value === 'open') subscribe();
      else settle();
      return () => {
        if (tail !== mine) return;
        tail = null;
        if (socket?.connected === true) socket.emit(SOCKET_EVENTS.unsubscribeLogs);
        settle();
      };
    },
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
      close();
      // The other tenant's second is not this one's.
      if (tail !== null) tail.resume = undefined;
      settle();
    },
  };
}

function remember(seen: Set<string>, logs: readonly LogRecord[]): void {
  for (const { id } of logs) seen.add(id);
  for (const id of seen) {
    if (seen.size <= SEEN) return;
    seen.delete(id);
  }
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
