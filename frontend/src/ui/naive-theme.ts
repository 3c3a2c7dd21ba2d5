import { darkTheme, type GlobalTheme, type GlobalThemeOverrides } from 'naive-ui';
import { colors, contrast, fonts, sizes, type ThemeName } from './tokens.js';

/** Mixes a share of `b` into `a`, both `#rrggbb`. */
function mix(a: string, b: string, share: number): string {
  const at = (hex: string, i: number) => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `#${[0, 1, 2]
    .map((i) =>
      Math.round(at(a, i) * (1 - share) + at(b, i) * share)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

export function naiveTheme(theme: ThemeName): GlobalTheme | null {
  return theme === 'dark' ? darkTheme : null;
}

function commonOf(theme: ThemeName): NonNullable<GlobalThemeOverrides['common']> {
  const c = colors[theme];
  const lighter = mix(c.accent, c['text-1'], 0.16);
  return {
    fontFamily: fonts.sans,
    fontFamilyMono: fonts.mono,
    fontSize: `${sizes.text}px`,
    fontSizeTiny: `${sizes.table}px`,
    fontSizeSmall: `${sizes.text}px`,
    fontSizeMedium: `${sizes.text}px`,
    fontSizeLarge: '15px',
    borderRadius: `${sizes.radiusControl}px`,
    borderRadiusSmall: '4px',
    heightTiny: '22px',
    heightSmall: `${sizes.control}px`,
    heightMedium: `${sizes.control}px`,
    heightLarge: '36px',
    primaryColor: c.accent,
    primaryColorHover: lighter,
    primaryColorPressed: mix(c.accent, c['bg-0'], 0.16),
    primaryColorSuppl: c.accent,
    infoColor: c.info,
    successColor: c.accent,
    warningColor: c.warn,
    errorColor: c.error,
    errorColorHover: mix(c.error, c['text-1'], 0.12),
    bodyColor: c['bg-0'],
    cardColor: c['bg-1'],
    modalColor: c['bg-1'],
    popoverColor: c['bg-2'],
    tableColor: c['bg-1'],
    inputColor: c['bg-1'],
    hoverColor: c['bg-2'],
    borderColor: c.line,
    dividerColor: c.line,
    textColorBase: c['text-1'],
    textColor1: c['text-1'],
    textColor2: c['text-1'],
    textColor3: c['text-2'],
    placeholderColor: c['text-3'],
    iconColor: c['text-2'],
    cubicBezierEaseInOut: 'ease-out',
  };
}

/** Naive UI in the platform's colours. */
export function naiveOverrides(theme: ThemeName): GlobalThemeOverrides {
  const c = colors[theme];
  const onError = contrast(c.error, c['bg-0']) > contrast(c.error, '#FFFFFF') ? c['bg-0'] : '#FFFFFF';
  const onAccent = {
    textColorPrimary: c['on-accent'],
    textColorHoverPrimary: c['on-accent'],
    textColorPressedPrimary: c['on-accent'],
    textColorFocusPrimary: c['on-accent'],
  };
  return {
    common: commonOf(theme),
    Button: {
      ...onAccent,
      textColorDisabledPrimary: c['on-accent'],
      textColorError: onError,
      textColorHoverError: onError,
      textColorPressedError: onError,
      textColorFocusError: onError,
      border: `1px solid ${c.line}`,
      fontWeight: '500',
      waveOpacity: '0',
    },
    Input: {
      border: `1px solid ${c.line}`,
      boxShadowFocus: `0 0 0 1px ${c.accent}`,
      caretColor: c.accent,
      colorFocus: c['bg-1'],
      colorFocusError: c['bg-1'],
    },
    Checkbox: { border: `1px solid ${c['text-3']}`, checkMarkColor: c['on-accent'] },
    InternalSelection: {
      border: `1px solid ${c.line}`,
      boxShadowFocus: `0 0 0 1px ${c.accent}`,
      colorActive: c['bg-1'],
    },
    Popover: { padding: '8px', borderRadius: `${sizes.radiusPanel}px` },
    Tooltip: { color: c['bg-2'], textColor: c['text-1'], padding: '6px 10px' },
    Card: { borderRadius: `${sizes.radiusPanel}px`, titleFontSizeMedium: '15px', titleFontWeight: '600' },
    Dropdown: { optionHeightMedium: '30px' },
  };
}
