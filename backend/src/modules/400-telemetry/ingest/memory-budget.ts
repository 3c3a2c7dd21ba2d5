import { OverloadedError } from './ingest-error.js';

/** Bounds the memory of all request bodies in flight together. */
export class MemoryBudget {
  #usedBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A share that grows as a body comes in; release it when the body is no longer held. */
  lease(): MemoryLease {
    return new MemoryLease(this);
  }

  /** @throws OverloadedError when the budget is used up */
  take(bytes: number): void {
    if (this.#usedBytes + bytes > this.maxBytes) throw new OverloadedError('Too many large requests at once', 1);
    this.#usedBytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

export class MemoryLease {
  #bytes = 0;

  constructor(private readonly budget: MemoryBudget) {}

  /** @throws OverloadedError when the budget is used up */
  grow(bytes: number): void {
    this.budget.take(bytes);
    this.#bytes += bytes;
  }

  /** Gives everything back; may be called more than once. */
  release(): void {
    this.budget.giveBack(this.#bytes);
    this.#bytes = 0;
  }
}
