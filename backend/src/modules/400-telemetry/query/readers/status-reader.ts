import { Injectable } from '@nestjs/common';
import type { IngestStatus } from '@telemetryflow/contracts';
import { compileArrivals, compileNewest } from '../compiler/overview.js';
import { DAY_MS } from '../step.js';
import { TelemetryStore, type ReadScope } from '../store.js';

/** Looked at one after the other until something is found, so that an active tenant costs next to nothing. */
const LOOK_BACK_MS = [10 * 60_000, DAY_MS, 400 * DAY_MS];

/** When data last arrived: the light on the page that waits for the first item. */
@Injectable()
export class StatusReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws DomainError UNAVAILABLE */
  async read(scope: ReadScope, nowMs = Date.now()): Promise<IngestStatus> {
    const [traces, logs, arrivals] = await Promise.all([
      this.newest('spans_v3', scope, nowMs),
      this.newest('logs_v3', scope, nowMs),
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

  private async newest(table: 'spans_v3' | 'logs_v3', scope: ReadScope, nowMs: number): Promise<string | null> {
    const toNs = BigInt(nowMs + DAY_MS) * 1_000_000n;
    for (const lookBackMs of LOOK_BACK_MS) {
      const range = { fromNs: BigInt(nowMs - lookBackMs) * 1_000_000n, toNs };
      const [row] = await this.store.query<{ records: string; newestMs: string }>(
        compileNewest(table, scope.tenantId, range),
        scope,
      );
      if (Number(row?.records ?? 0) > 0) return new Date(Number(row?.newestMs)).toISOString();
    }
    return null;
  }
}
