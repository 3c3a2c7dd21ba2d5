/**
 * The one table of colours, sizes and fonts. It feeds the UnoCSS theme (uno.config.ts), Naive UI (naive-theme.ts) and the
 * charts (charts/chart-options.ts). Nothing else in the front end names a colour.
 *
 * Classes that come of it: `bg-0 bg-1 bg-2`, `text-1 text-2 text-3`, `border-line`, `divide-line`, and for every name of
 * `ColorToken` the usual colour utilities (`text-accent`, `bg-error/10`, `border-warn`, `text-on-accent`). In styles:
 * `var(--tf-bg-0)`, `var(--tf-text-2)`, `var(--tf-line)`, `var(--tf-series-1)` … `var(--tf-series-10)`.
 * Shortcuts: `panel` (bg-1, hairline, radius 8), `mono` (JetBrains Mono 12), `num` (tabular numbers), `label`
 * (12 px secondary), `h1 h2 h3` (22, 18, 15), `ellipsis`, `hoverable`.
 */
const dark = {
  'bg-0': '#0B0E14',
  'bg-1': '#11151D',
  'bg-2': '#171C26',
  line: '#232A36',
  'text-1': '#E6EAF2',
  'text-2': '#9AA4B5',
  'text-3': '#7E899C',
  accent: '#2DD4BF',
  'on-accent': '#0B0E14',
  trace: '#8B95A7',
  debug: '#94A3B8',
  info: '#60A5FA',
  warn: '#FBBF24',
  error: '#F87171',
  fatal: '#E879F9',
} as const;

export type ColorToken = keyof typeof dark;
export type ThemeName = 'dark' | 'light';

const light: Readonly<Record<ColorToken, string>> = {
  'bg-0': '#F7F8FA',
  'bg-1': '#FFFFFF',
  'bg-2': '#F0F2F5',
  line: '#E1E5EB',
  'text-1': '#11151D',
  'text-2': '#4B5565',
  'text-3': '#5F6979',
  accent: '#0F766E',
  'on-accent': '#FFFFFF',
  trace: '#5F6979',
  debug: '#56637A',
  info: '#2563EB',
  warn: '#A34A08',
  error: '#C81E1E',
  fatal: '#A21CAF',
};

const series = [
  '#56B4E9',
  '#E69F00',
  '#3CB48A',
  '#CC79A7',
  '#8C8CFF',
  '#D5723E',
  '#C9B92B',
  '#7FD1AE',
  '#B0825A',
  '#9AA4B5',
] as const;

function channels(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

function darken(hex: string, share: number): string {
  const parts = channels(hex).map((c) =>
    Math.round(c * (1 - share))
      .toString(16)
      .padStart(2, '0'),
  );
  return `#${parts.join('')}`;
}

/** WCAG 2.1 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, bl] = channels(hex).map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

/** On white, 12 % darker; the palest go on until they reach the 3:1 that WCAG 1.4.11 asks of graphics. */
function forLight(hex: string): string {
  let share = 0.12;
  while (contrast(darken(hex, share), light['bg-1']) < 3) share += 0.02;
  return darken(hex, share);
}

export const colors: Readonly<Record<ThemeName, Readonly<Record<ColorToken, string>>>> = { dark, light };

/** Series colours 1–10 of each theme, colour-blind safe. */
export const seriesColors: Readonly<Record<ThemeName, readonly string[]>> = {
  dark: series,
  light: series.map(forLight),
};

export const fonts = {
  sans: "'Inter Variable', system-ui, sans-serif",
  mono: "'JetBrains Mono Variable', ui-monospace, monospace",
} as const;

/** Pixels. */
export const sizes = {
  text: 13,
  table: 12,
  control: 28,
  row: 30,
  logRow: 22,
  radiusControl: 6,
  radiusPanel: 8,
  sidebar: 208,
  sidebarCollapsed: 56,
  topBar: 48,
  drawerMin: 480,
  drawerMax: 720,
  narrow: 640,
} as const;

/** The CSS custom properties of one theme, as `name: value` pairs. */
export function cssVariables(theme: ThemeName): Record<string, string> {
  const entries = [
    ...Object.entries(colors[theme]).map(([name, value]) => [`--tf-${name}`, value] as const),
    ...seriesColors[theme].map((value, i) => [`--tf-series-${i + 1}`, value] as const),
  ];
  return Object.fromEntries(entries);
}
