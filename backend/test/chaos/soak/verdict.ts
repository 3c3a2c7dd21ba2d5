/** Whether a figure stays where it is: first against last quarter, and the growth of a straight line through all samples. */

export interface Bound {
  /** Growth that is still flat, as a share of the first quarter's median … */
  readonly share: number;
  /** … or in the figure's own unit, whichever is more. */
  readonly least: number;
}

export interface Judged {
  readonly name: string;
  readonly firstQuarter: number;
  readonly lastQuarter: number;
  /** Of the fitted line, from the first sample to the last. */
  readonly growth: number;
  readonly allowed: number;
  readonly flat: boolean;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** NaN of no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Growth of the least-squares line over evenly spaced samples, from the first to the last. */
export function fittedGrowth(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return 0;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((sum, y) => sum + y, 0) / n;
  let covariance = 0;
  let variance = 0;
  values.forEach((y, x) => {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  });
  return (covariance / variance) * (n - 1);
}

export function judge(name: string, values: readonly number[], bound: Bound): Judged {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const firstQuarter = median(values.slice(0, quarter));
  const lastQuarter = median(values.slice(-quarter));
  const growth = fittedGrowth(values);
  const allowed = Math.max(firstQuarter * bound.share, bound.least);
  return { name, firstQuarter, lastQuarter, growth, allowed, flat: values.length > 0 && growth <= allowed };
}
