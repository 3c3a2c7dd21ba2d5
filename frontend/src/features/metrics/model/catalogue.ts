import type { MetricName } from '@telemetryflow/contracts';

/** By name, by the number of series, by when it came in last. */
export const CATALOGUE_ORDERS = ['name', 'series', 'newest'] as const;
export type CatalogueOrder = (typeof CATALOGUE_ORDERS)[number];

/** Metrics whose name, description, unit or type have every word, in the asked order. */
export function catalogueOf(metrics: readonly MetricName[], search: string, order: CatalogueOrder): MetricName[] {
  const needles = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = metrics.filter(({ name, description, unit, type }) => {
    const text = `${name} ${description} ${unit} ${type}`.toLowerCase();
    return needles.every((needle) => text.includes(needle));
  });
  // They come by name, and equal ones stay so.
  if (order === 'series') return found.sort((a, b) => b.seriesCount - a.seriesCount);
  return order === 'newest' ? found.sort((a, b) => Date.parse(b.lastSeen) - Date.parse(a.lastSeen)) : found;
}
