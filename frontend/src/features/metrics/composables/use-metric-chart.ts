import type { MetricName, Series, TimeseriesResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import { serviceColorHex } from '../../../lib/service-color.js';
import type { ResolvedRange, TimeRange } from '../../../lib/time-range.js';
import { useUrlQuery } from '../../../lib/url-query.js';
import { aggregationFor, aggregationsOf, stepsFor } from '../model/aggregations.js';
import { seriesName } from '../model/series-name.js';

/** By service alone, series have the colours that the services have everywhere. */
function colorOf({ labels }: Series): { color?: string } {
  const { 'service.name': service, ...others } = labels;
  return service && Object.keys(others).length === 0 ? { color: serviceColorHex(service) } : {};
}

interface Answer extends TimeseriesResponse {
  readonly range: ResolvedRange;
}

/** One metric over time: its choices live in the URL (`agg`, `by`, `step`, `filter`), the series follow them. */
export function useMetricChart(metric: MaybeRefOrGetter<MetricName>, range: TimeRange) {
  const url = useUrlQuery();
  const aggregation = computed(() => aggregationFor(toValue(metric).type, url.get('agg')));
  const aggregations = computed(() => aggregationsOf(toValue(metric).type));
  const groupKeys = computed(() => [...new Set(['service.name', ...toValue(metric).attributeKeys])]);
  const groupBy = computed(() => url.get('by').split(',').filter(Boolean));
  const filter = computed(() => url.get('filter'));
  const steps = computed(() => {
    const { fromMs, toMs } = range.resolve();
    return stepsFor(toMs - fromMs);
  });
  const step = computed(() => (steps.value.includes(url.get('step')) ? url.get('step') : 'auto'));

  const query = useApiQuery(
    () => {
      const shape = [toValue(metric).name, aggregation.value, groupBy.value.join(','), filter.value, step.value];
      return ['metrics', 'timeseries', ...shape, range.from, range.to];
    },
    async ({ signal }): Promise<Answer> => {
      const resolved = range.resolve();
      const answer = await api.get<TimeseriesResponse>('/telemetry/metrics/timeseries', {
        query: {
          metricName: toValue(metric).name,
          from: resolved.fromMs,
          to: resolved.toMs,
          step: step.value,
          aggregation: aggregation.value,
          groupBy: groupBy.value.join(','),
          filter: filter.value,
        },
        signal,
      });
      return { ...answer, range: resolved };
    },
  );
  const series = computed(() =>
    (query.data.value?.series ?? []).map((entry) => ({
      name: seriesName(entry, toValue(metric).name),
      points: entry.points,
      ...colorOf(entry),
    })),
  );
  return { query, series, aggregation, aggregations, groupKeys, groupBy, step, steps, patch: url.patch };
}
