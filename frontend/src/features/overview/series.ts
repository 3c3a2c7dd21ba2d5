import type { OverviewResponse } from '@telemetryflow/contracts';

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

/** The overview's buckets as what its four charts draw. */
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
