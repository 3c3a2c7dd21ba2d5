import type { SpanSummary, TraceSummary } from '@telemetryflow/contracts';
import type { Table } from '../../../lib/download.js';
import type { RedRow } from './use-red-table.js';

/** What is on screen, for a file. Durations are in nanoseconds, times as ISO instants. */
export function traceTable(rows: readonly TraceSummary[]): Table {
  return {
    columns: ['trace_id', 'start', 'service', 'operation', 'duration_ns', 'spans', 'errors', 'services'],
    rows: rows.map((row) => [
      row.traceId,
      row.startTime,
      row.rootServiceName,
      row.rootSpanName,
      row.durationNs,
      row.spanCount,
      row.errorCount,
      row.services.join(' '),
    ]),
  };
}

export function spanTable(rows: readonly SpanSummary[], columns: readonly string[]): Table {
  return {
    columns: ['trace_id', 'span_id', 'start', 'service', 'operation', 'kind', 'duration_ns', 'status', ...columns],
    rows: rows.map((row) => [
      row.traceId,
      row.spanId,
      row.startTime,
      row.serviceName,
      row.name,
      row.kind,
      row.durationNs,
      row.statusCode,
      ...row.values,
    ]),
  };
}

export function redTable(rows: readonly RedRow[], keys: readonly string[]): Table {
  return {
    columns: [...keys, 'count', 'per_second', 'errors', 'p50_ns', 'p95_ns', 'p99_ns'],
    rows: rows.map((row) => [...row.labels, row.count, row.rate, row.errors, row.p50Ns, row.p95Ns, row.p99Ns]),
  };
}
