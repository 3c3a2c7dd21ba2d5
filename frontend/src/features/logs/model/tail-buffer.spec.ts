import type { LogRecord } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { emptyTail, rateOf, received, resumed, TAIL_ROWS } from './tail-buffer.js';

const logs = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: String(from + i) }) as LogRecord);
const ids = (records: readonly LogRecord[]) => [records[0]?.id, records.at(-1)?.id, records.length];

describe('the tail', () => {
  it('shows what comes, and forgets the oldest', () => {
    let tail = received(emptyTail, { logs: logs(0, TAIL_ROWS - 1), dropped: 2 }, false);
    tail = received(tail, { logs: logs(TAIL_ROWS - 1, 10), dropped: 3 }, false);
    expect(ids(tail.shown)).toEqual(['9', String(TAIL_ROWS + 8), TAIL_ROWS]);
    expect(tail).toMatchObject({ waiting: [], dropped: 5 });
  });

  it('stands still while paused, and counts what there is no room for', () => {
    const running = received(emptyTail, { logs: logs(0, 3), dropped: 0 }, false);
    const paused = received(running, { logs: logs(3, TAIL_ROWS + 7), dropped: 1 }, true);
    expect(paused.shown).toBe(running.shown);
    expect(paused.waiting).toHaveLength(TAIL_ROWS);
    expect(paused.dropped).toBe(8);
    const tail = resumed(paused);
    expect(ids(tail.shown)).toEqual(['10', String(TAIL_ROWS + 9), TAIL_ROWS]);
    expect(tail.waiting).toEqual([]);
  });

  it('knows its rate', () => {
    const arrivals = [
      { atMs: 1000, count: 500 },
      { atMs: 6000, count: 20 },
      { atMs: 9000, count: 30 },
    ];
    expect(rateOf(arrivals, 10_000, 5000)).toBe(10);
    expect(rateOf([], 10_000, 5000)).toBe(0);
  });
});
