import { seriesColors } from '../ui/tokens.js';
import { theme } from './preferences.js';

/** 1 to 10: the series colour that a name always has. FNV-1a, so that near names part. */
export function seriesIndex(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  // The low bits of FNV alone are weak for short names.
  return ((((hash >>> 16) ^ hash) >>> 0) % seriesColors.dark.length) + 1;
}

/** A service's colour as a CSS value; follows the theme by itself. */
export function serviceColor(name: string): string {
  return `var(--tf-series-${seriesIndex(name)})`;
}

/** A service's colour as `#rrggbb`, for a canvas; reactive to the theme. */
export function serviceColorHex(name: string): string {
  return seriesColors[theme.value][seriesIndex(name) - 1] ?? '#9AA4B5';
}
