import type { MetricName } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { serviceColorHex } from '../../../lib/service-color.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { answeredRange, useTelemetryQuery } from '../../../lib/use-telemetry-query.js';
import { paletteColor } from '../../../ui/charts/chart-options.js';
import { aggregationFor } from '../model/aggregations.js';
import { questionOf, type Explored, type MetricQuery, type Show } from '../model/metric-query.js';
import { panelsOf } from '../model/panels.js';

/** What is explored as charts. `metrics` is the catalogue: a metric's type says how it is shown at first. */
export function useMetricPanels(
  range: TimeRange,
  explored: () => Explored,
  metrics: () => ReadonlyMap<string, MetricName>,
  options: { step: () => string; compare: () => string },
) {
  const { t } = useI18n();
  const showFor = (query: MetricQuery): Show => {
    const known = metrics().get(query.metric);
    if (known !== undefined) return aggregationFor(known.type, query.show);
    return query.show === '' ? 'avg' : query.show;
  };
  const query = useTelemetryQuery(range, () => {
    const { queries } = explored();
    if (queries.length === 0 || metrics().size === 0) return null;
    const hasHeatmap = queries.some((one) => showFor(one) === 'heatmap');
    return questionOf(explored(), {
      step: options.step(),
      // Two heatmaps can't be laid over each other.
      compare: hasHeatmap ? '' : options.compare(),
      showFor,
    });
  });
  const titleOf = (label: string) => {
    const formula = explored().formulas.find((one) => one.label === label);
    if (formula) return formula.alias || formula.expression;
    return explored().queries.find((one) => one.label === label)?.metric ?? label;
  };
  const panels = computed(() =>
    query.data.value === undefined
      ? []
      : panelsOf(query.data.value, {
          titleOf,
          earlier: t('metrics.earlier', { period: options.compare() }),
          // By service alone, lines have the colours that the services have everywhere.
          colorOf: (position, [service = ''], keys) =>
            keys.length === 1 && keys[0] === 'service.name' ? serviceColorHex(service) : paletteColor(position),
        }),
  );
  return {
    query,
    panels,
    showFor,
    answered: computed(() => answeredRange(query.data.value, range)),
    notes: computed(() => query.data.value?.meta.notes ?? []),
  };
}
