import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBuckets, type TokenRate } from './token-buckets.js';

function bucketsAt(clock: { now: number }, maxKeys = 100) {
  return new TokenBuckets({ maxKeys, now: () => clock.now });
}

const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 500 }), burst: fc.integer({ min: 1, max: 500 }) });
/** Pauses in milliseconds, and what is asked for after each. */
const requests = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
    cost: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 1, maxLength: 200 },
);

/** The same bucket, written the plain way: tokens that come back over time. */
class PlainBucket {
  #tokens: number;
  #at = 0;
  constructor(private readonly rate: TokenRate) {
    this.#tokens = rate.burst;
  }
  tokensAt(nowMs: number): number {
    this.#tokens = Math.min(this.rate.burst, this.#tokens + ((nowMs - this.#at) / 1000) * this.rate.perSecond);
    this.#at = nowMs;
    return this.#tokens;
  }
  spend(tokens: number): void {
    this.#tokens -= tokens;
  }
}

describe('a token bucket', () => {
  it('holds at any moment what a plain bucket holds', () => {
    fc.assert(
      fc.property(rates, requests, (rate, all) => {
        const clock = { now: 0 };
        const buckets = bucketsAt(clock);
        const plain = new PlainBucket(rate);
        for (const { waitMs, cost } of all) {
          clock.now += waitMs;
          expect(buckets.available('k', rate)).toBe(Math.floor(plain.tokensAt(clock.now) + 1e-6));
          buckets.spend('k', rate, cost);
          plain.spend(cost);
        }
      }),
    );
  });

  it('gives out no more than its burst and what came back, plus the last one paid for afterwards', () => {
    fc.assert(
      fc.property(rates, requests, (rate, all) => {
        const clock = { now: 0 };
        const buckets = bucketsAt(clock);
        const taken: { at: number; cost: number }[] = [];
        for (const { waitMs, cost } of all) {
          clock.now += waitMs;
          if (buckets.available('k', rate) < 1) continue;
          buckets.spend('k', rate, cost);
          taken.push({ at: clock.now, cost });
        }
        for (let from = 0; from < taken.length; from += 1) {
          let before = 0;
          for (const { at, cost } of taken.slice(from)) {
            const seconds = (at - taken[from]!.at) / 1000;
            expect(before).toBeLessThanOrEqual(rate.burst + seconds * rate.perSecond + 1e-6);
            before += cost;
          }
        }
      }),
    );
  });

  it('starves nobody: after the wait that it names the tokens are there, and not before', () => {
    fc.assert(
      fc.property(rates, requests, (rate, all) => {
        const clock = { now: 0 };
        const buckets = bucketsAt(clock);
        for (const { waitMs, cost } of all) {
          clock.now += waitMs;
          const wanted = Math.min(cost, rate.burst);
          const wait = buckets.waitMs('k', rate, wanted);
          expect(wait === 0).toBe(buckets.available('k', rate) >= wanted);
          if (wait > 0.1) {
            clock.now += wait - 0.1;
            expect(buckets.waitMs('k', rate, wanted)).toBeGreaterThan(0);
            clock.now += 0.1;
          } else clock.now += wait;
          expect(buckets.waitMs('k', rate, wanted)).toBe(0);
          buckets.spend('k', rate, cost);
        }
      }),
    );
  });

  it('takes back what was not used after all', () => {
    const buckets = bucketsAt({ now: 0 });
    const rate = { perSecond: 1, burst: 3 };
    buckets.spend('k', rate);
    buckets.spend('k', rate, -1);
    expect(buckets.available('k', rate)).toBe(3);
    expect(buckets.size).toBe(0);
  });

  it('forgets full buckets first, and any rather than grow without bound', () => {
    const clock = { now: 0 };
    const buckets = bucketsAt(clock, 20);
    const rate = { perSecond: 1, burst: 5 };
    for (let i = 0; i < 20; i += 1) buckets.spend(`idle ${i}`, rate);
    clock.now += 5_000;
    for (let i = 0; i < 20; i += 1) buckets.spend(`busy ${i}`, rate);
    for (let i = 0; i < 20; i += 1) expect(buckets.available(`busy ${i}`, rate)).toBe(4);
    for (let i = 0; i < 100_000; i += 1) buckets.spend(`flood ${i}`, rate);
    expect(buckets.size).toBe(20);
  });
});
