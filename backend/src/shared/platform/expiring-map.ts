export interface ExpiringMapOptions {
  readonly ttlMs: number;
  /** Beyond it the entry that was written longest ago goes. */
  readonly maxEntries: number;
  /** Milliseconds; a test may bring its own clock. */
  readonly now?: () => number;
}

interface Entry<V> {
  readonly value: V;
  readonly expiresAt: number;
}

/**
 * A small cache in this process. Concurrent loads of one key share one run, and a load that began before its key was
 * deleted is never stored: after an eviction nobody reads what was true before it.
 */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #loads = new Map<string, Promise<V>>();
  readonly #options: ExpiringMapOptions;
  readonly #now: () => number;

  constructor(options: ExpiringMapOptions) {
    this.#options = options;
    // Monotonic: a wall clock that is set back an hour must not keep what is out of date for as long.
    this.#now = options.now ?? (() => performance.now());
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt > this.#now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: this.#now() + this.#options.ttlMs });
    if (this.#entries.size > this.#options.maxEntries) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
  }

  /** The remembered value, or that of `load`; a failed load is remembered by nobody. */
  async load(key: string, load: () => Promise<V>): Promise<V> {
    const known = this.get(key);
    if (known !== undefined) return known;
    const running = this.#loads.get(key);
    if (running) return running;
    const started = load();
    this.#loads.set(key, started);
    try {
      const value = await started;
      if (this.#loads.get(key) === started) this.set(key, value);
      return value;
    } finally {
      if (this.#loads.get(key) === started) this.#loads.delete(key);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
    this.#loads.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#loads.clear();
  }
}
