import { computed } from 'vue';
import { groupsOf } from '../../../lib/telemetry-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import type { ChartSeries } from '../../../ui/charts/series.js';
import { answeredRange, stepFor, useTelemetryQuery } from '../../../lib/use-telemetry-query.js';

/** About the cells that a screen has room for. */
const MOST_STEPS = 120;

/** Drawn over the cells. */
const PERCENTILES = ['p50', 'p95'] as const;

/** Spans by start and duration. */
export function useHeatmap(range: TimeRange, filter: () => string) {
  const query = useTelemetryQuery(range, () => ({
    step: stepFor(range.resolve(), MOST_STEPS),
    queries: [
      {
        signal: 'spans',
        filter: filter(),
        aggregations: [
          { function: 'histogram', field: 'duration' },
          { function: 'count' },
          ...PERCENTILES.map((name) => ({ function: name, field: 'duration' })),
        ],
      },
    ],
  }));
  const group = computed(() => groupsOf(query.data.value, 'A')?.groups[0]);
  const distribution = computed(() => group.value?.distributions?.[0] ?? { bounds: [], counts: [] });
  const times = computed(() => query.data.value?.meta.times ?? []);
  const stepMs = computed(() => query.data.value?.meta.stepMs ?? 60_000);
  const shownRange = computed(() => answeredRange(query.data.value, range));
  const lines = computed<ChartSeries[]>(() =>
    PERCENTILES.map((name, i) => ({
      name,
      points: times.value.map((time, step) => [time, group.value?.series?.[i + 2]?.[step] ?? null] as const),
    })),
  );
  const isEmpty = computed(() => query.isSuccess.value && (group.value?.values[1] ?? 0) === 0);
  return { query, distribution, times, lines, stepMs, shownRange, isEmpty };
}
