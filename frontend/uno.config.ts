import { defineConfig, presetIcons, presetWind4, transformerDirectives, transformerVariantGroup } from 'unocss';
import { colors, cssVariables, fonts, type ThemeName } from './src/ui/tokens.js';

const block = (theme: ThemeName) =>
  Object.entries(cssVariables(theme))
    .map(([name, value]) => `${name}:${value}`)
    .join(';') + `;color-scheme:${theme}`;

/** Light, dark by the system, or whichever class the user's choice put on the root. */
const themeCss = () => `
:root{${block('light')}}
@media (prefers-color-scheme: dark){:root:not(.light){${block('dark')}}}
:root.dark{${block('dark')}}`;

export default defineConfig({
  presets: [presetWind4({ preflights: { reset: true, theme: 'on-demand' } }), presetIcons({ scale: 1.2 })],
  transformers: [
    transformerDirectives(),
    // In components only: in plain TypeScript `kind:(server OR consumer)` is a filter, which it would rewrite.
    { ...transformerVariantGroup(), idFilter: (id) => /\.vue($|\?)/.test(id) },
  ],
  // Routes and tables name icons in plain TypeScript.
  content: { pipeline: { include: [/\/src\/.*\.(vue|ts)($|\?)/] } },
  theme: {
    colors: Object.fromEntries(Object.keys(colors.dark).map((name) => [name, `var(--tf-${name})`])),
    font: { sans: fonts.sans, mono: fonts.mono },
  },
  // Not ours: the preset reads it as the `ring` utility under `focus`. The focus outline is in base.css, for everything.
  blocklist: ['focus-ring'],
  preflights: [{ getCSS: themeCss }],
  rules: [
    [/^bg-([012])$/, ([, n]) => ({ 'background-color': `var(--tf-bg-${n})` })],
    [/^text-([123])$/, ([, n]) => ({ color: `var(--tf-text-${n})` })],
    // Among the utilities it would come after `border-b` and undo it.
    ['border-0', { 'border-width': '0' }, { layer: 'preflights' }],
    ['border-line', { 'border-color': 'var(--tf-line)' }],
    // An arrow or a doubled slash must read as it is typed.
    ['no-ligatures', { 'font-variant-ligatures': 'none' }],
    ['num', { 'font-variant-numeric': 'tabular-nums' }],
  ],
  shortcuts: {
    panel: 'bg-1 border border-line border-solid rounded-8px',
    mono: 'font-mono text-12px leading-18px no-ligatures',
    label: 'text-12px text-3',
    h1: 'text-22px font-600 leading-28px',
    h2: 'text-18px font-600 leading-24px',
    h3: 'text-15px font-600 leading-20px',
    ellipsis: 'overflow-hidden text-ellipsis whitespace-nowrap',
    hoverable: 'hover:bg-2 transition-colors duration-120',
    link: 'text-1 underline decoration-text-3 underline-offset-3 hover:decoration-current cursor-pointer border-none bg-transparent p-0 rounded-2px text-13px text-left',
    'icon-button':
      'inline-flex items-center justify-center h-28px min-w-28px px-6px rounded-6px text-2 bg-transparent border-none cursor-pointer hover:(bg-2 text-1) transition-colors duration-120 disabled:(opacity-50 cursor-default)',
  },
});
