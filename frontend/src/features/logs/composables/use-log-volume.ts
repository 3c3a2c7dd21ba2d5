import type { QueryResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { useApiQuery } from '../../../lib/query.js';
import { askTelemetry, groupsOf } from '../../../lib/telemetry-query.js';
import type { ResolvedRange, TimeRange } from '../../../lib/time-range.js';
import { severitySeries, volumeStep } from '../model/volume.js';

/** Log volume by severity over the range, and how many records there are. */
export function useLogVolume(range: TimeRange, filter: MaybeRefOrGetter<string>) {
  const query = useApiQuery<{ answer: QueryResponse; range: ResolvedRange }>(
    () => ['logs', 'volume', toValue(filter), range.from, range.to],
    async ({ signal }) => {
      const resolved = range.resolve();
      const answer = await askTelemetry(
        {
          range: { from: String(resolved.fromMs), to: String(resolved.toMs) },
          step: volumeStep(resolved.toMs - resolved.fromMs),
          queries: [
            {
              signal: 'logs',
              filter: toValue(filter),
              aggregations: [{ function: 'count' }],
              groupBy: ['severity'],
            },
          ],
        },
        signal,
      );
      return { answer, range: resolved };
    },
  );
  const groups = computed(() => groupsOf(query.data.value?.answer, 'A')?.groups ?? []);
  return {
    query,
    range: computed(() => query.data.value?.range ?? range.resolve()),
    stepMs: computed(() => query.data.value?.answer.meta.stepMs ?? null),
    series: computed(() => severitySeries(groups.value, query.data.value?.answer.meta.times ?? [])),
    notes: computed(() => query.data.value?.answer.meta.notes),
    /** Null until it is known. */
    total: computed(() =>
      query.data.value ? groups.value.reduce((sum, { values }) => sum + (values[0] ?? 0), 0) : null,
    ),
  };
}
