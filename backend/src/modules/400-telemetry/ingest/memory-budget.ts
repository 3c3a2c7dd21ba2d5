import { OverloadedError } from './ingest-error.js';

interface Waiter {
  readonly bytes: number;
  readonly onRoom: () => void;
}

/** Bounds the memory of all request bodies in flight, and of what they are decoded to, together. */
export class MemoryBudget {
  #usedBytes = 0;
  /** In the order they came: a large body is not starved by small ones. */
  readonly #waiters = new Set<Waiter>();

  constructor(readonly maxBytes: number) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Requests that wait for memory. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** A share that grows as a body comes in; release it when the body is no longer held. */
  lease(): MemoryLease {
    return new MemoryLease(this);
  }

  /** @throws OverloadedError when the budget is used up */
  take(bytes: number): void {
    if (!this.tryTake(bytes)) throw new OverloadedError('Too many large requests at once', 1);
  }

  tryTake(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.maxBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  /** Counts memory that is held already, even beyond the limit: then nothing new comes in until it is given back. */
  force(bytes: number): void {
    this.#usedBytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
    for (const waiter of this.#waiters) {
      if (!this.tryTake(waiter.bytes)) return;
      this.#waiters.delete(waiter);
      waiter.onRoom();
    }
  }

  /** Calls `onRoom` once the bytes were taken; the returned function gives up waiting. */
  takeLater(bytes: number, onRoom: () => void): () => void {
    const waiter: Waiter = { bytes, onRoom };
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}

/** What one request holds of the budget. */
export class MemoryLease {
  #bytes = 0;
  #giveUpWaiting: (() => void) | undefined;
  #released = false;

  constructor(private readonly budget: MemoryBudget) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws OverloadedError when the budget is used up */
  grow(bytes: number): void {
    this.budget.take(bytes);
    this.#bytes += bytes;
  }

  /**
   * Takes the bytes now (true), or waits for them (false) and calls `onRoom` when it has them. One wait at a time.
   *
   * @throws OverloadedError when they could never be had
   */
  growOrWait(bytes: number, onRoom: () => void): boolean {
    if (this.budget.tryTake(bytes)) {
      this.#bytes += bytes;
      return true;
    }
    if (this.#bytes + bytes > this.budget.maxBytes) throw new OverloadedError('Too many large requests at once', 1);
    this.#giveUpWaiting = this.budget.takeLater(bytes, () => {
      this.#giveUpWaiting = undefined;
      this.#bytes += bytes;
      onRoom();
    });
    return false;
  }

  /** Counts memory that is held already; never refuses. After {@link release} it does nothing. */
  force(bytes: number): void {
    if (this.#released) return;
    this.budget.force(bytes);
    this.#bytes += bytes;
  }

  /** Gives everything back; may be called more than once. */
  release(): void {
    this.#released = true;
    this.#giveUpWaiting?.();
    this.#giveUpWaiting = undefined;
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (bytes > 0) this.budget.giveBack(bytes);
  }
}
