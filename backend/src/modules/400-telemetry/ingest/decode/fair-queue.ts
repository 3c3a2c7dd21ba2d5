/** Taken items are let go by so many: one by one would move all others each time. */
const FORGET_EVERY = 1000;

interface Lane<T> {
  items: T[];
  /** What is before it has been taken. */
  head: number;
}

/** A queue that serves those who wait in it by turns: one who brings much waits behind their own, not others behind it. */
export class FairQueue<T> {
  /** Whose turn is next comes first. */
  readonly #lanes = new Map<string, Lane<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(owner: string, item: T): void {
    const lane = this.#lanes.get(owner);
    if (lane === undefined) this.#lanes.set(owner, { items: [item], head: 0 });
    else lane.items.push(item);
    this.#size += 1;
  }

  /** The oldest item of the owner whose turn it is. */
  shift(): T | undefined {
    for (const [owner, lane] of this.#lanes) {
      this.#lanes.delete(owner);
      const item = lane.items[lane.head];
      lane.head += 1;
      this.#size -= 1;
      if (lane.head < lane.items.length) {
        if (lane.head >= FORGET_EVERY) {
          lane.items.splice(0, lane.head);
          lane.head = 0;
        }
        this.#lanes.set(owner, lane);
      }
      return item;
    }
    return undefined;
  }
}
