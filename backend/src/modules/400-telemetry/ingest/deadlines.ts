const TICK_MS = 200;

/** A moment by which something has to be over. */
export class Deadline {
  constructor(
    private readonly all: Set<Deadline>,
    /** As `performance.now()` counts. */
    readonly atMs: number,
    readonly onOver: () => void,
  ) {
    all.add(this);
  }

  clear(): void {
    this.all.delete(this);
  }
}

/**
 * Deadlines of many requests behind one timer: one that passes is noticed within 200 ms. Thousands of requests a second
 * then cost an entry in a set each instead of a timer.
 */
export class Deadlines {
  readonly #all = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  /** `onOver` is called once, unless the deadline is cleared before. */
  after(ms: number, onOver: () => void): Deadline {
    this.#timer ??= setInterval(() => this.#sweep(), TICK_MS).unref();
    return new Deadline(this.#all, performance.now() + ms, onOver);
  }

  #sweep(): void {
    if (this.#all.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    for (const deadline of this.#all) {
      if (deadline.atMs > now) continue;
      deadline.clear();
      deadline.onOver();
    }
  }
}
