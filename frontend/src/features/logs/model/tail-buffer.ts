import type { LogRecord } from '@telemetryflow/contracts';

/** Records on screen, and those that wait while nobody wants the screen to move. */
export interface TailBuffer {
  /** Oldest first. */
  readonly shown: readonly LogRecord[];
  readonly waiting: readonly LogRecord[];
  /** Records that came and were left out since the beginning, here or at the server. */
  readonly dropped: number;
}

/** Records that are kept on screen, and as many again that wait. */
export const TAIL_ROWS = 5_000;

export const emptyTail: TailBuffer = { shown: [], waiting: [], dropped: 0 };

/** What is there after a batch: on screen, or waiting behind a screen that stands still. Bounded in both places. */
export function received(
  buffer: TailBuffer,
  batch: { readonly logs: readonly LogRecord[]; readonly dropped: number },
  isPaused: boolean,
): TailBuffer {
  const dropped = buffer.dropped + batch.dropped;
  if (!isPaused) return { ...buffer, shown: [...buffer.shown, ...batch.logs].slice(-TAIL_ROWS), dropped };
  const waiting = [...buffer.waiting, ...batch.logs];
  const over = Math.max(0, waiting.length - TAIL_ROWS);
  return { ...buffer, waiting: waiting.slice(over), dropped: dropped + over };
}

/** What waited comes on screen. */
export function resumed({ shown, waiting, dropped }: TailBuffer): TailBuffer {
  return { shown: [...shown, ...waiting].slice(-TAIL_ROWS), waiting: [], dropped };
}

/** Records a second over the last `windowMs`. */
export function rateOf(
  arrivals: readonly { readonly atMs: number; readonly count: number }[],
  nowMs: number,
  windowMs: number,
): number {
  const sum = arrivals.reduce((total, { atMs, count }) => (nowMs - atMs < windowMs ? total + count : total), 0);
  return sum / (windowMs / 1000);
}
