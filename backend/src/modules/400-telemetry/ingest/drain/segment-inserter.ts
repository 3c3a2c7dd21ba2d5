import type { TableName } from '@telemetryflow/otlp';
import type { SegmentStore } from './clickhouse-segment-store.js';
import { splitTable } from './isolate.js';
import type { Quarantine, SetAside } from './poison.js';
import {
  bytesOf,
  rowsOf,
  segmentContent,
  segmentOfPieces,
  type Piece,
  type SegmentContent,
  type TableRows,
} from './segment-content.js';
import { InsertError } from './store-error.js';
import { StoredIdentities } from './stored-identities.js';

/** Tables of one segment that have failed for what they hold. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(readonly failures: readonly InsertError[]) {
    super(failures.map(({ table, message }) => `${table}: ${message}`).join('; '), { cause: failures[0] });
  }
}

export interface InsertOrder {
  /** A whole segment file. */
  readonly file: Buffer;
  /** Node id and number: with the table, the deduplication token. */
  readonly tokenPrefix: string;
  /** Attempts so far, this one included. */
  readonly attempt: number;
  /** Whether what is refused now is set aside rather than tried again. */
  readonly isLast: boolean;
}

export interface InsertOutcome {
  readonly content: SegmentContent;
  /** What the store does not have of it. */
  readonly setAside: readonly SetAside[];
}

/**
 * Brings the rows of segments into the store. Every decision that has an effect under a token (which rows go under it) is
 * a function of the segment's bytes, and one that asked the store is written down before it is acted on: whoever repeats the
 * segment after a crash sends the same rows under the same tokens.
 */
export class SegmentInserter {
  constructor(
    private readonly store: SegmentStore,
    private readonly quarantine: Quarantine,
    private readonly stored = new StoredIdentities(),
  ) {}

  /**
   * @throws InsertError of kind `store` when the store is away: again later, as often as it takes
   * @throws RefusedError when the store refuses some tables (the others are in) and `isLast` is false
   */
  async insert(order: InsertOrder): Promise<InsertOutcome> {
    const content = segmentContent(order.file);
    const setAside = [...(await this.quarantine.kept(order.tokenPrefix))];
    const refused: { rows: TableRows; error: InsertError }[] = [];
    for (const rows of content.tables) {
      const keys = this.stored.keysOf(rows);
      if (keys !== undefined && this.stored.hasAll(keys)) continue;
      const error = await this.#refusal(() => this.#insertRest(rows, setAside, order));
      if (error !== undefined) refused.push({ rows, error });
      else if (keys !== undefined && !setAside.some(({ table }) => table === rows.table)) this.stored.remember(keys);
    }
    if (refused.length > 0 && !order.isLast) throw new RefusedError(refused.map(({ error }) => error));
    for (const { rows, error } of refused) await this.#setAside(rows, error, setAside, order, content);
    return { content, setAside };
  }

  /**
   * Inserts what was set aside under `token`, under the token it was meant to have; false when it is not kept here.
   *
   * @throws InsertError when the store still refuses it or is away
   */
  async replay(token: string): Promise<boolean> {
    const found = await this.quarantine.find(token);
    if (found === undefined) return false;
    for (const { table, pieces } of segmentContent(found.segment).tables) await this.#insert(table, pieces, token);
    await this.quarantine.drop(token);
    return true;
  }

  async #insert(table: TableName, pieces: readonly Piece[], token: string): Promise<void> {
    if (pieces.length > 0) await this.store.insert(table, bytesOf(pieces), token);
  }

  /** Why the store does not take it, if it says so; that it is away is thrown. */
  async #refusal(work: () => Promise<void>): Promise<InsertError | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (error instanceof InsertError && error.kind !== 'store') return error;
      throw error;
    }
  }

  /** What of the table is not set aside. */
  async #insertRest({ table, pieces }: TableRows, setAside: readonly SetAside[], order: InsertOrder): Promise<void> {
    const own = setAside.filter((entry) => entry.table === table);
    const without = recordsOf(own);
    if (own.some(({ records }) => records === 'all')) return;
    const token = tokenOf(order, table);
    if (own.length === 0) return this.#insert(table, pieces, token);
    await this.#insert(
      table,
      pieces.filter(({ record }) => !without.has(record)),
      goodToken(token),
    );
  }

  async #setAside(
    rows: TableRows,
    error: InsertError,
    setAside: SetAside[],
    order: InsertOrder,
    content: SegmentContent,
  ): Promise<void> {
    const token = tokenOf(order, rows.table);
    const keep = async (name: string, pieces: readonly Piece[], isPart: boolean, reason: string) => {
      const segment = segmentOfPieces(rows.table, pieces, content.records);
      const entry = entryOf(order, rows.table, name, pieces, isPart, reason, segment.length, content);
      await this.quarantine.keep(entry, segment);
      setAside.push(entry);
    };
    // Only bytes that can't be read have certainly not been inserted; the rest must keep its token, all of it.
    const isWhole = !setAside.some(({ table }) => table === rows.table);
    const split = isWhole ? await splitTable(this.store, rows) : undefined;
    const bad = new Set(split?.bad.map(({ record }) => record));
    const good = rows.pieces.filter(({ record }) => !bad.has(record));
    if (isWhole && (split === undefined || good.length === 0)) return keep(token, rows.pieces, false, error.message);
    if (isWhole) {
      const pieces = rows.pieces.filter(({ record }) => bad.has(record));
      await keep(`${token}-rest`, pieces, true, error.message);
    }
    const refusal = isWhole ? await this.#refusal(() => this.#insertRest(rows, setAside, order)) : error;
    if (refusal === undefined) return;
    const gone = recordsOf(setAside.filter(({ table }) => table === rows.table));
    const rest = rows.pieces.filter(({ record }) => !gone.has(record));
    await keep(goodToken(token), rest, true, refusal.message);
  }
}

function tokenOf({ tokenPrefix }: InsertOrder, table: TableName): string {
  return `${tokenPrefix}-${table}`;
}

/** Of the rows of a table that go in without those that can't be read. */
function goodToken(token: string): string {
  return `${token}-good`;
}

function entryOf(
  order: InsertOrder,
  table: TableName,
  token: string,
  pieces: readonly Piece[],
  isPart: boolean,
  reason: string,
  sizeBytes: number,
  content: SegmentContent,
): SetAside {
  const records = [...new Set(pieces.map(({ record }) => record))];
  return {
    token,
    tokenPrefix: order.tokenPrefix,
    segment: order.tokenPrefix.slice(order.tokenPrefix.lastIndexOf('-') + 1),
    table,
    reason,
    attempts: order.attempt,
    setAsideAt: new Date().toISOString(),
    sizeBytes,
    rows: rowsOf(pieces),
    items: records.reduce((sum, record) => sum + (content.records[record]?.items ?? 0), 0),
    records: isPart ? records : 'all',
  };
}

function recordsOf(entries: readonly SetAside[]): ReadonlySet<number> {
  return new Set(entries.flatMap(({ records }) => (records === 'all' ? [] : records)));
}
