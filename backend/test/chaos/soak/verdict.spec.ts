import { describe, expect, it } from 'vitest';
import { below, SEED, seeded } from '../support/random.ts';
import { fittedGrowth, judge, quantile } from './verdict.ts';

const bound = { share: 0.1, least: 5 };
const random = seeded(SEED);
/** 360 samples of 100 with noise of ±20, and a slope. */
const noisy = (growth: number) =>
  Array.from({ length: 360 }, (_, i) => 100 + (growth * i) / 359 + below(random, 41) - 20);

describe(`the verdict of a soak (CHAOS_SEED=${SEED})`, () => {
  it('finds the growth of a line exactly', () => {
    expect(fittedGrowth([10, 11, 12, 13, 14])).toBeCloseTo(4);
    expect(fittedGrowth([7])).toBe(0);
  });

  it('calls noise flat and a leak in the noise not', () => {
    expect(judge('rss', noisy(0), bound).flat).toBe(true);
    expect(judge('rss', noisy(30), bound).flat).toBe(false);
  });

  it('allows the larger of share and least', () => {
    expect(judge('parts', [1, 1, 1, 1, 5, 5, 5, 5], bound)).toMatchObject({ allowed: 5, flat: false });
    expect(judge('parts', [1, 2, 3, 4], bound)).toMatchObject({ growth: 3, flat: true });
  });

  it('does not call nothing flat', () => {
    expect(judge('gone', [], bound).flat).toBe(false);
  });

  it('takes quantiles of unsorted values', () => {
    expect(quantile([3, 1, 2, 5, 4], 0.5)).toBe(3);
    expect(quantile([3, 1, 2, 5, 4], 0.99)).toBe(5);
  });
});
