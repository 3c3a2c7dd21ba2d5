import type { OverviewResponse, ServicesResponse } from '@telemetryflow/contracts';
import { computed, type ComputedRef } from 'vue';
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

export type Points = [timeMs: number, value: number | null][];

export interface OverviewSeries {
  /** Requests per second. */
  requests: Points;
  /** Share of errors among requests, in percent; a gap where there were no requests. */
  errorRate: Points;
  /** Seconds. */
  p95: Points;
  /** Log records per bucket. */
  logs: Points;
}

export function overviewSeries(data: OverviewResponse | undefined): OverviewSeries {
  const points = data?.points ?? [];
  const seconds = (data?.stepMs ?? 1_000) / 1_000;
  return {
    requests: points.map((p) => [p.time, p.requests / seconds]),
    errorRate: points.map((p) => [p.time, p.requests === 0 ? null : (p.errors / p.requests) * 100]),
    p95: points.map((p) => [p.time, p.p95Ms === null ? null : p.p95Ms / 1_000]),
    logs: points.map((p) => [p.time, p.logs]),
  };
}

export function useOverviewSeries(overview: ApiQuery<OverviewResponse>): ComputedRef<OverviewSeries> {
  return computed(() => overviewSeries(overview.data.value));
}
