/** Threads that number at the same time without meeting: the low bits of an id are its thread's. */
const THREADS = 16;
const TWO_32 = 4294967296;

/**
 * The ids of log records, which order records of the same nanosecond and name one record within its tenant.
 *
 * One counter per thread, started from the clock with room for 256 records per millisecond and thread, so that it also
 * rises over restarts.
 */
export class RecordIds {
  /** The next id, in halves. */
  lo: number;
  hi: number;

  /** @param thread the thread's number, as node:worker_threads has it */
  constructor(nowMs: number, thread: number) {
    const first = nowMs * 256 * THREADS + (thread % THREADS);
    this.lo = first | 0;
    this.hi = Math.floor(first / TWO_32);
  }

  advance(): void {
    this.lo = (this.lo + THREADS) | 0;
    if (this.lo >= 0 && this.lo < THREADS) this.hi++;
  }
}
