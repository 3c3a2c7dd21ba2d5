import type { Series } from '@telemetryflow/contracts';

/** What tells a series from the others: its label values, or the metric's name when nothing was grouped. */
export function seriesName({ labels }: Series, metricName: string): string {
  const values = Object.entries(labels);
  if (values.length === 0) return metricName;
  if (values.length === 1) return values[0]?.[1] || '–';
  return values.map(([key, value]) => `${key}=${value || '–'}`).join(', ');
}
