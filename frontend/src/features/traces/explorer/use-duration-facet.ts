import { computed } from 'vue';
import { durationRangeOf, withDurationRange } from '../../../lib/filter-range.js';
import { groupsOf } from '../../../lib/telemetry-query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { useTelemetryQuery } from '../../../lib/use-telemetry-query.js';

/** How durations are spread over the range: asked without the filter's own durations, so that they can be chosen anew. */
export function useDurationFacet(range: TimeRange, filter: () => string) {
  const query = useTelemetryQuery(range, () => ({
    step: 'none',
    queries: [
      {
        signal: 'spans',
        filter: withDurationRange(filter(), {}),
        aggregations: [{ function: 'histogram', field: 'duration' }],
      },
    ],
  }));
  const distribution = computed(() => groupsOf(query.data.value, 'A')?.groups[0]?.distributions?.[0] ?? null);
  const chosen = computed(() => durationRangeOf(filter()));
  return { query, distribution, chosen };
}
