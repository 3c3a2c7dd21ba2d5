import { expect, it } from 'vitest';
import { seriesIndex, serviceColor, serviceColorHex } from './service-color.js';

it('gives a name one colour, always', () => {
  expect(seriesIndex('checkout')).toBe(seriesIndex('checkout'));
  expect(serviceColor('checkout')).toMatch(/^var\(--tf-series-([1-9]|10)\)$/);
  expect(serviceColorHex('checkout')).toMatch(/^#[0-9a-f]{6}$/i);
});

it('spreads names over all ten colours', () => {
  const counts = new Map<number, number>();
  for (let i = 0; i < 1000; i += 1) {
    const index = seriesIndex(`service-${i}`);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(Math.min(...counts.values())).toBeGreaterThan(50);
});
