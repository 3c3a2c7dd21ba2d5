import { Injectable } from '@nestjs/common';
import type { IngestStatus } from '@telemetryflow/contracts';
import { compileArrivals, compileLastArrival } from '../compiler/overview.js';
import { DAY_MS } from '../step.js';
import { TelemetryStore, type ReadScope } from '../store.js';

/**
 * Looked at one after the other until something is found, so that an active tenant costs next to nothing. The last one
 * is for data that tells of long ago.
 */
const LOOK_BACK_MS = [10 * 60_000, DAY_MS, Infinity];

/** When data last arrived: the light on the page that waits for the first item. */
@Injectable()
export class StatusReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws DomainError UNAVAILABLE */
  async read(scope: ReadScope, nowMs = Date.now()): Promise<IngestStatus> {
    const [traces, logs, arrivals] = await Promise.all([
      this.lastArrival('spans_v3', scope, nowMs),
      this.lastArrival('logs_v3', scope, nowMs),
      this.store.query<{ metricsMs: string | null; services: string[] }>(compileArrivals(scope.tenantId), scope),
    ]);
    const metricsMs = Number(arrivals[0]?.metricsMs ?? 0);
    return {
      traces,
      logs,
      metrics: metricsMs === 0 ? null : new Date(metricsMs).toISOString(),
      services: arrivals[0]?.services ?? [],
    };
  }

  private async lastArrival(table: 'spans_v3' | 'logs_v3', scope: ReadScope, nowMs: number): Promise<string | null> {
    const toNs = BigInt(nowMs + DAY_MS) * 1_000_000n;
    for (const lookBackMs of LOOK_BACK_MS) {
      const range = { fromNs: BigInt(Math.max(0, nowMs - lookBackMs)) * 1_000_000n, toNs };
      const [row] = await this.store.query<{ records: string; arrivedMs: string }>(
        compileLastArrival(table, scope.tenantId, range),
        scope,
      );
      if (Number(row?.records ?? 0) > 0) return new Date(Number(row?.arrivedMs)).toISOString();
    }
    return null;
  }
}
