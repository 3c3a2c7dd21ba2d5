import { OverloadedError } from './ingest-error.js';

/** What one owner may hold: whoever takes all they can get leaves room for others. */
const OWNER_SHARE = 3 / 4;

interface Waiter {
  readonly bytes: number;
  readonly owner: string | undefined;
  readonly onRoom: () => void;
}

/** Bounds the memory of all request bodies in flight, and of what they are decoded to, together. */
export class MemoryBudget {
  #usedBytes = 0;
  /** In the order they came: a large body is not starved by small ones. */
  readonly #waiters = new Set<Waiter>();
  readonly #ownerBytes = new Map<string, number>();
  readonly maxOwnerBytes: number;

  constructor(readonly maxBytes: number) {
    this.maxOwnerBytes = Math.floor(maxBytes * OWNER_SHARE);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Requests that wait for memory. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** A share that grows as a body comes in; release it when the body is no longer held. */
  lease(owner?: string): MemoryLease {
    return new MemoryLease(this, owner);
  }

  /** @throws OverloadedError when the budget, or the owner's part of it, is used up */
  take(bytes: number, owner?: string): void {
    if (!this.tryTake(bytes, owner)) throw new OverloadedError('Too many large requests at once', 1);
  }

  tryTake(bytes: number, owner?: string): boolean {
    if (this.#usedBytes + bytes > this.maxBytes) return false;
    if (owner !== undefined && !this.#hasPart(bytes, owner)) return false;
    this.force(bytes, owner);
    return true;
  }

  /**
   * Makes bytes that were taken for nobody the owner's.
   *
   * @throws OverloadedError when the owner's part is used up
   */
  assign(bytes: number, owner: string): void {
    if (!this.#hasPart(bytes, owner)) throw new OverloadedError('Too many large requests at once', 1);
    this.#ownerBytes.set(owner, (this.#ownerBytes.get(owner) ?? 0) + bytes);
  }

  #hasPart(bytes: number, owner: string): boolean {
    return (this.#ownerBytes.get(owner) ?? 0) + bytes <= this.maxOwnerBytes;
  }

  /** Counts memory that is held already, even beyond the limit: then nothing new comes in until it is given back. */
  force(bytes: number, owner?: string): void {
    this.#usedBytes += bytes;
    if (owner !== undefined) this.#ownerBytes.set(owner, (this.#ownerBytes.get(owner) ?? 0) + bytes);
  }

  giveBack(bytes: number, owner?: string): void {
    this.#usedBytes -= bytes;
    if (owner !== undefined) {
      const left = (this.#ownerBytes.get(owner) ?? 0) - bytes;
      if (left > 0) this.#ownerBytes.set(owner, left);
      else this.#ownerBytes.delete(owner);
    }
    for (const waiter of this.#waiters) {
      if (this.#usedBytes + waiter.bytes > this.maxBytes) return;
      // One whose part is used up does not hold up the others.
      if (!this.tryTake(waiter.bytes, waiter.owner)) continue;
      this.#waiters.delete(waiter);
      waiter.onRoom();
    }
  }

  /** Calls `onRoom` once the bytes were taken; the returned function gives up waiting. */
  takeLater(bytes: number, owner: string | undefined, onRoom: () => void): () => void {
    const waiter: Waiter = { bytes, owner, onRoom };
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}

/** What one request holds of the budget. */
export class MemoryLease {
  #bytes = 0;
  #giveUpWaiting: (() => void) | undefined;
  #released = false;

  constructor(
    private readonly budget: MemoryBudget,
    private owner: string | undefined,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * What is held, which was nobody's, is this owner's from now on. Not while it waits.
   *
   * @throws OverloadedError when the owner's part of the budget is used up; then it stays nobody's
   */
  assign(owner: string): void {
    this.budget.assign(this.#bytes, owner);
    this.owner = owner;
  }

  /** @throws OverloadedError when the budget, or the owner's part of it, is used up */
  grow(bytes: number): void {
    this.budget.take(bytes, this.owner);
    this.#bytes += bytes;
  }

  /**
   * Takes the bytes now (true), or waits for them (false) and calls `onRoom` when it has them. One wait at a time.
   *
   * @throws OverloadedError when they could never be had
   */
  growOrWait(bytes: number, onRoom: () => void): boolean {
    if (this.budget.tryTake(bytes, this.owner)) {
      this.#bytes += bytes;
      return true;
    }
    const { maxBytes, maxOwnerBytes } = this.budget;
    if (this.#bytes + bytes > (this.owner === undefined ? maxBytes : maxOwnerBytes))
      throw new OverloadedError('Too many large requests at once', 1);
    this.#giveUpWaiting = this.budget.takeLater(bytes, this.owner, () => {
      this.#giveUpWaiting = undefined;
      this.#bytes += bytes;
      onRoom();
    });
    return false;
  }

  /** Counts memory that is held already; never refuses. After {@link release} it does nothing. */
  force(bytes: number): void {
    if (this.#released) return;
    this.budget.force(bytes, this.owner);
    this.#bytes += bytes;
  }

  /** Gives everything back; may be called more than once. */
  release(): void {
    this.#released = true;
    this.#giveUpWaiting?.();
    this.#giveUpWaiting = undefined;
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (bytes > 0) this.budget.giveBack(bytes, this.owner);
  }
}
