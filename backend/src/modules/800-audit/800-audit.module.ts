import { Module } from '@nestjs/common';
import { CoreModule } from '../100-core/100-core.module.js';
import { EraseUser } from './application/commands/erase-user.js';
import { EntryShipper } from './application/entry-shipper.js';
import { EntryStore } from './application/entry-store.js';
import { EraseFromTrail } from './application/erase-from-trail.js';
import { ExportTrail } from './application/export-trail.js';
import { Ledger } from './application/ledger.js';
import { PersonalData } from './application/personal-data.js';
import { ProjectActs } from './application/project-acts.js';
import { PruneTrail } from './application/prune-trail.js';
import { AuditReader } from './application/queries/audit-reader.js';
import { ExportSubject } from './application/queries/export-subject.js';
import { VerifyTrail } from './application/queries/verify-trail.js';
import { Retention } from './application/retention.js';
import { TrailScopes } from './application/trail-scope.js';
import { ClickHouseAuditReader } from './infrastructure/clickhouse-audit-reader.js';
import { ClickHouseEntries } from './infrastructure/clickhouse-entries.js';
import { PostgresLedger } from './infrastructure/postgres-ledger.js';
import { PostgresPersonalData } from './infrastructure/postgres-personal-data.js';
import { AuditController } from './presentation/audit.controller.js';
import { SubjectsController } from './presentation/subjects.controller.js';

/** Who did what, kept so that nobody can take it back unseen. */
@Module({
  imports: [CoreModule],
  controllers: [AuditController, SubjectsController],
  providers: [
    EntryShipper,
    EraseFromTrail,
    EraseUser,
    ExportSubject,
    ExportTrail,
    ProjectActs,
    PruneTrail,
    Retention,
    TrailScopes,
    VerifyTrail,
    { provide: AuditReader, useClass: ClickHouseAuditReader },
    { provide: EntryStore, useClass: ClickHouseEntries },
    { provide: Ledger, useClass: PostgresLedger },
    { provide: PersonalData, useClass: PostgresPersonalData },
  ],
})
export class AuditModule {}
