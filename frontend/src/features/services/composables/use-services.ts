import type { ServiceMapResponse, ServicesResponse } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery, type ApiQuery } from '../../../lib/query.js';
import { useSession } from '../../../lib/session.js';
import { groupsOf } from '../../../lib/telemetry-query.js';
import { useTimeRange } from '../../../lib/time-range.js';
import { stepFor, useTelemetryQuery } from '../../../lib/use-telemetry-query.js';
import type { ServiceTrend } from '../../../ui/services/ServicesTable.vue';

/** Spans that answer somebody. Not as `kind:(…)`: UnoCSS takes that for a group of its variants, and rewrites it. */
export const REQUESTS = '(kind:server OR kind:consumer)';
/** Steps of a small line in a table. */
const TREND_STEPS = 30;
const MAX_TRENDS = 200;

/** The services seen in the page's range. */
export function useServices(): ApiQuery<ServicesResponse> {
  const session = useSession();
  const range = useTimeRange();
  return useApiQuery(
    () => ['services', session.tenantId, range.from, range.to],
    ({ signal }) =>
      api.get<ServicesResponse>('/telemetry/services', { query: { from: range.from, to: range.to }, signal }),
    { enabled: () => session.can('traces:read') },
  );
}

/** Rate, errors and p95 of the busiest services over time, by name; nothing while `enabled` is false. */
export function useServiceTrends(enabled: () => boolean) {
  const range = useTimeRange();
  const query = useTelemetryQuery(range, () =>
    enabled()
      ? {
          step: stepFor(range.resolve(), TREND_STEPS),
          queries: [
            {
              signal: 'spans',
              filter: REQUESTS,
              aggregations: [
                { function: 'rate' },
                { function: 'count', where: 'status:error' },
                { function: 'p95', field: 'duration' },
              ],
              groupBy: ['service.name'],
              limit: MAX_TRENDS,
            },
          ],
        }
      : null,
  );
  return computed(
    () =>
      new Map<string, ServiceTrend>(
        (groupsOf(query.data.value, 'A')?.groups ?? []).map(({ labels, series }) => [
          labels[0] ?? '',
          // Where nothing was asked, nothing was asked per second; only a latency is unknown then.
          { rate: zeros(series?.[0]), errors: zeros(series?.[1]), p95: series?.[2] ?? [] },
        ]),
      ),
  );
}

const zeros = (values: readonly (number | null)[] = []) => values.map((value) => value ?? 0);

/** Who calls whom in the page's range. */
export function useServiceMap(enabled: () => boolean = () => true): ApiQuery<ServiceMapResponse> {
  const session = useSession();
  const range = useTimeRange();
  return useApiQuery(
    () => ['service-map', session.tenantId, range.from, range.to],
    ({ signal }) =>
      api.get<ServiceMapResponse>('/telemetry/service-map', { query: { from: range.from, to: range.to }, signal }),
    { enabled: () => enabled() && session.can('traces:read'), isLarge: true },
  );
}
