import { hash } from 'node:crypto';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { DomainError, UnavailableError } from '../../../shared/platform/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import { TokenBuckets, type TokenRate } from '../../../shared/platform/token-buckets.js';
import type { KeyCredential } from '../domain/key-credential.js';

const REMEMBERED_MS = 60_000;
const DAY_MS = 86_400_000;
/** First checks that may wait per key, so that guesses for one key can't hold up the others for long. */
const MAX_PENDING_PER_KEY = 4;

const MAX_REMEMBERED = 20_000;

export interface KeyVerifierOptions {
  /** Argon2 runs per minute and key that may end in a refusal. */
  readonly failuresPerMinute: number;
  /** Milliseconds; a test may bring its own clock. */
  readonly now?: () => number;
}

/**
 * Checks secrets against their Argon2id hashes at most once a minute per pair. A pair is remembered under its SHA-256,
 * right or wrong, with the hash it was checked against, so a new secret never meets an old verdict.
 */
export class KeyVerifier {
  readonly #verdicts: ExpiringMap<boolean>;
  /**
   * The digest of the secret that last proved right, per stored hash. A different one is wrong without an Argon2 run:
   * a flood of guesses for a key in use costs a SHA-256 each.
   */
  readonly #rightDigests: ExpiringMap<string>;
  /** Digests of the same secrets: right when they were last checked. */
  readonly #proven: ExpiringMap<true>;
  /** What is left for wrong guesses, per stored hash. */
  readonly #failures: TokenBuckets;
  readonly #failureRate: TokenRate;
  readonly #pending = new Map<string, number>();
  #checks = 0;

  constructor(
    private readonly hasher: SecretHasher,
    { failuresPerMinute, now }: KeyVerifierOptions,
  ) {
    // The wall clock would let nobody in for an hour after it was set back, or remember for an hour too long.
    const clock = { maxEntries: MAX_REMEMBERED, now: now ?? (() => performance.now()) };
    this.#verdicts = new ExpiringMap({ ttlMs: REMEMBERED_MS, ...clock });
    this.#rightDigests = new ExpiringMap({ ttlMs: DAY_MS, ...clock });
    this.#proven = new ExpiringMap({ ttlMs: DAY_MS, ...clock });
    this.#failures = new TokenBuckets({ maxKeys: MAX_REMEMBERED, now: clock.now });
    this.#failureRate = { perSecond: failuresPerMinute / 60, burst: failuresPerMinute };
  }

  /** Argon2 runs since the start. */
  get checks(): number {
    return this.#checks;
  }

  /**
   * @throws UnavailableError when too many unknown pairs wait for their first check
   * @throws DomainError RATE_LIMIT_EXCEEDED when the key's first check is held up by too many wrong guesses
   */
  async verify(secretHash: string, credential: KeyCredential): Promise<boolean> {
    const digest = digestOf(credential);
    const right = this.#rightDigests.get(secretHash);
    if (right !== undefined && right !== digest) return false;
    return this.#verdicts.load(`${digest}${secretHash}`, async () => {
      const verdict = await this.#check(secretHash, credential);
      if (verdict) {
        this.#rightDigests.set(secretHash, digest);
        this.#proven.set(digest, true);
      }
      return verdict;
    });
  }

  /** Whether the pair proved right lately; costs a SHA-256 and asks nobody. */
  hasProven(credential: KeyCredential): boolean {
    return this.#proven.get(digestOf(credential)) === true;
  }

  /** The pair's key is of no use any more. */
  disprove(credential: KeyCredential): void {
    this.#proven.delete(digestOf(credential));
  }

  async #check(secretHash: string, { keySecret }: KeyCredential): Promise<boolean> {
    const pending = this.#pending.get(secretHash) ?? 0;
    if (pending >= MAX_PENDING_PER_KEY) throw new UnavailableError('Too many checks of this API key at once', 1);
    this.#assertGuessesLeft(secretHash);
    this.#pending.set(secretHash, pending + 1);
    this.#checks += 1;
    // Paid in advance: guesses that are checked at the same time count too.
    this.#failures.spend(secretHash, this.#failureRate);
    try {
      const verdict = await this.hasher.verify(secretHash, keySecret);
      if (verdict) this.#failures.spend(secretHash, this.#failureRate, -1);
      return verdict;
    } finally {
      const left = (this.#pending.get(secretHash) ?? 1) - 1;
      if (left > 0) this.#pending.set(secretHash, left);
      else this.#pending.delete(secretHash);
    }
  }

  #assertGuessesLeft(secretHash: string): void {
    const waitMs = this.#failures.waitMs(secretHash, this.#failureRate);
    if (waitMs === 0) return;
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new DomainError(
      'RATE_LIMIT_EXCEEDED',
      `Too many wrong secrets for this API key; try again in ${seconds} s`,
      [],
      seconds,
    );
  }
}

function digestOf({ keyId, keySecret }: KeyCredential): string {
  return hash('sha256', `${keyId}:${keySecret}`, 'base64');
}
