/** A growing list of pairs of offsets into the body; reused, so that no item allocates. */
export class RangeList {
  count = 0;
  private pairs = new Int32Array(32);

  clear(): void {
    this.count = 0;
  }

  push(start: number, end: number): void {
    const at = this.count * 2;
    if (at === this.pairs.length) {
      const pairs = new Int32Array(this.pairs.length * 2);
      pairs.set(this.pairs);
      this.pairs = pairs;
    }
    this.pairs[at] = start;
    this.pairs[at + 1] = end;
    this.count++;
  }

  start(index: number): number {
    return this.pairs[index * 2];
  }

  end(index: number): number {
    return this.pairs[index * 2 + 1];
  }
}
