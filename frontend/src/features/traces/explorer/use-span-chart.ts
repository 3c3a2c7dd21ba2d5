import type { TelemetryQueryInput } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { theme } from '../../../lib/preferences.js';
import { groupsOf } from '../../../lib/telemetry-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { answeredRange, useTelemetryQuery } from '../../../lib/use-telemetry-query.js';
import type { ChartSeries } from '../../../ui/charts/series.js';
import { colors } from '../../../ui/tokens.js';
import type { CHARTS } from './use-traces-state.js';

type Aggregations = NonNullable<TelemetryQueryInput['queries'][number]['aggregations']>;

const ASKED: Record<(typeof CHARTS)[number], Aggregations> = {
  volume: [{ function: 'count' }, { function: 'count', where: 'status:error' }],
  latency: (['p50', 'p95', 'p99'] as const).map((name) => ({ function: name, field: 'duration' })),
};

/** How many spans there are, and errors among them, or how long they take, over the range. */
export function useSpanChart(range: TimeRange, filter: () => string, chart: () => (typeof CHARTS)[number]) {
  const { t } = useI18n();
  const query = useTelemetryQuery(range, () => ({
    step: 'auto',
    queries: [{ signal: 'spans', filter: filter(), aggregations: ASKED[chart()] }],
  }));
  const result = computed(() => groupsOf(query.data.value, 'A'));
  /** Of the answer, which may still be that to the question before. */
  const kind = computed(() => (result.value?.columns.length === ASKED.latency.length ? 'latency' : 'volume'));
  const lines = computed(() => result.value?.groups[0]?.series ?? []);
  const series = computed<ChartSeries[]>(() => {
    const times = query.data.value?.meta.times ?? [];
    const at = (values: readonly (number | null)[] | undefined) =>
      times.map((time, i) => [time, values?.[i] ?? null] as const);
    const palette = colors[theme.value];
    if (kind.value === 'latency') return ['p50', 'p95', 'p99'].map((name, i) => ({ name, points: at(lines.value[i]) }));
    const [all, errors] = lines.value;
    const others = times.map((_, i) => (all?.[i] ?? 0) - (errors?.[i] ?? 0));
    return [
      { name: t('traces.chart.errors'), color: palette.error, points: at(times.map((_, i) => errors?.[i] ?? 0)) },
      // Most are good, and good is quiet.
      { name: t('traces.chart.others'), color: `${palette['text-3']}99`, points: at(others) },
    ];
  });
  /** Over the whole range; null while it is not known. */
  const totals = computed(() => {
    const [count, errors] = kind.value === 'volume' ? (result.value?.groups[0]?.values ?? []) : [];
    if (result.value === undefined || kind.value !== 'volume') return null;
    return { count: count ?? 0, errors: errors ?? 0 };
  });
  const shownRange = computed(() => answeredRange(query.data.value, range));
  const stepMs = computed(() => query.data.value?.meta.stepMs ?? null);
  return { query, kind, series, totals, shownRange, stepMs };
}
