import type { LogRecord, MetricNamesResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { useI18n } from 'vue-i18n';
import { api } from '../../../lib/api.js';
import { toMs } from '../../../lib/format.js';
import { useApiQuery } from '../../../lib/query.js';
import { useSession } from '../../../lib/session.js';
import { askTelemetry, groupsOf } from '../../../lib/telemetry-query.js';
import { severityColorHex } from '../../../lib/severity.js';
import { surroundingCharts, tellingMetrics } from '../model/surrounding.js';

/** A quarter of an hour on either side. */
const REACH_MS = 900_000;
const METRICS = 6;

/** How the record's service was doing around it: requests, errors and latency, and its most telling metrics. */
export function useSurroundingMetrics(record: MaybeRefOrGetter<LogRecord>) {
  const { t } = useI18n();
  const session = useSession();
  const service = computed(() => toValue(record).serviceName);
  const mayMetrics = computed(() => session.can('metrics:read'));
  const names = useApiQuery(
    () => ['metrics', 'names', service.value],
    ({ signal }) =>
      api.get<MetricNamesResponse>('/telemetry/metrics/names', { query: { service: service.value }, signal }),
    { live: false, enabled: mayMetrics, keepPrevious: false },
  );
  const charts = computed(() =>
    surroundingCharts(
      toValue(record),
      tellingMetrics(names.data.value?.data ?? [], METRICS),
      { traces: session.can('traces:read'), metrics: mayMetrics.value },
      {
        requests: t('logs.around.requests'),
        latency: t('logs.around.latency'),
        all: t('logs.around.all'),
        failed: t('logs.around.failed'),
      },
    ),
  );
  const range = computed(() => {
    const at = toMs(toValue(record).timeUnixNano);
    return { fromMs: Math.floor(at - REACH_MS), toMs: Math.ceil(at + REACH_MS) };
  });
  const query = useApiQuery(
    () => ['logs', 'around', toValue(record).id, charts.value.map(({ title }) => title)],
    ({ signal }) =>
      askTelemetry(
        {
          range: { from: String(range.value.fromMs), to: String(range.value.toMs) },
          queries: charts.value.map(({ part }) => part),
        },
        signal,
      ),
    {
      live: false,
      keepPrevious: false,
      enabled: () => charts.value.length > 0 && (!mayMetrics.value || names.isSuccess.value),
    },
  );
  const shown = computed(() =>
    charts.value.flatMap((chart) => {
      const { label, title } = chart;
      const answer = groupsOf(query.data.value, label);
      const times = query.data.value?.meta.times ?? [];
      const series = (answer?.groups[0]?.series ?? []).map((values, i) => ({
        name: chart.names?.[i] ?? answer?.columns[i]?.name ?? title,
        ...(chart.names && i > 0 && { color: severityColorHex('error') }),
        points: times.map((time, at) => [time, values[at] ?? null] as const),
      }));
      const isEmpty = !series.some(({ points }) => points.some(([, value]) => value !== null && value !== 0));
      return isEmpty ? [] : [{ title, unit: answer?.columns[0]?.unit ?? '', series }];
    }),
  );
  return { query, range, shown, stepMs: computed(() => query.data.value?.meta.stepMs ?? null) };
}
