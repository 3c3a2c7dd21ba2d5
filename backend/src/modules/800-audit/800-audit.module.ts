import { Module } from '@nestjs/common';
import { EntryShipper } from './application/entry-shipper.js';
import { EntryStore } from './application/entry-store.js';
import { EraseFromTrail } from './application/erase-from-trail.js';
import { ExportTrail } from './application/export-trail.js';
import { Ledger } from './application/ledger.js';
import { ProjectActs } from './application/project-acts.js';
import { PruneTrail } from './application/prune-trail.js';
import { AuditReader } from './application/queries/audit-reader.js';
import { VerifyTrail } from './application/queries/verify-trail.js';
import { Retention } from './application/retention.js';
import { ClickHouseAuditReader } from './infrastructure/clickhouse-audit-reader.js';
import { ClickHouseEntries } from './infrastructure/clickhouse-entries.js';
import { PostgresLedger } from './infrastructure/postgres-ledger.js';
import { AuditController } from './presentation/audit.controller.js';

/** Who did what, kept so that nobody can take it back unseen. */
@Module({
  controllers: [AuditController],
  providers: [
    EntryShipper,
    EraseFromTrail,
    ExportTrail,
    ProjectActs,
    PruneTrail,
    Retention,
    VerifyTrail,
    { provide: AuditReader, useClass: ClickHouseAuditReader },
    { provide: EntryStore, useClass: ClickHouseEntries },
    { provide: Ledger, useClass: PostgresLedger },
  ],
})
export class AuditModule {}
