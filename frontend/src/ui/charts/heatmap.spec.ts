import { describe, expect, it } from 'vitest';
import { boundAt, columnAt, columnEnd, positionOf, shadeOf, trimDistribution, valueMarks } from './heatmap.js';

const bounds = [0, 1, 10, 100];

describe('heatmap', () => {
  it('gives every bucket the same height, by logarithm within', () => {
    expect(positionOf(bounds, 0.5)).toBe(0.5);
    expect(positionOf(bounds, 1)).toBe(1);
    expect(positionOf(bounds, Math.sqrt(10))).toBeCloseTo(1.5);
    expect([-5, 1e9].map((value) => positionOf(bounds, value))).toEqual([0, 3]);
  });

  it('reads a marked region outwards to whole buckets', () => {
    expect([boundAt(bounds, 1.2), boundAt(bounds, 1.8, true)]).toEqual([1, 10]);
    expect([boundAt(bounds, 1), boundAt(bounds, 2, true)]).toEqual([1, 10]);
    expect([boundAt(bounds, -1), boundAt(bounds, 9, true)]).toEqual([0, 100]);
  });

  it('cuts empty buckets off the ends', () => {
    const counts = [
      [0, 0, 0, 2, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ];
    expect(trimDistribution({ bounds: [0, 1, 2, 3, 4, 5, 6], counts })).toEqual({
      bounds: [2, 3, 4, 5],
      counts: [
        [0, 2, 0],
        [0, 0, 0],
      ],
    });
    const empty = { bounds: [0, 1], counts: [[0]] };
    expect(trimDistribution(empty)).toEqual(empty);
  });

  it('shows one beside many', () => {
    expect(shadeOf(0, 1000)).toBe(0);
    expect(shadeOf(1, 1000)).toBeGreaterThan(0.15);
    expect(shadeOf(1000, 1000)).toBe(1);
  });

  it('marks powers of ten, or bounds', () => {
    expect(valueMarks([0, 5, 10, 25, 50, 75, 100, 1000, 10_000], 8)).toEqual([10, 100, 1000, 10_000]);
    expect(valueMarks([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4]);
  });

  it('finds the column of an instant, also of uneven steps', () => {
    expect([9, 10, 19, 20, 99].map((time) => columnAt([10, 20, 50], time))).toEqual([-1, 0, 0, 1, 2]);
    expect([columnEnd([10, 20, 50], 1, 30), columnEnd([10, 20, 50], 2, 30)]).toEqual([50, 80]);
  });
});
