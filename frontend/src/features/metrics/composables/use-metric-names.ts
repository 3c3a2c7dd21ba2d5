import type { MetricNamesResponse } from '@telemetryflow/contracts';
import { refDebounced } from '@vueuse/core';
import { computed, ref } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import { catalogueOf, type CatalogueOrder } from '../model/catalogue.js';

/** The catalogue, a search in it by name, unit or words of the description, and its order. */
export function useMetricNames() {
  const search = ref('');
  const settled = refDebounced(search, 80);
  const query = useApiQuery(
    () => ['metrics', 'names'],
    ({ signal }) => api.get<MetricNamesResponse>('/telemetry/metrics/names', { signal }),
  );
  const all = computed(() => query.data.value?.data ?? []);
  const byName = computed(() => new Map(all.value.map((metric) => [metric.name, metric])));
  const sort = ref<CatalogueOrder>('name');
  const found = computed(() => catalogueOf(all.value, settled.value, sort.value));
  return { query, all, byName, found, search, sort };
}
