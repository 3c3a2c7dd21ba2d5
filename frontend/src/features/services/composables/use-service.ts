import {
  formatValue,
  type LogsResponse,
  type QueryGroup,
  type ServiceErrorsResponse,
  type ServiceInfrastructureResponse,
  type ServiceVersionsResponse,
} from '@telemetryflow/contracts';
import { computed } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery, type ApiQuery } from '../../../lib/query.js';
import { useSession } from '../../../lib/session.js';
import { groupsOf } from '../../../lib/telemetry-query.js';
import { useTimeRange } from '../../../lib/time-range.js';
import { answeredRange, stepFor, useTelemetryQuery } from '../../../lib/use-telemetry-query.js';
import { REQUESTS } from './use-services.js';

export const MAX_OPERATIONS = 50;
const CHART_STEPS = 90;
const MAX_LOGS = 50;

/** TFQL for the records of a service. */
export const filterOf = (service: string): string => `service.name:${formatValue(service)}`;

type Points = [timeMs: number, value: number | null][];

/** The requests of a service over time, and by operation: one question, two parts. */
export function useServiceRequests(service: () => string) {
  const range = useTimeRange();
  const aggregations = [
    { function: 'count' as const },
    { function: 'count' as const, where: 'status:error' },
    ...(['p50', 'p95', 'p99'] as const).map((name) => ({ function: name, field: 'duration' })),
  ];
  const query = useTelemetryQuery(range, () => {
    const part = { signal: 'spans' as const, filter: `${filterOf(service())} AND ${REQUESTS}`, aggregations };
    return {
      step: stepFor(range.resolve(), CHART_STEPS),
      queries: [
        { ...part, label: 'A' },
        { ...part, label: 'B', groupBy: ['name', 'kind'], limit: MAX_OPERATIONS },
      ],
    };
  });
  const bounds = computed(() => {
    const { fromMs, toMs } = answeredRange(query.data.value, range);
    return { from: fromMs, to: toMs, stepMs: query.data.value?.meta.stepMs ?? 1000 };
  });
  const series = computed(() =>
    seriesOf(groupsOf(query.data.value, 'A')?.groups[0], query.data.value?.meta.times ?? [], bounds.value.stepMs),
  );
  const operations = computed(() => groupsOf(query.data.value, 'B'));
  return { query, bounds, series, operations };
}

/** What the charts draw: requests per second, errors in percent, latencies in seconds. */
function seriesOf(group: QueryGroup | undefined, times: readonly number[], stepMs: number) {
  const of = (index: number) => group?.series?.[index] ?? [];
  const points = (value: (i: number) => number | null): Points => times.map((time, i) => [time, value(i)]);
  const seconds = (index: number) => points((i) => scaled(of(index)[i], 1e-9));
  return {
    rate: points((i) => (of(0)[i] ?? 0) / (stepMs / 1000)),
    errorRate: points((i) => (of(0)[i] ? (100 * (of(1)[i] ?? 0)) / Number(of(0)[i]) : null)),
    p50: seconds(2),
    p95: seconds(3),
    p99: seconds(4),
  };
}

function scaled(value: number | null | undefined, factor: number): number | null {
  return value === null || value === undefined ? null : value * factor;
}

function useOfService<T>(part: string, permission: 'traces:read' | 'metrics:read', service: () => string): ApiQuery<T> {
  const session = useSession();
  const range = useTimeRange();
  return useApiQuery(
    () => ['service', part, session.tenantId, service(), range.from, range.to],
    ({ signal }) =>
      api.get<T>(`/telemetry/services/${encodeURIComponent(service())}/${part}`, {
        query: { from: range.from, to: range.to },
        signal,
      }),
    { enabled: () => session.can(permission) },
  );
}

export const useServiceErrors = (service: () => string) =>
  useOfService<ServiceErrorsResponse>('errors', 'traces:read', service);
export const useServiceVersions = (service: () => string) =>
  useOfService<ServiceVersionsResponse>('versions', 'traces:read', service);
export const useServiceInfrastructure = (service: () => string) =>
  useOfService<ServiceInfrastructureResponse>('infrastructure', 'metrics:read', service);

/** The newest log records of a service. */
export function useServiceLogs(service: () => string, isSevereOnly: () => boolean) {
  const session = useSession();
  const range = useTimeRange();
  const filter = computed(() => filterOf(service()) + (isSevereOnly() ? ' AND severity>=warn' : ''));
  const query = useApiQuery(
    () => ['service', 'logs', session.tenantId, filter.value, range.from, range.to],
    ({ signal }) =>
      api.get<LogsResponse>('/telemetry/logs', {
        query: { from: range.from, to: range.to, filter: filter.value, limit: MAX_LOGS },
        signal,
      }),
    { enabled: () => session.can('logs:read') },
  );
  return { query, filter };
}
