import { Injectable } from '@nestjs/common';
import type { LogExportQuery } from '@telemetryflow/contracts';
import { Database, recordAct } from '../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../shared/platform/index.js';
import { parseRange } from './range.js';
import { LogExporter } from './readers/log-exporter.js';
import type { ReadScope } from './store.js';

/** Hands out matching logs as a file; that somebody took them is in the trail first. */
@Injectable()
export class ExportLogs {
  constructor(
    private readonly database: Database,
    private readonly exporter: LogExporter,
  ) {}

  /** @throws ValidationError (range), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE; then nothing was taken */
  async execute(
    context: RequestContext,
    query: LogExportQuery,
    scope: ReadScope,
    nowMs = Date.now(),
  ): Promise<AsyncIterable<string>> {
    const pieces = await this.exporter.open(query, scope, nowMs);
    const { format, filter, limit, columns } = query;
    // The range as it was read: "now-1h" says nothing to whoever reads the trail later.
    const { fromNs, toNs } = parseRange(query, nowMs);
    await this.database.transaction(context, (manager) =>
      recordAct(manager, context, {
        action: 'logs.exported',
        resource: { type: 'tenant', id: scope.tenantId },
        details: { format, filter, from: instantOf(fromNs), to: instantOf(toNs), limit, columns },
      }),
    );
    return pieces;
  }
}

function instantOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
