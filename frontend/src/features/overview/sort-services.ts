import type { Service } from '@telemetryflow/contracts';

export interface ServiceSort {
  by: 'name' | 'requestRate' | 'errorRate' | 'p95DurationNs' | 'spanCount' | 'lastSeen';
  descending: boolean;
}

function valueOf(service: Service, by: Exclude<ServiceSort['by'], 'name'>): number {
  if (by === 'errorRate') return service.spanCount === 0 ? -1 : service.errorCount / service.spanCount;
  if (by === 'lastSeen') return Date.parse(service.lastSeen);
  if (by === 'p95DurationNs') return service.p95DurationNs === null ? -1 : Number(service.p95DurationNs);
  return service[by];
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
