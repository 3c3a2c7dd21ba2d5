import type { LogHistogramResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { facetOf, withFacet } from '../../../lib/filter-terms.js';
import { useApiQuery } from '../../../lib/query.js';
import type { ResolvedRange, TimeRange } from '../../../lib/time-range.js';
import { severitySeries, severityTotals } from '../model/histogram.js';

interface Histogram extends LogHistogramResponse {
  readonly range: ResolvedRange;
}

/**
 * Log volume by severity, and the counts of the severity facet. A facet counts what its own choices would bring, so
 * while severities are chosen the volume is asked for a second time without them.
 */
export function useLogHistogram(range: TimeRange, filter: MaybeRefOrGetter<string>, buckets: MaybeRefOrGetter<number>) {
  const load = async (text: string, count: number, signal: AbortSignal): Promise<Histogram> => {
    const resolved = range.resolve();
    const answer = await api.get<LogHistogramResponse>('/telemetry/logs/histogram', {
      query: { from: resolved.fromMs, to: resolved.toMs, filter: text, buckets: count },
      signal,
    });
    return { ...answer, range: resolved };
  };
  const withoutSeverity = computed(() => withFacet(toValue(filter), 'severity', { included: [], excluded: [] }));
  const isFaceted = computed(() => {
    const { included, excluded } = facetOf(toValue(filter), 'severity');
    return included.length + excluded.length > 0;
  });
  const query = useApiQuery(
    () => ['logs', 'histogram', toValue(filter), range.from, range.to, toValue(buckets)],
    ({ signal }) => load(toValue(filter), toValue(buckets), signal),
  );
  const unfaceted = useApiQuery(
    () => ['logs', 'histogram', withoutSeverity.value, range.from, range.to, 1],
    ({ signal }) => load(withoutSeverity.value, 1, signal),
    { enabled: isFaceted },
  );
  return {
    query,
    series: computed(() => (query.data.value ? severitySeries(query.data.value) : [])),
    total: computed(() => query.data.value?.total ?? null),
    /** Null until they are known. */
    severityCounts: computed(() => {
      const source = isFaceted.value ? unfaceted.data.value : query.data.value;
      return source ? severityTotals(source) : null;
    }),
  };
}
