import { Injectable } from '@nestjs/common';
import type { MetricName, MetricNamesQuery, MetricNamesResponse } from '@telemetryflow/contracts';
import { compileMetricNames } from '../compiler/metric-names.js';
import { TelemetryStore, type ReadScope } from '../store.js';

interface NameRow extends Omit<MetricName, 'seriesCount' | 'lastSeen'> {
  readonly seriesCount: string;
  readonly lastMs: string;
}

/** The catalogue of metrics. */
@Injectable()
export class MetricNameReader {
  constructor(private readonly store: TelemetryStore) {}

  /** By name. @throws DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async list(query: MetricNamesQuery, scope: ReadScope): Promise<MetricNamesResponse> {
    const rows = await this.store.query<NameRow>(compileMetricNames(scope.tenantId, query), scope);
    return {
      data: rows.map(({ seriesCount, lastMs, ...row }) => ({
        ...row,
        seriesCount: Number(seriesCount),
        lastSeen: new Date(Number(lastMs)).toISOString(),
      })),
    };
  }
}
