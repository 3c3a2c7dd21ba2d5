import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeDoubleText, writeInt64Text } from './number-text.js';
import { RowWriter } from './row-writer.js';

const written = (write: (out: RowWriter) => void): string => {
  const out = new RowWriter(64);
  write(out);
  return Buffer.from(out.bytes.subarray(0, out.pos)).toString('latin1');
};
const halves = (value: bigint): [number, number] => [
  Number(BigInt.asIntN(32, value)),
  Number(BigInt.asIntN(32, value >> 32n)),
];

describe('number texts', () => {
  it('are those of BigInt for every 64-bit integer', () => {
    const edges = [
      0n,
      -1n,
      999_999_999n,
      10n ** 9n,
      2n ** 32n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ];
    const check = (value: bigint): void => {
      expect(written((out) => writeInt64Text(out, ...halves(value)))).toBe(String(value));
    };
    for (const value of edges.flatMap((edge) => [edge, -edge]).filter((value) => value < 2n ** 63n)) check(value);
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), check), { numRuns: 2000 });
    fc.assert(fc.property(fc.maxSafeInteger().map(BigInt), check), { numRuns: 2000 });
  });

  it('are those of JavaScript for every double', () => {
    const check = (value: number): void => {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value, true);
      expect(written((out) => writeDoubleText(out, view, 0))).toBe(String(value));
    };
    for (const value of [0, -0, 1e15, 1e21, 1e-7, 0.001, 999_999_999.999999, 1e9 + 0.5, 5e-324, Number.NaN, -Infinity])
      check(value);
    fc.assert(fc.property(fc.double(), check), { numRuns: 2000 });
    fc.assert(
      fc.property(fc.integer(), fc.nat(9), (digits, places) => check(digits / 10 ** places)),
      { numRuns: 5000 },
    );
    // What sums and products yield: 16 and 17 digits, at all sizes, and the neighbours of what is short.
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: -8, max: 17 }), (part, power) => {
        check(part * 10 ** power);
        check(-part * 10 ** power);
      }),
      { numRuns: 20_000 },
    );
    fc.assert(
      fc.property(fc.nat(1e7), fc.nat(6), fc.integer({ min: -2, max: 2 }), (digits, places, steps) => {
        const value = digits / 10 ** places;
        check(value + steps * Number.EPSILON * value);
      }),
      { numRuns: 20_000 },
    );
    for (let exponent = -30; exponent < 60; exponent++) check(2 ** exponent);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(12), (digits, places) => check(digits / 10 ** places)),
      { numRuns: 5000 },
    );
  });
});
