import type { LogRecord, LogsResponse } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { usePagedQuery } from '../../../lib/paged-query.js';
import type { TimeRange } from '../../../lib/time-range.js';

const PAGE_SIZE = 200;

/** The log records of a range that match a filter, newest first. */
export function useLogList(range: TimeRange, filter: MaybeRefOrGetter<string>) {
  const list = usePagedQuery<LogRecord>(
    () => ['logs', toValue(filter)],
    range,
    ({ fromMs, toMs, cursor, signal }) =>
      api.get<LogsResponse>('/telemetry/logs', {
        query: { from: fromMs, to: toMs, filter: toValue(filter), limit: PAGE_SIZE, cursor },
        signal,
      }),
  );
  /** With counts of the loaded rows; null before the first answer. */
  const services = computed(() => {
    if (!list.query.data.value) return null;
    const counts = new Map<string, number>();
    for (const { serviceName } of list.rows.value) counts.set(serviceName, (counts.get(serviceName) ?? 0) + 1);
    return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
  });
  return { ...list, services };
}
