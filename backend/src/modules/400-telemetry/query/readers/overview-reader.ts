import { Injectable } from '@nestjs/common';
import type { OverviewResponse, RangeQuery } from '@telemetryflow/contracts';
import {
  compileIdentityTotals,
  compileLogsOverTime,
  compileRequestsOverTime,
  compileSpanTotals,
} from '../compiler/overview.js';
import { parseRange } from '../range.js';
import { autoStepMs, bucketStarts } from '../step.js';
import { TelemetryStore, type ReadScope } from '../store.js';

const POINTS = 60;

interface RequestPoint {
  readonly time: string;
  readonly requests: string;
  readonly errors: string;
  readonly p95Ms: number | null;
}

/** The numbers of the overview page. */
@Injectable()
export class OverviewReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws ValidationError (range), DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async read(query: RangeQuery, scope: ReadScope, nowMs = Date.now()): Promise<OverviewResponse> {
    const range = parseRange(query, nowMs);
    const stepMs = autoStepMs(range, POINTS);
    const { tenantId } = scope;
    const [totals, requests, logs, identities] = await Promise.all([
      this.store.query<{ spans: string; traces: string; errors: string }>(compileSpanTotals(tenantId, range), scope),
      this.store.query<RequestPoint>(compileRequestsOverTime(tenantId, range, stepMs), scope),
      this.store.query<{ time: string; records: string; errors: string }>(
        compileLogsOverTime(tenantId, range, stepMs),
        scope,
      ),
      this.store.query<{ metrics: string; services: string }>(compileIdentityTotals(tenantId, range), scope),
    ]);
    const requestsAt = new Map(requests.map((row) => [Number(row.time), row]));
    const logsAt = new Map(logs.map((row) => [Number(row.time), Number(row.records)]));
    return {
      spanCount: Number(totals[0]?.spans ?? 0),
      traceCount: Number(totals[0]?.traces ?? 0),
      errorCount: Number(totals[0]?.errors ?? 0),
      logCount: logs.reduce((sum, row) => sum + Number(row.records), 0),
      logErrorCount: logs.reduce((sum, row) => sum + Number(row.errors), 0),
      metricCount: Number(identities[0]?.metrics ?? 0),
      serviceCount: Number(identities[0]?.services ?? 0),
      stepMs,
      points: bucketStarts(range, stepMs).map((time) => {
        const row = requestsAt.get(time);
        return {
          time,
          requests: Number(row?.requests ?? 0),
          errors: Number(row?.errors ?? 0),
          p95Ms: row?.p95Ms ?? null,
          logs: logsAt.get(time) ?? 0,
        };
      }),
    };
  }
}
