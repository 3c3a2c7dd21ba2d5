import { createHash } from 'node:crypto';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { UnavailableError } from '../../../shared/platform/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import type { KeyCredential } from '../domain/key-credential.js';

const REMEMBERED_MS = 60_000;
const DAY_MS = 86_400_000;
/** First checks that may wait per key, so that guesses for one key can't hold up the others for long. */
const MAX_PENDING_PER_KEY = 4;

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
  readonly #pending = new Map<string, number>();

  constructor(
    private readonly hasher: SecretHasher,
    now: () => number = Date.now,
  ) {
    this.#verdicts = new ExpiringMap({ ttlMs: REMEMBERED_MS, maxEntries: 20_000, now });
    this.#rightDigests = new ExpiringMap({ ttlMs: DAY_MS, maxEntries: 20_000, now });
  }

  /** Throws `UnavailableError` when too many unknown pairs wait for their first check. */
  async verify(secretHash: string, credential: KeyCredential): Promise<boolean> {
    const digest = createHash('sha256').update(`${credential.keyId}:${credential.keySecret}`).digest('base64');
    const right = this.#rightDigests.get(secretHash);
    if (right !== undefined && right !== digest) return false;
    const verdict = await this.#verdicts.load(`${digest}${secretHash}`, () => this.#check(secretHash, credential));
    if (verdict && right === undefined) this.#rightDigests.set(secretHash, digest);
    return verdict;
  }

  async #check(secretHash: string, { keySecret }: KeyCredential): Promise<boolean> {
    const pending = this.#pending.get(secretHash) ?? 0;
    if (pending >= MAX_PENDING_PER_KEY) throw new UnavailableError('Too many checks of this API key at once', 1);
    this.#pending.set(secretHash, pending + 1);
    try {
      return await this.hasher.verify(secretHash, keySecret);
    } finally {
      const left = (this.#pending.get(secretHash) ?? 1) - 1;
      if (left > 0) this.#pending.set(secretHash, left);
      else this.#pending.delete(secretHash);
    }
  }
}
