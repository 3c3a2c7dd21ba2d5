import { Injectable } from '@nestjs/common';
import type { Service, RangeQuery, ServicesResponse } from '@telemetryflow/contracts';
import { compileServiceLogs, compileServiceMetrics, compileServiceSpans } from '../compiler/overview.js';
import { parseRange, rangeMs } from '../range.js';
import { TelemetryStore, type ReadScope } from '../store.js';

interface Seen {
  readonly name: string;
  readonly lastMs: string;
}
interface SpanCounts extends Seen {
  readonly spans: string;
  readonly errors: string;
  readonly requests: string;
  readonly requestErrors: string;
  /** p50, p95, p99; empty texts without requests. */
  readonly quantiles: readonly string[];
}

/** The services that sent anything in the range, with the rate, errors and latency of their requests. */
@Injectable()
export class ServiceReader {
  constructor(private readonly store: TelemetryStore) {}

  /** By name. @throws ValidationError (range), DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async list(query: RangeQuery, scope: ReadScope, nowMs = Date.now()): Promise<ServicesResponse> {
    const range = parseRange(query, nowMs);
    const [spans, logs, metrics] = await Promise.all([
      this.store.query<SpanCounts>(compileServiceSpans(scope.tenantId, range), scope),
      this.store.query<Seen>(compileServiceLogs(scope.tenantId, range), scope),
      this.store.query<Seen>(compileServiceMetrics(scope.tenantId, range), scope),
    ]);
    const counts = new Map(spans.map((row) => [row.name, row]));
    const seen = { traces: spans, logs, metrics };
    const names = [...new Set(Object.values(seen).flatMap((rows) => rows.map((row) => row.name)))].sort();
    const data = names.map((name): Service => {
      const sightings = Object.values(seen).flatMap((rows) => rows.filter((row) => row.name === name));
      const own = counts.get(name);
      return {
        name,
        lastSeen: new Date(Math.max(...sightings.map((row) => Number(row.lastMs)))).toISOString(),
        signals: (['traces', 'logs', 'metrics'] as const).filter((s) => seen[s].some((row) => row.name === name)),
        spanCount: Number(own?.spans ?? 0),
        errorCount: Number(own?.errors ?? 0),
        requestCount: Number(own?.requests ?? 0),
        requestErrorCount: Number(own?.requestErrors ?? 0),
        requestRate: Number(own?.requests ?? 0) / (rangeMs(range) / 1000),
        p50DurationNs: own?.quantiles[0] || null,
        p95DurationNs: own?.quantiles[1] || null,
        p99DurationNs: own?.quantiles[2] || null,
      };
    });
    return { data };
  }
}
