import type { LogPatternsResponse } from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import type { TimeRange } from '../../../lib/time-range.js';

/** What the matching records say, with what differs between them left out. */
export function useLogPatterns(range: TimeRange, filter: MaybeRefOrGetter<string>, isShown: MaybeRefOrGetter<boolean>) {
  return useApiQuery(
    () => ['logs', 'patterns', toValue(filter), range.from, range.to],
    ({ signal }) => {
      const { fromMs, toMs } = range.resolve();
      return api.get<LogPatternsResponse>('/telemetry/logs/patterns', {
        query: { from: fromMs, to: toMs, filter: toValue(filter), limit: 100 },
        signal,
      });
    },
    { enabled: isShown },
  );
}
