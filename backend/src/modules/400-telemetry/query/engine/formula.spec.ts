import { describe, expect, it } from 'vitest';
import { evaluateFormula, parseFormula, referencesOf, unitOfFormula } from './formula.js';

const VALUES: Readonly<Record<string, readonly (number | null)[]>> = { A: [8, 3], B: [2], C: [null], D: [0] };
const valueOf = (text: string) =>
  evaluateFormula(parseFormula(text), ({ label, column }) => VALUES[label]?.[column] ?? null);

describe('a formula', () => {
  it.each([
    ['B / A * 100', 25],
    ['A - B - B', 4],
    ['A / B / B', 2],
    ['A + B * A.2', 14],
    ['(A + B) * A.2', 30],
    ['-(A.2) - -B', -1],
    ['2*-B', -4],
    ['1e3 * .5 + 1.', 501],
    ['A.1', 8],
    ['A + C', null],
    ['A / D', null],
    ['D / D', null],
    ['1e308 * A', null],
  ])('%s is %j', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  it.each([
    ['', 0, 0, 'expected a value'],
    ['A +', 3, 0, 'expected a value'],
    ['A B', 2, 1, 'expected an operator'],
    ['A)', 1, 1, 'expected an operator'],
    ['(A', 2, 0, 'expected ")"'],
    ['A * Z', 4, 1, 'expected a value'],
    ['a', 0, 1, 'expected a value'],
    ['A.0', 0, 1, 'expected a value'],
    ['AB', 0, 1, 'expected a value'],
    ['A; DROP TABLE x', 1, 1, 'expected an operator'],
    ['-'.repeat(64) + 'A', 32, 1, 'too many levels'],
    ['('.repeat(64), 32, 1, 'too many levels'],
  ])('refuses %j at %i', (text, position, length, problem) => {
    expect(() => parseFormula(text)).toThrow(expect.objectContaining({ position, length, problem }));
  });

  it('knows what it reads', () => {
    expect(referencesOf(parseFormula('A.2 / (B - -A)')).map(({ label, column }) => [label, column])).toEqual([
      ['A', 1],
      ['B', 0],
      ['A', 0],
    ]);
  });

  it.each([
    ['A / A.2', '1'],
    ['A / A.2 * 100', '%'],
    ['100 * (A / A.2)', '%'],
    ['A + A.2', 'ns'],
    ['A + 1', 'ns'],
    ['1 - A', 'ns'],
    ['-A / 1000', 'ns'],
    ['A + B', ''],
    ['A * A', ''],
    ['1 / A', ''],
    ['B / A', ''],
  ])('%s is in %j', (text, unit) => {
    expect(unitOfFormula(parseFormula(text), ({ label }) => ({ A: 'ns', B: 'By' })[label] ?? '')).toBe(unit);
  });
});
