import { hash, verify } from '@node-rs/argon2';
import { UnavailableError } from './errors.js';

/** Argon2id (the library's default variant) with 64 MiB, 3 passes, 4 lanes. */
const PARAMETERS = { memoryCost: 65_536, timeCost: 3, parallelism: 4, outputLen: 32 };

export interface SecretHasherOptions {
  /** Runs at once; each takes a thread of the pool that file writes use too, and 64 MiB. */
  readonly concurrency: number;
  /** Runs that may wait; beyond it a caller is told to come back. */
  readonly maxQueued: number;
}

/** Argon2id off the event loop, a few at a time. */
export class SecretHasher {
  readonly #options: SecretHasherOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: SecretHasherOptions) {
    this.#options = options;
  }

  /** The PHC string to store. Throws `UnavailableError` when too many runs are waiting. */
  hash(secret: string): Promise<string> {
    return this.#take(() => hash(secret, PARAMETERS));
  }

  /** The same string for the same secret and salt: for secrets that are looked up by their hash. `salt`: 16 bytes. */
  hashWithSalt(secret: string, salt: Buffer): Promise<string> {
    return this.#take(() => hash(secret, { ...PARAMETERS, salt }));
  }

  /** Whether `secret` belongs to the stored PHC string. Throws `UnavailableError` when too many runs are waiting. */
  verify(stored: string, secret: string): Promise<boolean> {
    return this.#take(() => verify(stored, secret));
  }

  async #take<T>(run: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.concurrency) this.#running += 1;
    else await this.#wait();
    try {
      return await run();
    } finally {
      // The place is handed on, not freed, when somebody waits.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#options.maxQueued) {
      throw new UnavailableError('Too many sign-ins at once', 2);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
