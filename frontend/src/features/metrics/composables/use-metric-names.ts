import type { MetricNamesResponse } from '@telemetryflow/contracts';
import { refDebounced } from '@vueuse/core';
import { computed, ref } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';

/** The catalogue, and a search in it by name, unit or words of the description. */
export function useMetricNames() {
  const search = ref('');
  const settled = refDebounced(search, 80);
  const query = useApiQuery(
    () => ['metrics', 'names'],
    ({ signal }) => api.get<MetricNamesResponse>('/telemetry/metrics/names', { signal }),
  );
  const all = computed(() => query.data.value?.data ?? []);
  const byName = computed(() => new Map(all.value.map((metric) => [metric.name, metric])));
  const found = computed(() => {
    const needles = settled.value.toLowerCase().split(/\s+/).filter(Boolean);
    return all.value.filter(({ name, description, unit, type }) => {
      const text = `${name} ${description} ${unit} ${type}`.toLowerCase();
      return needles.every((needle) => text.includes(needle));
    });
  });
  return { query, all, byName, found, search };
}
