/**
 * Limits how many tasks of one kind run at a time, first come first served.
 * A task whose `signal` aborts while it waits is dropped and never runs.
 */
export class Lane {
  #free: number;
  #waiting: Array<{ start: () => void; signal: AbortSignal | undefined }> = [];
  #running = 0;
  #idle: Array<() => void> = [];

  constructor(width: number) {
    this.#free = width;
  }

  get running(): number {
    return this.#running;
  }

  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    this.#running++;
    try {
      return await task();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  /** Resolves when nothing runs and nothing waits. */
  async drained(): Promise<void> {
    if (this.#running > 0 || this.#waiting.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = {
        signal,
        start: () => {
          signal?.removeEventListener('abort', drop);
          resolve();
        },
      };
      const drop = () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', drop, { once: true });
      this.#waiting.push(entry);
    });
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) return next.start();
    this.#free++;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
