import { hash, verify } from '@node-rs/argon2';
import { UnavailableError } from './errors.js';
import { currentScope } from './request-scope.js';

/** Argon2id (the library's default variant) with 64 MiB, 3 passes, 4 lanes. */
const PARAMETERS = { memoryCost: 65_536, timeCost: 3, parallelism: 4, outputLen: 32 };

export interface SecretHasherOptions {
  /** Runs at once; each takes a thread of the pool that file writes use too, and 64 MiB. */
  readonly concurrency: number;
  /** Runs that may wait; beyond it a caller is told to come back. */
  readonly maxQueued: number;
  /** The same, of one caller: a signed-in person, or the network that an unknown one comes from. Default: all of it. */
  readonly maxQueuedPerCaller?: number;
}

/**
 * Argon2id off the event loop, a few at a time. Callers that wait are served in turns: whoever asks for much waits for
 * themself, not for everyone else.
 */
export class SecretHasher {
  readonly #options: SecretHasherOptions;
  /** By caller, each in the order of asking; the callers in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #queued = 0;
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
      const next = this.#nextInTurn();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #wait(): Promise<void> {
    const scope = currentScope();
    const caller = scope?.userId ?? scope?.client ?? '';
    const own = this.#waiting.get(caller) ?? [];
    const { maxQueued, maxQueuedPerCaller = maxQueued } = this.#options;
    if (this.#queued >= maxQueued || own.length >= maxQueuedPerCaller) {
      throw new UnavailableError('Too many sign-ins at once', 2);
    }
    this.#queued += 1;
    this.#waiting.set(caller, own);
    return new Promise((resolve) => own.push(resolve));
  }

  #nextInTurn(): (() => void) | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    const [caller, own] = turn;
    const next = own.shift();
    this.#queued -= 1;
    // To the end of the turns, or out of them.
    this.#waiting.delete(caller);
    if (own.length > 0) this.#waiting.set(caller, own);
    return next;
  }
}
