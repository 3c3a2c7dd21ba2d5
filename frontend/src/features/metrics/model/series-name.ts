import type { Series } from '@telemetryflow/contracts';

/** What tells a series from the others: its label values, or the metric's name when nothing was grouped. */
export function seriesName({ labels }: Series, metricName: string): string {
  const values = Object.values(labels);
  return values.length === 0 ? metricName : values.map((value) => value || '–').join(' · ');
}
