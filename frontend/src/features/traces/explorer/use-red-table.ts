import { computed } from 'vue';
import { groupsOf } from '../../../lib/telemetry-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { answeredRange, stepFor, useTelemetryQuery } from '../../../lib/use-telemetry-query.js';
import { ORDERS } from './use-traces-state.js';

/** A group of spans: how many, how many failed, how long they took; with what a sparkline draws. */
export interface RedRow {
  readonly labels: readonly string[];
  readonly count: number;
  /** Spans per second. */
  readonly rate: number;
  readonly errors: number;
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
  readonly p99Ns: number | null;
  readonly counts: readonly (number | null)[];
  readonly errorCounts: readonly (number | null)[];
  readonly p95s: readonly (number | null)[];
}

const MOST_GROUPS = 100;
/** A sparkline has no room for more. */
const MOST_STEPS = 40;

/** Rate, errors and durations of the spans by group; the first hundred by the chosen column. */
export function useRedTable(
  range: TimeRange,
  question: () => { filter: string; groupBy: readonly string[]; order: (typeof ORDERS)[number] },
) {
  const query = useTelemetryQuery(range, () => {
    const { filter, groupBy, order } = question();
    return {
      step: stepFor(range.resolve(), MOST_STEPS),
      queries: [
        {
          signal: 'spans',
          filter,
          aggregations: [
            { function: 'count' },
            { function: 'count', where: 'status:error' },
            { function: 'p50', field: 'duration' },
            { function: 'p95', field: 'duration' },
            { function: 'p99', field: 'duration' },
          ],
          groupBy: [...groupBy],
          order: { by: ORDERS.indexOf(order) },
          limit: MOST_GROUPS,
        },
      ],
    };
  });
  const result = computed(() => groupsOf(query.data.value, 'A'));
  const rows = computed<RedRow[]>(() => {
    const { fromMs, toMs } = answeredRange(query.data.value, range);
    const seconds = Math.max(1e-3, (toMs - fromMs) / 1000);
    return (result.value?.groups ?? []).map(({ labels, values, series }) => {
      const [count, errors, p50Ns, p95Ns, p99Ns] = values;
      return {
        labels,
        count: count ?? 0,
        rate: (count ?? 0) / seconds,
        errors: errors ?? 0,
        p50Ns: p50Ns ?? null,
        p95Ns: p95Ns ?? null,
        p99Ns: p99Ns ?? null,
        counts: series?.[0] ?? [],
        errorCounts: series?.[1] ?? [],
        p95s: series?.[3] ?? [],
      };
    });
  });
  /** Of the answer: while another grouping is being asked for, the rows are still those of the one before. */
  const keys = computed(() => result.value?.groupBy ?? question().groupBy);
  const total = computed(() => result.value?.totalGroups ?? 0);
  return { query, rows, keys, total };
}
