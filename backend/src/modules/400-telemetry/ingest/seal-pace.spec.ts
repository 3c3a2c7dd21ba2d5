import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SealPace } from './seal-pace.js';

const SMALL = 10_000;
const LARGE = 4 * 1024 * 1024;

describe('the pace of sealing', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('lets the first segment after a pause go at once', () => {
    expect(new SealPace(() => {}).maySeal(SMALL)).toBe(true);
  });

  it('lets small segments follow a small one after four times its insert, and says when', () => {
    const onRested = vi.fn<() => void>();
    const pace = new SealPace(onRested);
    pace.inserted(SMALL, 50);
    expect(pace.maySeal(SMALL)).toBe(false);
    vi.advanceTimersByTime(199);
    expect(pace.maySeal(SMALL)).toBe(false);
    expect(onRested).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(onRested).toHaveBeenCalledTimes(1);
    expect(pace.maySeal(SMALL)).toBe(true);
  });

  it('never makes them wait for more than half a second', () => {
    const pace = new SealPace(() => {});
    pace.inserted(SMALL, 60_000);
    vi.advanceTimersByTime(501);
    expect(pace.maySeal(SMALL)).toBe(true);
  });

  it('holds up neither large segments nor what follows them', () => {
    const pace = new SealPace(() => {});
    pace.inserted(SMALL, 50);
    expect(pace.maySeal(LARGE)).toBe(true);
    vi.advanceTimersByTime(1000);
    pace.inserted(LARGE, 900);
    expect(pace.maySeal(SMALL)).toBe(true);
  });

  it('says nothing after it was stopped', () => {
    const onRested = vi.fn<() => void>();
    const pace = new SealPace(onRested);
    pace.inserted(SMALL, 50);
    pace.maySeal(SMALL);
    pace.stop();
    vi.advanceTimersByTime(1000);
    expect(onRested).not.toHaveBeenCalled();
  });
});
