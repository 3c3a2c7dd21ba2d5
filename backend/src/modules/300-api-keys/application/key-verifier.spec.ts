import { beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../shared/platform/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import { generateCredential, type KeyCredential } from '../domain/key-credential.js';
import { KeyVerifier } from './key-verifier.js';

/** The real one, with a counter of its runs. */
class CountingHasher extends SecretHasher {
  runs = 0;
  override verify(stored: string, secret: string): Promise<boolean> {
    this.runs += 1;
    return super.verify(stored, secret);
  }
}

const credential = generateCredential();
const wrong = (): KeyCredential => ({ ...generateCredential(), keyId: credential.keyId });
let secretHash: string;

function verifierAt(clock = { now: 0 }, failuresPerMinute = 30) {
  const hasher = new CountingHasher({ concurrency: 1, maxQueued: 100 });
  return { hasher, clock, verifier: new KeyVerifier(hasher, { failuresPerMinute, now: () => clock.now }) };
}

beforeAll(async () => {
  secretHash = await new SecretHasher({ concurrency: 1, maxQueued: 1 }).hash(credential.keySecret);
});

describe('KeyVerifier', () => {
  it('runs Argon2 once a minute per pair, however many ask at once', async () => {
    const { verifier, hasher, clock } = verifierAt();
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(secretHash, credential)));
    expect(new Set(verdicts)).toEqual(new Set([true]));
    clock.now = 59_999;
    expect(await verifier.verify(secretHash, credential)).toBe(true);
    expect(hasher.runs).toBe(1);
    clock.now = 60_000;
    expect(await verifier.verify(secretHash, credential)).toBe(true);
    expect(hasher.runs).toBe(2);
  });

  it('refuses guesses for a key in use without any Argon2 run', async () => {
    const { verifier, hasher } = verifierAt();
    await verifier.verify(secretHash, credential);
    for (let i = 0; i < 1_000; i += 1) expect(await verifier.verify(secretHash, wrong())).toBe(false);
    expect(hasher.runs).toBe(1);
  });

  it('remembers a wrong secret too', async () => {
    const { verifier, hasher } = verifierAt();
    const guess = wrong();
    expect(await verifier.verify(secretHash, guess)).toBe(false);
    expect(await verifier.verify(secretHash, guess)).toBe(false);
    expect(hasher.runs).toBe(1);
    expect(await verifier.verify(secretHash, credential)).toBe(true);
  });

  it('checks no more guesses in a minute than allowed, and then says when to come back', async () => {
    const { verifier, hasher, clock } = verifierAt(undefined, 3);
    for (let i = 0; i < 3; i += 1) expect(await verifier.verify(secretHash, wrong())).toBe(false);
    for (let i = 0; i < 1_000; i += 1) {
      await expect(verifier.verify(secretHash, wrong())).rejects.toMatchObject({
        code: 'RATE_LIMIT_EXCEEDED',
        retryAfterSeconds: 20,
      });
    }
    expect(hasher.runs).toBe(3);
    clock.now = 20_000;
    expect(await verifier.verify(secretHash, credential)).toBe(true);
    expect(hasher.runs).toBe(4);
  });

  it('counts guesses that come at the same time', async () => {
    const { verifier, hasher } = verifierAt(undefined, 2);
    await Promise.allSettled(Array.from({ length: 50 }, () => verifier.verify(secretHash, wrong())));
    expect(hasher.runs).toBe(2);
  });

  it('knows what has proved right, until told otherwise, and costs nothing to ask', async () => {
    const { verifier, hasher } = verifierAt();
    expect(verifier.hasProven(credential)).toBe(false);
    await verifier.verify(secretHash, credential);
    await verifier.verify(secretHash, wrong());
    expect(verifier.hasProven(credential)).toBe(true);
    expect(verifier.hasProven(wrong())).toBe(false);
    verifier.disprove(credential);
    expect(verifier.hasProven(credential)).toBe(false);
    expect(hasher.runs).toBe(1);
  });

  it('bounds what may wait for one key', async () => {
    const { verifier } = verifierAt();
    const settled = await Promise.allSettled(Array.from({ length: 12 }, () => verifier.verify(secretHash, wrong())));
    const refused = settled.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ reason: expect.any(UnavailableError) });
    expect(await verifier.verify(secretHash, credential)).toBe(true);
  });
});
