import { Injectable } from '@nestjs/common';
import { ClickHouseMigrator, ClickHouseService } from '../../../shared/clickhouse/index.js';
import { EntryStore, type ChainEnd } from '../application/entry-store.js';
import type { ChainedEntry } from '../domain/entry.js';
import type { ErasedPerson } from '../domain/erasure.js';
import { ENTRY_COLUMNS, EntryRow, entryOf, rowOf } from './entry-row.js';

const TABLE = 'audit_logs';
const BATCH = 500;
/** Rewriting the parts of a large trail takes its time. */
const MUTATION_TIMEOUT_MS = 600_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Place {
  readonly organization_id: string;
  readonly sequence: string;
}

@Injectable()
export class ClickHouseEntries extends EntryStore {
  constructor(
    private readonly clickhouse: ClickHouseService,
    private readonly migrator: ClickHouseMigrator,
  ) {
    super();
  }

  async insert(entries: readonly ChainedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.migrator.ready;
    await this.clickhouse.insert(TABLE, entries.map(rowOf));
  }

  async range(chainId: string, after: number, until: number): Promise<ChainedEntry[]> {
    return this.#entries(
      `organization_id = {chainId:UUID} AND sequence > {after:UInt64} AND sequence <= {until:UInt64}`,
      { chainId, after, until },
    );
  }

  async outside(chainId: string, after: number, until: number, limit: number): Promise<number[]> {
    const { rows } = await this.clickhouse.query<{ sequence: string }>(
      `SELECT sequence FROM ${TABLE} FINAL
       WHERE organization_id = {chainId:UUID} AND (sequence <= {after:UInt64} OR sequence > {until:UInt64})
       ORDER BY sequence LIMIT {limit:UInt32}`,
      { chainId, after, until, limit },
    );
    return rows.map(({ sequence }) => Number(sequence));
  }

  async *about({ userId, email, fullName }: ErasedPerson): AsyncIterable<ChainedEntry[]> {
    const mentions = [email, fullName].filter((text) => text !== null && text.trim() !== '');
    // Without FINAL: an older version that still tells of the person counts, too.
    const { rows: places } = await this.clickhouse.query<Place>(
      `SELECT DISTINCT organization_id, sequence FROM ${TABLE}
       WHERE actor_id = {userId:String} OR resource_id = {userId:String}
          OR arrayExists(text -> positionCaseInsensitiveUTF8(resource_name, text) > 0
               OR positionCaseInsensitiveUTF8(before, text) > 0 OR positionCaseInsensitiveUTF8(after, text) > 0
               OR positionCaseInsensitiveUTF8(details, text) > 0, {mentions:Array(String)})
       ORDER BY organization_id, sequence`,
      { userId, mentions },
      { timeoutMs: MUTATION_TIMEOUT_MS },
    );
    for (let at = 0; at < places.length; at += BATCH) {
      yield this.#entries(`(organization_id, sequence) IN (${tuples(places.slice(at, at + BATCH))})`, {});
    }
  }

  async dropOldVersions(entries: readonly ChainedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const current = new Map(entries.map((entry) => [`${entry.organizationId} ${entry.sequence}`, entry.version]));
    const places = entries.map((entry) => ({
      organization_id: entry.organizationId,
      sequence: String(entry.sequence),
    }));
    const { rows } = await this.clickhouse.query<Place & { version: number }>(
      `SELECT organization_id, sequence, version FROM ${TABLE} WHERE (organization_id, sequence) IN (${tuples(places)})`,
    );
    const old = rows.filter((row) => row.version < (current.get(`${row.organization_id} ${row.sequence}`) ?? 0));
    if (old.length === 0) return;
    const doomed = old.map((row) => `(${placeSql(row)},${Number(row.version)})`).join(',');
    await this.#mutate(`DELETE WHERE (organization_id, sequence, version) IN (${doomed})`);
  }

  async dropUntil(ends: readonly ChainEnd[]): Promise<void> {
    // Each mutation looks at every part: one for many chains.
    for (let at = 0; at < ends.length; at += BATCH) {
      const terms = ends
        .slice(at, at + BATCH)
        .map(({ chainId, sequence }) => `organization_id = ${uuid(chainId)} AND sequence <= ${BigInt(sequence)}`);
      await this.#mutate(`DELETE WHERE ${terms.join(' OR ')}`);
    }
  }

  async #entries(condition: string, params: Record<string, unknown>): Promise<ChainedEntry[]> {
    await this.migrator.ready;
    const { rows } = await this.clickhouse.query<unknown>(
      `SELECT ${ENTRY_COLUMNS} FROM ${TABLE} FINAL WHERE ${condition} ORDER BY organization_id, sequence`,
      params,
    );
    return rows.map((row) => entryOf(EntryRow.parse(row)));
  }

  /** Resolves when every replica has rewritten its parts. */
  #mutate(command: string): Promise<void> {
    return this.clickhouse.exec(
      `ALTER TABLE ${TABLE} ${command}`,
      {},
      { timeoutMs: MUTATION_TIMEOUT_MS, settings: { mutations_sync: '2' } },
    );
  }
}

function tuples(places: readonly Place[]): string {
  return places.map((place) => `(${placeSql(place)})`).join(',');
}

function placeSql({ organization_id, sequence }: Place): string {
  return `${uuid(organization_id)},${BigInt(sequence)}`;
}

/** @throws TypeError for what is no UUID: it goes into the text of a statement */
function uuid(text: string): string {
  if (!UUID.test(text)) throw new TypeError('no UUID');
  return `toUUID('${text}')`;
}
