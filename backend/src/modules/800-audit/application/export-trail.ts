import { Injectable } from '@nestjs/common';
import type { AuditEntry, AuditExportQuery } from '@telemetryflow/contracts';
import { Database, recordAct } from '../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../shared/platform/index.js';
import { AuditReader } from './queries/audit-reader.js';
import { TrailScopes } from './trail-scope.js';

/** More than a spreadsheet is good for; narrower filters get the rest. */
export const MAX_EXPORTED = 100_000;

/** Hands out the filtered trail; that somebody took it is in the trail first. */
@Injectable()
export class ExportTrail {
  constructor(
    private readonly database: Database,
    private readonly reader: AuditReader,
    private readonly scopes: TrailScopes,
  ) {}

  /** @throws NotFoundError when the query names an organization that is not the caller's */
  async execute(context: RequestContext, query: AuditExportQuery): Promise<AsyncIterable<AuditEntry[]>> {
    const { format, organizationId, ...filters } = query;
    const scope = await this.scopes.readable(context, 'audit-logs:export', organizationId);
    await this.database.transaction(context, (manager) =>
      recordAct(manager, context, {
        action: 'audit.exported',
        resource: { type: 'audit_trail', id: scope.organizationId },
        details: { format, filters },
      }),
    );
    return this.reader.stream(scope, filters, MAX_EXPORTED);
  }
}
