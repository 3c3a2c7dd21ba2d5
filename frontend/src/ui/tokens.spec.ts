import { describe, expect, it } from 'vitest';
import { colors, contrast, cssVariables, seriesColors, type ColorToken, type ThemeName } from './tokens.js';

const themes: ThemeName[] = ['dark', 'light'];
const surfaces: ColorToken[] = ['bg-0', 'bg-1', 'bg-2'];
const words: ColorToken[] = [
  'text-1',
  'text-2',
  'text-3',
  'accent',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
];

describe.each(themes)('the %s colours', (theme) => {
  const table = colors[theme];
  const pairs = words.flatMap((word) => surfaces.map((surface) => [word, surface] as const));

  it.each(pairs)('%s on %s is readable (AA, 4.5:1)', (word, surface) => {
    expect(contrast(table[word], table[surface])).toBeGreaterThanOrEqual(4.5);
  });

  it('the label of a primary button is readable', () => {
    expect(contrast(table['on-accent'], table.accent)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(seriesColors[theme].map((color, i) => [i + 1, color] as const))(
    'series %i stands out from its panel (3:1)',
    (_n, color) => {
      expect(contrast(color, table['bg-1'])).toBeGreaterThanOrEqual(3);
    },
  );

  it('becomes one CSS variable per colour', () => {
    const variables = cssVariables(theme);
    expect(variables['--tf-bg-0']).toBe(table['bg-0']);
    expect(variables['--tf-series-10']).toBe(seriesColors[theme][9]);
    expect(Object.keys(variables)).toHaveLength(Object.keys(table).length + 10);
  });
});

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
