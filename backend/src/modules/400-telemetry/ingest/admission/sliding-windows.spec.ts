import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindows } from './sliding-windows.js';

const WINDOW_MS = 60_000;
const SLOT_MS = 1_000;

function windowsAt(clock: { now: number }, maxKeys = 100) {
  const windows = new SlidingWindows({ windowMs: WINDOW_MS, maxKeys, now: () => clock.now });
  /** As admission does it: ask, and count what is let in. */
  const take = (key: string, limit: number) => {
    const state = windows.state(key, limit);
    if (state.remaining > 0) windows.count(key);
    return state;
  };
  return { windows, take };
}

/** Pauses between requests: bursts, trickles and long silences. */
const pauses = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    fc.integer({ min: 1, max: 900 }),
    fc.integer({ min: 900, max: 70_000 }),
  ),
  { minLength: 1, maxLength: 400 },
);
const limits = fc.integer({ min: 1, max: 40 });
const starts = fc.integer({ min: 0, max: 10_000_000 });

describe('a sliding window', () => {
  it('lets no more than the limit through in any stretch of its length', () => {
    fc.assert(
      fc.property(limits, starts, pauses, (limit, now, waits) => {
        const clock = { now };
        const { take } = windowsAt(clock);
        const taken: number[] = [];
        for (const wait of waits) {
          clock.now += wait;
          if (take('k', limit).remaining > 0) taken.push(clock.now);
        }
        for (let i = limit; i < taken.length; i += 1) {
          expect(taken[i]! - taken[i - limit]!).toBeGreaterThanOrEqual(WINDOW_MS);
        }
      }),
    );
  });

  it('starves nobody: what it refuses now, it takes after the wait that it names, and not before', () => {
    fc.assert(
      fc.property(limits, starts, pauses, (limit, now, waits) => {
        const clock = { now };
        const { windows, take } = windowsAt(clock);
        for (const wait of waits) {
          clock.now += wait;
          const { remaining, resetMs } = take('k', limit);
          if (remaining > 0) continue;
          expect(resetMs).toBeGreaterThan(0);
          expect(resetMs).toBeLessThanOrEqual(WINDOW_MS + SLOT_MS);
          clock.now += resetMs - 0.5;
          expect(windows.state('k', limit).remaining).toBe(0);
          clock.now += 0.5;
          expect(take('k', limit).remaining).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('says exactly what remains', () => {
    fc.assert(
      fc.property(limits, starts, pauses, (limit, now, waits) => {
        const clock = { now };
        const { take } = windowsAt(clock);
        const slots: number[] = [];
        for (const wait of waits) {
          clock.now += wait;
          const slot = Math.floor(clock.now / SLOT_MS);
          const counted = slots.filter((at) => at >= slot - WINDOW_MS / SLOT_MS).length;
          const { remaining } = take('k', limit);
          expect(remaining).toBe(limit - counted);
          if (remaining > 0) slots.push(slot);
        }
      }),
    );
  });

  it('is whole again after a window of silence', () => {
    const clock = { now: 5_500 };
    const { windows, take } = windowsAt(clock);
    for (let i = 0; i < 10; i += 1) take('k', 10);
    clock.now += WINDOW_MS + SLOT_MS;
    expect(windows.state('k', 10)).toEqual({ limit: 10, remaining: 10, resetMs: 0 });
  });

  it('counts each key for itself', () => {
    const { windows, take } = windowsAt({ now: 0 });
    take('a', 1);
    expect(windows.state('a', 1).remaining).toBe(0);
    expect(windows.state('b', 1).remaining).toBe(1);
  });

  it('forgets idle keys first, and any rather than grow without bound', () => {
    const clock = { now: 0 };
    const { windows, take } = windowsAt(clock, 20);
    for (let i = 0; i < 20; i += 1) take(`idle ${i}`, 5);
    clock.now += 2 * WINDOW_MS;
    for (let i = 0; i < 20; i += 1) take(`busy ${i}`, 5);
    for (let i = 0; i < 20; i += 1) expect(windows.state(`busy ${i}`, 5).remaining).toBe(4);
    for (let i = 0; i < 1_000; i += 1) take(`flood ${i}`, 5);
    expect(windows.size).toBe(20);
  });
});
