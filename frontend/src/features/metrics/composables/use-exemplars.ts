import type { Exemplar, ExemplarsResponse } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import type { ResolvedRange } from '../../../lib/time-range.js';

/** More dots would hide the lines. */
const MAX_DOTS = 100;

/** Single measurements of a metric that are known with their trace. Null asks for none. */
export function useExemplars(
  of: () => { readonly metric: string; readonly filter: string } | null,
  range: () => ResolvedRange,
) {
  const query = useApiQuery(
    () => ['metrics', 'exemplars', of(), range().fromMs, range().toMs],
    ({ signal }) => {
      const { fromMs, toMs } = range();
      return api.get<ExemplarsResponse>('/telemetry/metrics/exemplars', {
        query: {
          metricName: of()?.metric ?? '',
          filter: of()?.filter ?? '',
          from: fromMs,
          to: toMs,
          limit: MAX_DOTS,
          spread: 'range',
        },
        signal,
      });
    },
    { enabled: () => of() !== null, live: false },
  );
  return computed<readonly Exemplar[]>(() =>
    of() === null
      ? []
      : (query.data.value?.data ?? []).filter(({ traceId, value }) => traceId !== '' && value !== null),
  );
}
