import type { TableName } from '@telemetryflow/otlp';
import type { TableRows } from './segment-content.js';

/** How old the store's `last_seen` of an identity may become while it is in use. */
const REFRESH_MS = 60_000;
/** A segment with more is inserted as it is: looking at each row would cost more than it saves. */
const MAX_ROWS = 1_000;
/** Beyond it remembering starts afresh. */
const MAX_KNOWN = 50_000;

/** How a column lies in RowBinary: so many bytes, a string, or a map of strings. */
type Column = number | 'string' | 'map';

interface Layout {
  readonly columns: readonly Column[];
  /** Index of the id's column; the tenant's id comes first. */
  readonly id: number;
}

const TENANT_BYTES = 16;
const ID_BYTES = 8;

/** The tables of identities, in the order of `TABLES`. Their rows replace each other. */
const LAYOUTS: Partial<Record<TableName, Layout>> = {
  resources_v3: { id: 1, columns: [16, 8, 'string', 'map', 'string', 4, 'string', 4] },
  scopes_v3: { id: 1, columns: [16, 8, 'string', 'string', 'map', 'string', 4, 'string', 4] },
  series_v3: {
    id: 5,
    columns: [16, 'string', 8, 8, 'string', 8, 1, 1, 4, 'string', 'string', 'map', 'string', 'map', 'string'],
  },
};

/**
 * Which resources, scopes and series the store was given lately. Each segment brings the rows of what its items refer to;
 * of a small segment that is most of the cost, and nearly always the store has them all. A segment whose identities were
 * all inserted within the last minute brings none of them again.
 *
 * What is remembered decides only whether a table of a segment is inserted at all, never which rows go under its token; a
 * process that has forgotten inserts what was there.
 */
export class StoredIdentities {
  readonly #insertedAt = new Map<string, number>();
  readonly #now: () => number;

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What `rows` tell of; undefined when that is not looked at: no identities, too many, or bytes that are no rows. */
  keysOf({ table, pieces }: TableRows): readonly string[] | undefined {
    const layout = LAYOUTS[table];
    const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
    if (layout === undefined || rows === 0 || rows > MAX_ROWS) return undefined;
    const keys: string[] = [];
    for (const piece of pieces) {
      const read = readKeys(table, layout, piece.bytes, piece.rows);
      if (read === undefined) return undefined;
      keys.push(...read);
    }
    return keys;
  }

  /** Whether the store was given all of them within the last minute. */
  hasAll(keys: readonly string[]): boolean {
    const since = this.#now() - REFRESH_MS;
    return keys.every((key) => (this.#insertedAt.get(key) ?? Number.NEGATIVE_INFINITY) > since);
  }

  /** After an insert that the store confirmed. */
  remember(keys: readonly string[]): void {
    if (this.#insertedAt.size + keys.length > MAX_KNOWN) this.#insertedAt.clear();
    const now = this.#now();
    for (const key of keys) this.#insertedAt.set(key, now);
  }
}

function readKeys(table: TableName, { columns, id }: Layout, bytes: Uint8Array, rows: number): string[] | undefined {
  const reader = new Reader(bytes);
  const keys: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const start = reader.pos;
    let idAt = start;
    for (const [index, column] of columns.entries()) {
      if (index === id) idAt = reader.pos;
      reader.skip(column);
    }
    if (reader.pos > bytes.length) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const tenant = text.toString('latin1', start, start + TENANT_BYTES);
    keys.push(`${table} ${tenant}${text.toString('latin1', idAt, idAt + ID_BYTES)}`);
  }
  return reader.pos === bytes.length ? keys : undefined;
}

/** Walks over RowBinary; beyond the end everything is empty, and `pos` tells of it. */
class Reader {
  pos = 0;
  constructor(private readonly bytes: Uint8Array) {}

  skip(column: Column): void {
    if (typeof column === 'number') this.pos += column;
    else if (column === 'string') this.#skipString();
    else for (let left = 2 * this.#varint(); left > 0 && this.pos < this.bytes.length; left -= 1) this.#skipString();
  }

  #skipString(): void {
    const length = this.#varint();
    this.pos += length;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.bytes[this.pos++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  }
}
