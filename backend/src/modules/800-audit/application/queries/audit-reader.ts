import type {
  AuditEntry,
  AuditExportQuery,
  AuditPage,
  AuditQuery,
  AuditStatistics,
  AuditStatisticsQuery,
} from '@telemetryflow/contracts';
import type { TrailScope } from '../trail-scope.js';

export type AuditFilters = Omit<AuditExportQuery, 'format' | 'organizationId'>;

/** The trail as screens and files show it. */
export abstract class AuditReader {
  /** Newest first. */
  abstract page(scope: TrailScope, query: AuditQuery): Promise<AuditPage>;
  /** @throws NotFoundError */
  abstract one(scope: TrailScope, id: string): Promise<AuditEntry>;
  abstract statistics(scope: TrailScope, query: AuditStatisticsQuery): Promise<AuditStatistics>;
  /** Newest first, in batches, at most `limit` entries. */
  abstract stream(scope: TrailScope, filters: AuditFilters, limit: number): AsyncIterable<AuditEntry[]>;
  /** What somebody did, and what was done to them; newest first. */
  abstract pageAbout(userId: string, query: AuditQuery): Promise<AuditPage>;
  /** The same, of the trails that may be read. */
  abstract streamAbout(scope: TrailScope, userId: string, limit: number): AsyncIterable<AuditEntry[]>;
}
