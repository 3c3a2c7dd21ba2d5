export interface TokenRate {
  /** Tokens that come back per second. */
  readonly perSecond: number;
  /** Tokens that a bucket holds at most. */
  readonly burst: number;
}

export interface TokenBucketsOptions {
  /** Beyond it full buckets are forgotten, or else old ones. */
  readonly maxKeys: number;
  /** Monotonic milliseconds; a test may bring its own. */
  readonly now?: () => number;
}

/** Buckets looked at to find a full one, which may be forgotten without anyone noticing. */
const EVICTION_TRIES = 8;

/**
 * Token buckets by key, as the generic cell rate algorithm keeps them: one number per key, the moment at which its bucket is
 * full again. The clock is monotonic, so a corrected wall clock changes nothing. Spending may go below zero: what a
 * request costs is sometimes known only afterwards, and then the debt delays those that follow.
 */
export class TokenBuckets {
  readonly #fullAtMs = new Map<string, number>();
  readonly #options: TokenBucketsOptions;
  readonly #now: () => number;

  constructor(options: TokenBucketsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.#fullAtMs.size;
  }

  /** Whole tokens that are there now; below zero: a debt. */
  available(key: string, rate: TokenRate): number {
    const missing = this.#missing(key, rate);
    return rate.burst - Math.ceil(missing - ROUNDING);
  }

  /** Milliseconds until `tokens` are there; 0 when they are. `tokens` may not exceed the burst. */
  waitMs(key: string, rate: TokenRate, tokens = 1): number {
    const lacking = tokens + this.#missing(key, rate) - rate.burst;
    return lacking <= ROUNDING ? 0 : (lacking / rate.perSecond) * 1000;
  }

  /** Takes tokens, there or not; a negative number gives some back. */
  spend(key: string, rate: TokenRate, tokens = 1): void {
    const now = this.#now();
    const fullAtMs = Math.max(now, this.#fullAtMs.get(key) ?? now) + (tokens / rate.perSecond) * 1000;
    if (fullAtMs <= now) {
      this.#fullAtMs.delete(key);
      return;
    }
    if (!this.#fullAtMs.has(key) && this.#fullAtMs.size >= this.#options.maxKeys) this.#forgetOne(now);
    this.#fullAtMs.set(key, fullAtMs);
  }

  #missing(key: string, rate: TokenRate): number {
    const fullAtMs = this.#fullAtMs.get(key);
    return fullAtMs === undefined ? 0 : Math.max(0, ((fullAtMs - this.#now()) / 1000) * rate.perSecond);
  }

  /** A full bucket if one is soon found; otherwise one of the oldest, which then begins anew. */
  #forgetOne(now: number): void {
    let tries = 0;
    for (const [key, fullAtMs] of this.#fullAtMs) {
      if (fullAtMs <= now) {
        this.#fullAtMs.delete(key);
        return;
      }
      // Behind the others, so that the next search looks elsewhere.
      this.#fullAtMs.delete(key);
      if ((tries += 1) === EVICTION_TRIES) return;
      this.#fullAtMs.set(key, fullAtMs);
    }
  }
}

/** Sums of fractions of milliseconds are off by less than this many tokens. */
const ROUNDING = 1e-6;
