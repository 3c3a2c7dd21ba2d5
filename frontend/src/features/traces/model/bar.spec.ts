import { describe, expect, it } from 'vitest';
import { barBox, offsetTicks, piecesGradient, zoomAround } from './bar.js';

const paint = { inside: 'red', outside: 'pink' };

describe('bars', () => {
  it('lie in percent of the window', () => {
    expect(barBox({ startNs: 50, endNs: 150 }, { startNs: 100, endNs: 300 })).toEqual({ left: -25, width: 50 });
  });

  it('paint the pieces of self time', () => {
    expect(
      piecesGradient(
        { startNs: 100, endNs: 200 },
        [
          { startNs: 100, endNs: 120 },
          { startNs: 150, endNs: 250 },
        ],
        paint,
      ),
    ).toBe('linear-gradient(to right, red 0% 20%, pink 20% 50%, red 50% 100%)');
    expect(piecesGradient({ startNs: 0, endNs: 10 }, [], paint)).toBe('linear-gradient(to right, pink 0% 100%)');
    expect(piecesGradient({ startNs: 5, endNs: 5 }, [], paint)).toBe('red');
  });

  it('merge pieces that nobody could tell apart', () => {
    const intervals = Array.from({ length: 10_000 }, (_, i) => ({ startNs: i * 100, endNs: i * 100 + 50 }));
    expect(piecesGradient({ startNs: 0, endNs: 1_000_000 }, intervals, paint).length).toBeLessThan(100);
  });
});

describe('zoom', () => {
  it('keeps the point under the pointer and stays within the trace', () => {
    expect(zoomAround({ startNs: 0, endNs: 100_000 }, 50_000, 0.5, 100_000)).toEqual({
      startNs: 25_000,
      endNs: 75_000,
    });
    expect(zoomAround({ startNs: 0, endNs: 50_000 }, 0, 4, 100_000)).toEqual({ startNs: 0, endNs: 100_000 });
    expect(zoomAround({ startNs: 0, endNs: 2_000 }, 0, 0.01, 100_000)).toEqual({ startNs: 0, endNs: 1_000 });
  });
});

it('offset ticks are round', () => {
  expect(offsetTicks({ startNs: 0, endNs: 1_240_000_000 }, 5)).toEqual([0, 5e8, 1e9]);
  expect(offsetTicks({ startNs: 130, endNs: 190 }, 4)).toEqual([140, 160, 180]);
  expect(offsetTicks({ startNs: 0, endNs: 0 }, 4)).toEqual([]);
});
