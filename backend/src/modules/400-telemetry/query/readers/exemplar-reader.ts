import { Injectable } from '@nestjs/common';
import type { ExemplarsQuery, ExemplarsResponse } from '@telemetryflow/contracts';
import { compileExemplars } from '../compiler/exemplars.js';
import { parseRange } from '../range.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { decodeAttributes } from './attributes.js';

interface ExemplarRow {
  readonly timeNs: string;
  readonly number: number | null;
  readonly traceId: string;
  readonly spanId: string;
  readonly serviceName: string;
  readonly sKeys: string[];
  readonly sValues: string[];
  readonly sTypes: string;
  readonly aKeys: string[];
  readonly aValues: string[];
  readonly aTypes: string;
}

/** The way from a metric to the traces behind it. */
@Injectable()
export class ExemplarReader {
  constructor(private readonly store: TelemetryStore) {}

  /** Newest first. @throws ValidationError (range), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async list(query: ExemplarsQuery, scope: ReadScope, nowMs = Date.now()): Promise<ExemplarsResponse> {
    const { metricName, limit, spread } = query;
    const range = parseRange(query, nowMs);
    const filter = parseFilter(query.filter);
    const search = { tenantId: scope.tenantId, metricName, filter, range, limit, spread };
    const rows = await this.store.query<ExemplarRow>(
      withFilterErrors(() => compileExemplars(search)),
      scope,
    );
    return {
      data: rows.map((row) => ({
        timeNs: row.timeNs,
        value: row.number,
        traceId: row.traceId,
        spanId: row.spanId,
        serviceName: row.serviceName,
        seriesAttributes: decodeAttributes({ keys: row.sKeys, values: row.sValues, types: row.sTypes }),
        attributes: decodeAttributes({ keys: row.aKeys, values: row.aValues, types: row.aTypes }),
      })),
    };
  }
}
