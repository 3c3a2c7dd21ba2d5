import type { LogPattern, Severity } from '@telemetryflow/contracts';
import { SEVERITIES } from '../../../lib/severity.js';

/** A template in pieces: wording, and places where the texts differ. */
export function templatePieces(template: string): { text: string; isVariable: boolean }[] {
  return template
    .split(/(<\*>)/)
    .filter((text) => text !== '')
    .map((text) => (text === '<*>' ? { text: '∗', isVariable: true } : { text, isVariable: false }));
}

/** The loudest severity that at least one record in ten has, else the most frequent. */
export function patternSeverity({ severities, count }: Pick<LogPattern, 'severities' | 'count'>): Severity {
  const loud = [...SEVERITIES].reverse().find((name) => (severities[name] ?? 0) >= count / 10);
  return loud ?? 'unspecified';
}

/**
 * How the second half of a trend compares with the first, as a ratio (0.5: half as many again); null when the first half
 * has none to compare with. Steps at the ends may be cut off by the range and do not count.
 */
export function trendChange(trend: readonly number[]): number | null {
  const whole = trend.length > 4 ? trend.slice(1, -1) : trend;
  const half = Math.floor(whole.length / 2);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const before = sum(whole.slice(0, half));
  return before === 0 ? null : sum(whole.slice(-half)) / before - 1;
}

/**
 * The pattern began late in the range: nothing in its first third, when others were already heard.
 *
 * @param all the trend of all patterns together
 */
export function isNew(trend: readonly number[], all: readonly number[]): boolean {
  const third = Math.floor(trend.length / 3);
  const isSilent = (counts: readonly number[]) => counts.slice(0, third).every((count) => count === 0);
  return third > 0 && isSilent(trend) && !isSilent(all);
}
