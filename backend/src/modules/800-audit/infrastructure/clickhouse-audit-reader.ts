import { Injectable } from '@nestjs/common';
import type {
  AuditEntry,
  AuditPage,
  AuditQuery,
  AuditStatistics,
  AuditStatisticsQuery,
} from '@telemetryflow/contracts';
import { ClickHouseMigrator, ClickHouseService } from '../../../shared/clickhouse/index.js';
import { NotFoundError, pageMeta } from '../../../shared/platform/index.js';
import { AuditReader, type AuditFilters } from '../application/queries/audit-reader.js';
import type { TrailScope } from '../application/trail-scope.js';
import type { ChainedEntry } from '../domain/entry.js';
import { aboutUser, allOf, conditionOf, inOrganization, noneOf, type Condition } from './audit-filter.js';
import { auditStatistics } from './audit-statistics.js';
import { ENTRY_COLUMNS, EntryRow, entryOf } from './entry-row.js';

const BATCH = 2_000;
const NEWEST_FIRST = 'ORDER BY audit_logs.at DESC, organization_id DESC, sequence DESC';
/** An entry's versions are in one partition: each is merged for itself. */
const SETTINGS = { do_not_merge_across_partitions_select_final: 1 } as const;

@Injectable()
export class ClickHouseAuditReader extends AuditReader {
  constructor(
    private readonly clickhouse: ClickHouseService,
    private readonly migrator: ClickHouseMigrator,
  ) {
    super();
  }

  page({ organizationId }: TrailScope, query: AuditQuery): Promise<AuditPage> {
    return this.#page(allOf(inOrganization(organizationId), conditionOf(query)), query);
  }

  async pageAbout(userId: string, query: AuditQuery): Promise<AuditPage> {
    const page = await this.#page(allOf(aboutUser(userId), conditionOf(query)), query);
    return { ...page, data: page.data.map((entry) => forSubject(entry, userId)) };
  }

  async one({ organizationId }: TrailScope, id: string): Promise<AuditEntry> {
    const condition = allOf(inOrganization(organizationId), { sql: 'event_id = {id:UUID}', params: { id } });
    const [entry] = await this.#entries(condition, 'LIMIT 1');
    if (!entry) throw new NotFoundError('Audit entry');
    return viewOf(entry);
  }

  async statistics({ organizationId }: TrailScope, query: AuditStatisticsQuery): Promise<AuditStatistics> {
    await this.migrator.ready;
    return auditStatistics(this.clickhouse, inOrganization(organizationId), query);
  }

  async *stream({ organizationId }: TrailScope, filters: AuditFilters, limit: number): AsyncIterable<AuditEntry[]> {
    for await (const entries of this.#batches(allOf(inOrganization(organizationId), conditionOf(filters)), limit)) {
      yield entries.map(viewOf);
    }
  }

  async *streamAbout({ organizationId }: TrailScope, userId: string, limit: number): AsyncIterable<AuditEntry[]> {
    for await (const entries of this.#batches(allOf(inOrganization(organizationId), aboutUser(userId)), limit)) {
      yield entries.map((entry) => forSubject(viewOf(entry), userId));
    }
  }

  async #page(condition: Condition, { page, limit }: AuditQuery): Promise<AuditPage> {
    const [total, entries] = await Promise.all([
      this.#count(condition),
      this.#entries(
        { ...condition, params: { ...condition.params, limit, offset: (page - 1) * limit } },
        'LIMIT {limit:UInt64} OFFSET {offset:UInt64}',
      ),
    ]);
    return { data: entries.map(viewOf), meta: pageMeta(page, limit, total) };
  }

  /** Each batch goes on where the last one ended, so that entries which come meanwhile move nothing. */
  async *#batches(condition: Condition, limit: number): AsyncIterable<ChainedEntry[]> {
    let left = limit;
    let next = condition;
    while (left > 0) {
      const size = Math.min(BATCH, left);
      const entries = await this.#entries(next, `LIMIT ${size}`);
      if (entries.length > 0) yield entries;
      const last = entries.at(-1);
      if (!last || entries.length < size) return;
      left -= entries.length;
      next = allOf(condition, {
        sql: `(audit_logs.at, organization_id, sequence) <
              (fromUnixTimestamp64Milli({lastAt:Int64}), {lastOrganization:UUID}, {lastSequence:UInt64})`,
        params: { lastAt: last.at.getTime(), lastOrganization: last.organizationId, lastSequence: last.sequence },
      });
    }
  }

  async #count({ sql, params }: Condition): Promise<number> {
    await this.migrator.ready;
    const { rows } = await this.clickhouse.query<{ n: string }>(
      `SELECT count() AS n FROM audit_logs FINAL WHERE ${sql}`,
      params,
      { settings: SETTINGS },
    );
    return Number(rows[0]?.n ?? 0);
  }

  async #entries({ sql, params }: Condition, tail: string): Promise<ChainedEntry[]> {
    await this.migrator.ready;
    const { rows } = await this.clickhouse.query<unknown>(
      `SELECT ${ENTRY_COLUMNS} FROM audit_logs FINAL WHERE ${sql} ${NEWEST_FIRST} ${tail}`,
      params,
      { settings: SETTINGS },
    );
    return rows.map((row) => entryOf(EntryRow.parse(row)));
  }
}

function viewOf(entry: ChainedEntry): AuditEntry {
  const { actor, subject } = entry;
  return {
    id: entry.eventId,
    sequence: entry.sequence,
    at: entry.at.toISOString(),
    action: entry.action,
    category: entry.category,
    result: entry.result,
    actor: { type: entry.actorType, id: noneOf(entry.actorId), name: actor.name },
    resource: { type: entry.resourceType, id: noneOf(entry.resourceId), name: subject.name },
    organizationId: noneOf(entry.organizationId),
    workspaceId: noneOf(entry.workspaceId),
    tenantId: noneOf(entry.tenantId),
    ip: actor.ip,
    userAgent: actor.userAgent,
    requestId: entry.requestId,
    sessionId: noneOf(entry.sessionId),
    before: subject.before,
    after: subject.after,
    details: subject.details,
    hash: entry.hash,
  };
}

/** What another person did to somebody is theirs to know; from which address is that person's own business. */
function forSubject(entry: AuditEntry, userId: string): AuditEntry {
  const isOwn = entry.actor.id === userId || entry.actor.type === 'anonymous';
  return isOwn ? entry : { ...entry, ip: '', userAgent: '', sessionId: null };
}
