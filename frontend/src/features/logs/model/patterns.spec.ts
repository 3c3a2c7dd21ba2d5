import { describe, expect, it } from 'vitest';
import { isNew, patternSeverity, templatePieces, trendChange } from './patterns.js';

describe('patterns', () => {
  it('are cut into wording and variables', () => {
    expect(templatePieces('paid <*> for order=<*>')).toEqual([
      { text: 'paid ', isVariable: false },
      { text: '∗', isVariable: true },
      { text: ' for order=', isVariable: false },
      { text: '∗', isVariable: true },
    ]);
  });

  it.each([
    [{ info: 90, error: 10 }, 'error'],
    [{ info: 95, error: 5 }, 'info'],
    [{ unspecified: 100 }, 'unspecified'],
  ] as const)('%j sound like %s', (severities, name) => expect(patternSeverity({ severities, count: 100 })).toBe(name));

  it('grow or shrink between the halves, ends aside', () => {
    expect(trendChange([100, 2, 2, 3, 3, 0])).toBe(0.5);
    expect(trendChange([0, 4, 4, 2, 2, 9])).toBe(-0.5);
    expect(trendChange([0, 0, 0, 2, 2, 0])).toBeNull();
  });

  it('are new when the first third has none of it, and something else', () => {
    const all = [5, 5, 5, 5, 5, 5];
    expect(isNew([0, 0, 1, 0, 0, 0], all)).toBe(true);
    expect(isNew([0, 1, 1, 0, 0, 0], all)).toBe(false);
    expect(isNew([0, 0, 1, 0, 0, 0], [0, 0, 3, 3, 3, 3])).toBe(false);
  });
});
