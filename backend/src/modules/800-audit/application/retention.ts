import { Inject, Injectable } from '@nestjs/common';
import type { AuditRetention } from '@telemetryflow/contracts';
import { beyondPlace, Database, recordAct } from '../../../shared/platform/database/index.js';
import { type RequestContext, RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { Ledger } from './ledger.js';

/** How long the trail of the caller's organization is kept. */
@Injectable()
export class Retention {
  constructor(
    private readonly database: Database,
    private readonly ledger: Ledger,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  async get(context: RequestContext): Promise<AuditRetention> {
    const own = await this.ledger.retentionDays(context, context.organizationId);
    return { retentionDays: own ?? this.runtime.config.AUDIT_RETENTION_DAYS };
  }

  /** What became too old by it goes with the next daily round. */
  async set(context: RequestContext, { retentionDays }: AuditRetention): Promise<AuditRetention> {
    const before = await this.get(context);
    await this.database.transaction(context, async (manager) => {
      await beyondPlace(manager, 'audit', () =>
        this.ledger.setRetention(manager, context.organizationId, retentionDays),
      );
      await recordAct(manager, context, {
        action: 'audit.retention_changed',
        resource: { type: 'audit_trail', id: context.organizationId },
        before,
        after: { retentionDays },
      });
    });
    return { retentionDays };
  }
}
