import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeCache } from './range-cache.js';
import { WireReader } from './wire-reader.js';

/** A body that holds the range between other bytes, as requests do. */
function attached(range: Uint8Array, around: number): { wire: WireReader; start: number; end: number } {
  const body = new Uint8Array(range.length + 40).fill(around);
  body.set(range, 20);
  const wire = new WireReader();
  wire.attach(body);
  return { wire, start: 20, end: 20 + range.length };
}

describe('the range cache', () => {
  it('finds a range only if every byte is the same, however many share a slot', () => {
    const ranges = fc.array(fc.uint8Array({ minLength: 0, maxLength: 70 }), { minLength: 1, maxLength: 6 });
    const step = fc.record({ which: fc.nat(5), flip: fc.option(fc.nat(69)), around: fc.nat(255) });
    fc.assert(
      fc.property(
        ranges,
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(300, 600, 5000),
        (pool, steps, maxBytes) => {
          const cache = new RangeCache(maxBytes);
          const kept: string[] = [];
          for (const { which, flip, around } of steps) {
            const range = Uint8Array.from(pool[which % pool.length]!);
            if (flip !== null && range.length > 0) range[flip % range.length]! ^= 1;
            const { wire, start, end } = attached(range, around);
            const content = Buffer.from(range).toString('hex');
            const slot = cache.find(wire, start, end);
            if (slot >= 0) {
              expect(kept[slot]).toBe(content);
              continue;
            }
            const free = cache.keep(wire, start, end, which, around, 3, -4);
            if (range.length < 8) expect(free).toBe(-1);
            if (free < 0) continue;
            kept[free] = content;
            expect(cache.find(wire, start, end)).toBe(free);
            expect([0, 1, 2, 3].map((i) => cache.value(free, i))).toEqual([which, around, 3, -4]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  const ranges = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => new Uint8Array(40).fill(i).fill(i >>> 8, 20));
  /** How many of the ranges are found; the others are kept. */
  const pass = (cache: RangeCache, of: Uint8Array[]): number =>
    of.filter((range) => {
      const { wire, start, end } = attached(range, 0);
      const found = cache.find(wire, start, end) >= 0;
      if (!found) cache.keep(wire, start, end, 0, 0, 0, 0);
      return found;
    }).length;

  it('finds all that it has room for, in whatever order it comes', () => {
    const cache = new RangeCache(100_000);
    const all = ranges(500);
    expect(pass(cache, all)).toBe(0);
    expect(pass(cache, all)).toBe(500);
    expect(pass(cache, all.toReversed())).toBe(500);
  });

  it('gives up for a while when more comes than it holds, and starts afresh', () => {
    const cache = new RangeCache(10_000);
    for (let i = 0; i < 3; i++) expect(pass(cache, ranges(2000))).toBe(0);
    const few = ranges(20);
    const found = Array.from({ length: 100 }, () => pass(cache, few));
    expect(found.at(-1)).toBe(20);
  });

  it('looks only so far, however many ranges with one hash were sent on purpose', () => {
    /** Flipping the highest bit of two words that follow each other leaves every hash of products as it was. */
    const alike = Array.from({ length: 1024 }, (_, n) => {
      const range = new Uint8Array(88);
      for (let bit = 0; bit < 10; bit++) if ((n >> bit) & 1) for (const at of [3, 7]) range[bit * 8 + at] = 0x80;
      return range;
    });
    const cache = new RangeCache(1 << 20);
    pass(cache, alike);
    const found = pass(cache, alike);
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(200);
    const others = ranges(500);
    pass(cache, others);
    // Some have their place where the crowd is.
    expect(pass(cache, others)).toBeGreaterThan(450);
  });
});
