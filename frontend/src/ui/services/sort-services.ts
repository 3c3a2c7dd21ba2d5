import type { Service } from '@telemetryflow/contracts';

export interface ServiceSort {
  by: 'name' | 'requestRate' | 'errorRate' | 'p50DurationNs' | 'p95DurationNs' | 'p99DurationNs' | 'lastSeen';
  descending: boolean;
}

/** Errors and what they are counted among: requests, or all spans of a service that answers none. */
export function errorsOf(service: Service): { errors: number; total: number } {
  return service.requestCount > 0
    ? { errors: service.requestErrorCount, total: service.requestCount }
    : { errors: service.errorCount, total: service.spanCount };
}

function valueOf(service: Service, by: Exclude<ServiceSort['by'], 'name'>): number {
  if (by === 'lastSeen') return Date.parse(service.lastSeen);
  if (by === 'requestRate') return service.requestRate;
  if (by === 'errorRate') {
    const { errors, total } = errorsOf(service);
    return total === 0 ? -1 : errors / total;
  }
  return service[by] === null ? -1 : Number(service[by]);
}

/** A sorted copy; equal rows stand by name. */
export function sortServices(services: readonly Service[], { by, descending }: ServiceSort): Service[] {
  const sign = descending ? -1 : 1;
  return [...services].sort((a, b) => {
    const byName = a.name.localeCompare(b.name);
    if (by === 'name') return sign * byName;
    return sign * (valueOf(a, by) - valueOf(b, by)) || byName;
  });
}
