import type { OverviewResponse, ServicesResponse } from '@telemetryflow/contracts';
import { api } from '../../lib/api.js';
import { useApiQuery, type ApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';
import { useTimeRange } from '../../lib/time-range.js';

/** Counts and volumes of the tenant, over the page's range. */
export function useOverview(): ApiQuery<OverviewResponse> {
  const session = useSession();
  const range = useTimeRange();
  return useApiQuery(
    () => ['overview', session.tenantId, range.from, range.to],
    ({ signal }) =>
      api.get<OverviewResponse>('/telemetry/overview', { query: { from: range.from, to: range.to }, signal }),
  );
}

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
