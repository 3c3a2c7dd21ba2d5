/** What was sent, and what of it was acknowledged: one byte per request. */
export class Ledger {
  #states = new Uint8Array(1 << 16);
  #sent = 0;
  #acknowledged = 0;

  /** Number for a new request. */
  next(): number {
    const request = this.#sent++;
    if (request >= this.#states.length) {
      const larger = new Uint8Array(this.#states.length * 2);
      larger.set(this.#states);
      this.#states = larger;
    }
    return request;
  }

  acknowledge(request: number): void {
    if (this.#states[request] === 1) throw new Error(`request ${request} was acknowledged twice`);
    this.#states[request] = 1;
    this.#acknowledged += 1;
  }

  isAcknowledged(request: number): boolean {
    return this.#states[request] === 1;
  }

  get sent(): number {
    return this.#sent;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }
}
