/**
 * Rows carry the second at which their insert began and become visible when it ends: for so long a second that has passed
 * may still gain rows.
 */
export const SETTLING_SECONDS = 10;

/** How many matching records the store took in, by second of its clock. */
export interface ArrivalCounts {
  /** The store's clock. */
  readonly second: number;
  readonly seconds: readonly number[];
  readonly records: readonly number[];
}

/**
 * How far a tail has come. The seconds that may still gain rows are asked for again every time; what of them was counted and
 * sent before is remembered here, and nothing older.
 */
export class TailPosition {
  #start: number;
  #second: number;
  readonly #counted = new Map<number, number>();
  readonly #sent = new Map<string, number>();

  /** @param start second of the store's clock at which the tail begins */
  constructor(start: number) {
    this.#start = start;
    this.#second = start;
  }

  /** The store's clock when it was asked last. */
  get second(): number {
    return this.#second;
  }

  /** The first second to ask for. */
  get from(): number {
    return Math.max(this.#start, this.#second - SETTLING_SECONDS);
  }

  /** Records sent that an answer may hold again. */
  get sentIds(): string[] {
    return [...this.#sent.keys()];
  }

  /** Takes in an answer; how many of its records were not there before. */
  count({ second, seconds, records }: ArrivalCounts): number {
    // A clock that was set back counts its seconds anew.
    if (second < this.#second) this.#start = Math.min(this.#start, second);
    let fresh = 0;
    seconds.forEach((at, index) => {
      const now = records[index] ?? 0;
      fresh += Math.max(0, now - (this.#counted.get(at) ?? 0));
      this.#counted.set(at, now);
    });
    this.#second = second;
    for (const at of this.#counted.keys()) if (at < this.from) this.#counted.delete(at);
    for (const [id, at] of this.#sent) if (at < this.from) this.#sent.delete(id);
    return fresh;
  }

  /** Remembers a record that was sent, and the second at which the store took it in. */
  markSent(id: string, second: number): void {
    this.#sent.set(id, second);
  }
}
