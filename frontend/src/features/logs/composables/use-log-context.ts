import type { LogContextResponse, LogNeighbourhood, LogRecord } from '@telemetryflow/contracts';
import { ref, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';

const STEP = 25;
const MOST = 500;

/** What was logged around a record; `earlier` and `later` widen it. */
export function useLogContext(record: MaybeRefOrGetter<LogRecord>) {
  const within = ref<LogNeighbourhood>('resource');
  const before = ref(STEP);
  const after = ref(STEP);
  watch(
    () => toValue(record).id,
    () => {
      before.value = STEP;
      after.value = STEP;
    },
  );
  const query = useApiQuery(
    () => ['logs', 'context', toValue(record).id, within.value, before.value, after.value],
    ({ signal }) => {
      const { id, timeUnixNano } = toValue(record);
      return api.get<LogContextResponse>(`/telemetry/logs/${id}/context`, {
        query: { time: timeUnixNano, within: within.value, before: before.value, after: after.value },
        signal,
      });
    },
    { live: false },
  );
  return {
    query,
    within,
    earlier: () => (before.value = Math.min(MOST, before.value + 2 * STEP)),
    later: () => (after.value = Math.min(MOST, after.value + 2 * STEP)),
    canWiden: (side: 'before' | 'after') => {
      const { hasBefore = false, hasAfter = false } = query.data.value ?? {};
      return side === 'before' ? hasBefore && before.value < MOST : hasAfter && after.value < MOST;
    },
  };
}
