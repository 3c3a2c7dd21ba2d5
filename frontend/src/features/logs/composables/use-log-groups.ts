import type { QueryResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { useApiQuery } from '../../../lib/query.js';
import { askTelemetry, groupsOf } from '../../../lib/telemetry-query.js';
import type { TimeRange } from '../../../lib/time-range.js';

const GROUPS = 100;

export interface LogGroup {
  readonly labels: readonly string[];
  readonly count: number;
  readonly errors: number;
  readonly trend: readonly (number | null)[];
}

/** Matching records counted by fields, with the errors among them and their course. */
export function useLogGroups(
  range: TimeRange,
  filter: MaybeRefOrGetter<string>,
  by: MaybeRefOrGetter<readonly string[]>,
  isShown: MaybeRefOrGetter<boolean>,
) {
  const query = useApiQuery<QueryResponse>(
    () => ['logs', 'groups', toValue(filter), toValue(by).join(','), range.from, range.to],
    ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      const part = {
        signal: 'logs' as const,
        filter: toValue(filter),
        aggregations: [{ function: 'count' as const }, { function: 'count' as const, where: 'severity:>=error' }],
        groupBy: [...toValue(by)],
        limit: GROUPS,
      };
      return askTelemetry({ range: { from: String(fromMs), to: String(toMs) }, queries: [part] }, signal);
    },
    { enabled: () => toValue(isShown) && toValue(by).length > 0 },
  );
  const answer = computed(() => groupsOf(query.data.value, 'A'));
  return {
    query,
    by: computed(() => answer.value?.groupBy ?? []),
    totalGroups: computed(() => answer.value?.totalGroups ?? 0),
    groups: computed<LogGroup[]>(() =>
      (answer.value?.groups ?? []).map(({ labels, values, series }) => ({
        labels,
        count: values[0] ?? 0,
        errors: values[1] ?? 0,
        trend: series?.[0] ?? [],
      })),
    ),
  };
}
