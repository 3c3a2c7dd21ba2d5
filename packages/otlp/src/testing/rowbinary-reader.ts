import type { Block } from '../api.js';
import { TABLES, type TableName } from '../tables.js';
import { columnTypes } from './table-types.js';

/** A decoded row: 64-bit integers and DateTime64 as bigint, FixedString and UUID as hex, maps as pairs, enums as names. */
export type Row = Record<string, unknown>;

/**
 * Decodes RowBinary by the column types of the migration. Strict: the bytes must end where the last row does, and there
 * must be as many rows as the block announces, if it does.
 */
export function readRows(block: Omit<Block, 'rows'> & { readonly rows?: number }): Row[] {
  const types = columnTypes(block.table);
  const columns = TABLES[block.table].columns.map((name) => {
    const type = types.get(name);
    if (type === undefined) throw new Error(`${block.table} has no column ${name}`);
    return [name, type] as const;
  });
  if (columns.length !== types.size) throw new Error(`${block.table}: not every column is written`);
  const reader = new RowBinaryReader(block.bytes);
  const rows: Row[] = [];
  while (!reader.atEnd) rows.push(Object.fromEntries(columns.map(([name, type]) => [name, reader.value(type)])));
  if (rows.length !== (block.rows ?? rows.length))
    throw new Error(`${block.table}: ${rows.length} rows read, ${block.rows} announced`);
  return rows;
}

/** All rows of a result by table; tables without a block are empty. */
export function rowsByTable(blocks: readonly Block[]): Record<TableName, Row[]> {
  const tables = Object.fromEntries(Object.keys(TABLES).map((table) => [table, []])) as unknown as Record<
    TableName,
    Row[]
  >;
  for (const block of blocks) tables[block.table] = readRows(block);
  return tables;
}

class RowBinaryReader {
  private readonly buffer: Buffer;
  private pos = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes);
  }

  get atEnd(): boolean {
    return this.pos === this.buffer.length;
  }

  value(type: string): unknown {
    const [, name, inner] = /^(\w+)(?:\((.*)\))?$/s.exec(type)!;
    switch (name) {
      case 'LowCardinality':
        return this.value(inner!);
      case 'Nullable':
        return this.take(1)[0] === 1 ? null : this.value(inner!);
      case 'Array':
        return Array.from({ length: this.varint() }, () => this.value(inner!));
      case 'Map': {
        const [key, value] = /^(.*), (\w+)$/.exec(inner!)!.slice(1);
        return Array.from({ length: this.varint() }, () => [this.value(key!), this.value(value!)]);
      }
      case 'Enum8': {
        const number = this.take(1).readInt8();
        const names = new Map([...inner!.matchAll(/'(\w+)' = (\d+)/g)].map((match) => [Number(match[2]), match[1]]));
        if (!names.has(number)) throw new Error(`${number} is not in ${type}`);
        return names.get(number);
      }
      case 'String':
        return this.take(this.varint()).toString('utf8');
      case 'FixedString':
        return inner === '1' ? this.take(1).toString('latin1') : this.take(Number(inner)).toString('hex');
      case 'UUID':
        return this.take(16).toString('hex');
      default:
        return this.number(name!);
    }
  }

  private number(name: string): unknown {
    switch (name) {
      case 'UInt8':
        return this.take(1).readUInt8();
      case 'Int32':
        return this.take(4).readInt32LE();
      case 'UInt32':
      case 'DateTime':
        return this.take(4).readUInt32LE();
      case 'UInt64':
        return this.take(8).readBigUInt64LE();
      case 'Int64':
      case 'DateTime64':
        return this.take(8).readBigInt64LE();
      case 'Float64':
        return this.take(8).readDoubleLE();
      default:
        throw new Error(`no reader for ${name}`);
    }
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.take(1)[0]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  private take(count: number): Buffer {
    if (this.pos + count > this.buffer.length) throw new Error('the rows are cut off');
    this.pos += count;
    return this.buffer.subarray(this.pos - count, this.pos);
  }
}
