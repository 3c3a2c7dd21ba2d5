import type { Service } from '@telemetryflow/contracts';
import type { Table } from '../../../lib/download.js';

/** The table of services as a file; durations in nanoseconds. */
export function servicesTable(services: readonly Service[]): Table {
  const columns = [
    'name',
    'requestRate',
    'requestCount',
    'requestErrorCount',
    'p50DurationNs',
    'p95DurationNs',
    'p99DurationNs',
    'spanCount',
    'errorCount',
    'lastSeen',
  ] as const;
  return { columns, rows: services.map((service) => columns.map((column) => service[column])) };
}
