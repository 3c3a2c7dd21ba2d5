/** So many things at a time in all, and so many of one tenant, so that what is slow of one holds nobody else up. */
export class FairSlots {
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(
    private readonly most: number,
    private readonly mostOfOne: number,
  ) {}

  get isFull(): boolean {
    return this.#all >= this.most;
  }

  isFreeFor(tenantId: string): boolean {
    return !this.isFull && (this.#taken.get(tenantId) ?? 0) < this.mostOfOne;
  }

  /** Resolves with what the work does; its slot is free again however it ends. */
  async hold<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    this.#all += 1;
    this.#taken.set(tenantId, (this.#taken.get(tenantId) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.#all -= 1;
      const left = (this.#taken.get(tenantId) ?? 1) - 1;
      if (left === 0) this.#taken.delete(tenantId);
      else this.#taken.set(tenantId, left);
    }
  }
}
