import type { LogsNew } from '@telemetryflow/contracts';

/** Batches that are sent before the first of them was shown. */
export const MAX_UNSHOWN = 3;

/**
 * One client of a tail. Before it has begun, the first few batches are held for it. While it is behind it gets nothing but,
 * later, the count of what it missed: nothing is queued for it.
 */
export class TailMember {
  #held: LogsNew[] | undefined = [];
  /** Records of the time before it began. */
  #known: ReadonlySet<string> = new Set();
  #unshown = 0;
  #missed = 0;
  #resume = '';

  /**
   * @param send hands a batch to the connection
   * @param isClogged whether the connection still holds what was sent before
   */
  constructor(
    private readonly send: (batch: LogsNew) => void,
    private readonly isClogged: () => boolean,
  ) {}

  /** From now on batches are sent; first `missed`, read after this member had joined its tail. */
  begin(missed?: LogsNew): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (missed !== undefined && missed.count > 0) {
      this.#known = new Set(missed.logs.map(({ id }) => id));
      this.#send(missed);
    }
    for (const batch of held) this.offer(batch);
  }

  /** How many records were left out for this client by this batch. */
  offer(batch: LogsNew): number {
    if (this.#held !== undefined) {
      // No more of them could be sent before one was shown, however long the reading of what was missed takes.
      if (this.#held.length >= MAX_UNSHOWN) return this.#miss(batch);
      this.#held.push(batch);
      return 0;
    }
    this.#resume = batch.resume;
    if (this.#unshown >= MAX_UNSHOWN || this.isClogged()) return this.#miss(batch);
    const logs = this.#known.size === 0 ? batch.logs : batch.logs.filter(({ id }) => !this.#known.has(id));
    const count = batch.count - (batch.logs.length - logs.length);
    if (count > 0) this.#send({ ...batch, logs, count });
    return batch.dropped;
  }

  /** The client has shown a batch. */
  shown(): void {
    this.#unshown = Math.max(0, this.#unshown - 1);
    if (this.#missed > 0 && !this.isClogged()) this.#send({ logs: [], count: 0, dropped: 0, resume: this.#resume });
  }

  #miss({ count }: LogsNew): number {
    this.#missed += count;
    return count;
  }

  #send({ logs, count, dropped, resume }: LogsNew): void {
    const missed = this.#missed;
    this.#missed = 0;
    this.#unshown += 1;
    this.send({ logs, count: count + missed, dropped: dropped + missed, resume });
  }
}
