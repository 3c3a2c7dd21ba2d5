/** Below this, an insert costs what any insert costs, however few rows it brings. */
const SMALL_BYTES = 1024 * 1024;
/** After a small insert the store rests this many times as long as it took: a trickle costs a fraction of a core. */
const REST_PER_INSERT = 4;
const LONGEST_REST_MS = 500;

/**
 * How soon the next small segment may follow the last one. Telemetry that trickles in waits a little, so that many small
 * requests share an insert; what comes alone after a pause, or comes by the megabyte, does not wait.
 */
export class SealPace {
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param onRested called when a segment that had to wait may be sealed */
  constructor(private readonly onRested: () => void) {}

  /** A segment has been inserted. */
  inserted(sizeBytes: number, tookMs: number): void {
    if (sizeBytes >= SMALL_BYTES) return;
    this.#restUntilMs = performance.now() + Math.min(LONGEST_REST_MS, REST_PER_INSERT * tookMs);
  }

  /** Whether a segment of this size may be sealed now; if not, `onRested` will be called. */
  maySeal(sizeBytes: number): boolean {
    const restMs = this.#restUntilMs - performance.now();
    if (restMs <= 0 || sizeBytes >= SMALL_BYTES) return true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.onRested();
    }, restMs);
    return false;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
