import {
  SOCKET_EVENTS,
  type LogRecord,
  type LogsNew,
  type LogsSubscribed,
  type SocketProblem,
} from '@telemetryflow/contracts';
import type { Socket } from 'socket.io-client';
import type { TelemetryConnection } from './telemetry-connection.js';

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

export interface LogTail {
  readonly isFollowed: boolean;
  /** Follows the logs that match, until the answer is called. A new one ends the one before. */
  follow(filter: string, handlers: TailHandlers): () => void;
  /** Subscribes whenever this socket connects. */
  listen(socket: Socket): void;
  /** The next connection begins with what is new then, not where this one was. */
  startOver(): void;
}

interface Followed {
  readonly filter: string;
  readonly handlers: TailHandlers;
  resume: string | undefined;
  /** The server has agreed: batches that come before are of the tail before. */
  isAgreed: boolean;
  /** Ids shown lately: a resumed tail begins a little before where it was. */
  readonly seen: Set<string>;
}

const SEEN = 5_000;
const RETRY_MS = 5_000;
/** Refusals of a filter that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'RATE_LIMIT_EXCEEDED']);

/**
 * Follows logs over a connection, one filter at a time, and resumes where it was when the connection is back.
 *
 * @param onChange called when it begins or ends to be followed
 */
export function createLogTail(connection: TelemetryConnection, onChange: () => void): LogTail {
  let followed: Followed | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const isCurrent = (of: Followed, on: Socket) => of === followed && on === connection.socket;

  function end(): void {
    clearTimeout(retry);
    followed = null;
    onChange();
  }

  function subscribe(): void {
    clearTimeout(retry);
    const [current, to] = [followed, connection.socket];
    if (current === null || to?.connected !== true) return;
    current.isAgreed = false;
    const request = { filter: current.filter, ...(current.resume === undefined ? {} : { resume: current.resume }) };
    to.emit(SOCKET_EVENTS.subscribeLogs, request, (answer: LogsSubscribed | SocketProblem) => {
      if (!isCurrent(current, to)) return;
      if (answer.ok) {
        current.isAgreed = true;
        current.resume ??= answer.resume;
      } else if (PASSING.has(answer.code)) {
        retry = setTimeout(subscribe, RETRY_MS);
      } else {
        end();
        current.handlers.onProblem(answer);
      }
    });
  }

  async function take(from: Socket, batch: LogsNew): Promise<void> {
    const current = followed;
    if (current?.isAgreed !== true || from !== connection.socket) return;
    try {
      await receive(current, batch);
    } finally {
      if (isCurrent(current, from)) from.emit(SOCKET_EVENTS.logsShown);
    }
  }

  return {
    get isFollowed() {
      return followed !== null;
    },
    follow(filter, handlers) {
      const mine: Followed = { filter, handlers, resume: undefined, isAgreed: false, seen: new Set() };
      followed = mine;
      subscribe();
      onChange();
      return () => {
        if (followed !== mine) return;
        if (connection.socket?.connected === true) connection.socket.emit(SOCKET_EVENTS.unsubscribeLogs);
        end();
      };
    },
    listen(socket) {
      socket.on('connect', subscribe);
      socket.on(SOCKET_EVENTS.logsNew, (batch: LogsNew) => void take(socket, batch));
    },
    startOver() {
      if (followed !== null) followed.resume = undefined;
    },
  };
}

/** Hands on what is new in a batch, and remembers how far the tail has come. */
async function receive(tail: Followed, batch: LogsNew): Promise<void> {
  tail.resume = batch.resume;
  const logs = batch.logs.filter(({ id }) => !tail.seen.has(id));
  remember(tail.seen, logs);
  const count = batch.count - (batch.logs.length - logs.length);
  if (count > 0) await tail.handlers.onLogs({ logs, count, dropped: batch.dropped });
}

function remember(seen: Set<string>, logs: readonly LogRecord[]): void {
  for (const { id } of logs) seen.add(id);
  for (const id of seen) {
    if (seen.size <= SEEN) return;
    seen.delete(id);
  }
}
