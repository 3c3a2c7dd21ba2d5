/** What a limit says to one who asks. */
export interface RateState {
  readonly limit: number;
  /** How many more may come now. */
  readonly remaining: number;
  /** Milliseconds until `remaining` grows; 0 when it is whole. */
  readonly resetMs: number;
}

export interface SlidingWindowsOptions {
  readonly windowMs: number;
  /** Beyond it idle windows are forgotten, or else old ones. */
  readonly maxKeys: number;
  /** Monotonic milliseconds; a test may bring its own. */
  readonly now?: () => number;
}

interface Window {
  /** Number of the slot that was counted in last. */
  slot: number;
  total: number;
  /** A ring: slot n is at n modulo its length. */
  readonly counts: Uint32Array;
}

/** A window is counted in so many slots; the one that it cuts counts whole, so a wait is at most a slot too long. */
const SLOTS_PER_WINDOW = 60;
const RING = SLOTS_PER_WINDOW + 1;
const EVICTION_TRIES = 8;

/**
 * Counts per key what came within the last `windowMs`, at any moment and not only between fixed marks: there is no stretch
 * of that length, wherever it begins, in which more than the limit was taken. Constant time and space per key; the clock is
 * monotonic.
 */
export class SlidingWindows {
  readonly #windows = new Map<string, Window>();
  readonly #options: SlidingWindowsOptions;
  readonly #slotMs: number;
  readonly #now: () => number;

  constructor(options: SlidingWindowsOptions) {
    this.#options = options;
    this.#slotMs = options.windowMs / SLOTS_PER_WINDOW;
    this.#now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.#windows.size;
  }

  /** How things stand; counts nothing. */
  state(key: string, limit: number): RateState {
    const now = this.#now();
    const window = this.#windows.get(key);
    if (window === undefined) return { limit, remaining: limit, resetMs: 0 };
    this.#advance(window, Math.floor(now / this.#slotMs));
    return { limit, remaining: Math.max(0, limit - window.total), resetMs: this.#resetMs(window, now) };
  }

  /** Counts one. Ask {@link state} before. */
  count(key: string): void {
    const slot = Math.floor(this.#now() / this.#slotMs);
    let window = this.#windows.get(key);
    if (window === undefined) {
      if (this.#windows.size >= this.#options.maxKeys) this.#forgetOne(slot);
      window = { slot, total: 0, counts: new Uint32Array(RING) };
      this.#windows.set(key, window);
    }
    this.#advance(window, slot);
    const at = window.slot % RING;
    window.counts[at] = (window.counts[at] ?? 0) + 1;
    window.total += 1;
  }

  /** Empties the slots that left the window since it was last looked at. */
  #advance(window: Window, slot: number): void {
    if (slot - window.slot >= RING) {
      window.counts.fill(0);
      window.total = 0;
    } else {
      for (let next = window.slot + 1; next <= slot; next += 1) {
        window.total -= window.counts[next % RING] ?? 0;
        window.counts[next % RING] = 0;
      }
    }
    if (slot > window.slot) window.slot = slot;
  }

  /** Milliseconds until the oldest slot that counted something leaves the window. */
  #resetMs(window: Window, now: number): number {
    if (window.total === 0) return 0;
    let oldest = Math.max(0, window.slot - SLOTS_PER_WINDOW);
    while (window.counts[oldest % RING] === 0) oldest += 1;
    return (oldest + RING) * this.#slotMs - now;
  }

  /** An idle window if one is soon found; otherwise one of the oldest, which then begins anew. */
  #forgetOne(slot: number): void {
    let tries = 0;
    for (const [key, window] of this.#windows) {
      this.#windows.delete(key);
      if (slot - window.slot >= RING || (tries += 1) === EVICTION_TRIES) return;
      // Behind the others, so that the next search looks elsewhere.
      this.#windows.set(key, window);
    }
  }
}
