import type { Severity } from '@telemetryflow/contracts';
import { colors, type ColorToken } from '../ui/tokens.js';
import { theme } from './preferences.js';

/** Quietest first. */
export const SEVERITIES: readonly Severity[] = ['unspecified', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** OTLP's severity number (1–24, in fours) as a name; 0 and what lies outside is unspecified. */
export function severityOf(severityNumber: number): Severity {
  if (severityNumber < 1 || severityNumber > 24) return 'unspecified';
  return SEVERITIES[Math.floor((severityNumber - 1) / 4) + 1] ?? 'unspecified';
}

function token(severity: Severity): ColorToken {
  return severity === 'unspecified' ? 'text-3' : severity;
}

/** The severity's colour as a CSS value. */
export function severityColor(severity: Severity): string {
  return `var(--tf-${token(severity)})`;
}

/** The severity's colour as `#rrggbb`, for a canvas; reactive to the theme. */
export function severityColorHex(severity: Severity): string {
  return colors[theme.value][token(severity)];
}
