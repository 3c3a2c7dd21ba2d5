import { describe, expect, it } from 'vitest';
import { explicitBuckets, exponentialBuckets, quantileOfBuckets } from './quantile.js';

describe('quantileOfBuckets', () => {
  const quantile = (bounds: number[], counts: number[], q: number) =>
    quantileOfBuckets(explicitBuckets(bounds, counts), q);

  it.each([
    [[10, 20], [4, 4, 0], 0.5, 10],
    [[10, 20], [4, 4, 0], 0.25, 5],
    [[10, 20], [4, 4, 0], 0.75, 15],
    [[10, 20], [0, 4, 0], 0.5, 15],
    // What lies beyond the last bound is not known.
    [[10, 20], [0, 0, 4], 0.5, 20],
    // Nor below a bound that is not positive.
    [[-5, 5], [4, 0, 0], 0.5, -5],
    [[10, 20], [1, 0, 1], 0.5, 10],
  ])('%o %o at %f is %f', (bounds, counts, q, expected) => {
    expect(quantile(bounds, counts, q)).toBeCloseTo(expected, 9);
  });

  it('has nothing to say without observations or bounds', () => {
    expect(quantile([10], [0, 0], 0.5)).toBeNull();
    expect(quantile([], [7], 0.5)).toBeNull();
  });

  it('merges histograms of different bounds', () => {
    const merged = [...explicitBuckets([10], [10, 0]), ...explicitBuckets([20], [10, 0])];
    // Below 10 lie the first ten and half of the other ten.
    expect(quantileOfBuckets(merged, 0.75)).toBeCloseTo(10, 9);
    expect(quantileOfBuckets(merged, 0.5)).toBeCloseTo(20 / 3, 9);
  });

  it('reads exponential buckets, negative ones and zero', () => {
    const positive = exponentialBuckets(0, new Map([[2, 4]]), 1);
    expect(positive).toEqual([{ low: 4, high: 8, count: 4 }]);
    const negative = exponentialBuckets(1, new Map([[1, 2]]), -1);
    expect(negative[0]?.low).toBeCloseTo(-2, 12);
    expect(negative[0]?.high).toBeCloseTo(-Math.SQRT2, 12);
    const zero = { low: 0, high: 0, count: 6 };
    expect(quantileOfBuckets([...positive, zero], 0.5)).toBe(0);
    expect(quantileOfBuckets([...positive, zero], 0.9)).toBeCloseTo(7, 9);
  });
});
