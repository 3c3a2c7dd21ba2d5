import { randomInt } from 'node:crypto';
import type { Signal, TableName } from '@telemetryflow/otlp';
import { TABLES } from '@telemetryflow/otlp';
import {
  encodeServices,
  fileHeader,
  recordSize,
  scanSegment,
  writeRecord,
  type SegmentRecord,
} from '../segment-log/record.js';

/** One request's rows of one table. */
export interface Piece {
  /** Index of its record in the segment. */
  readonly record: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** All rows of one table in a segment, in the order of the records. */
export interface TableRows {
  readonly table: TableName;
  readonly pieces: readonly Piece[];
}

/** What a segment brought one tenant. */
export interface Ingested {
  readonly tenantId: string;
  readonly signal: Signal;
  /** Spans, data points or log records. */
  readonly rows: number;
  readonly services: ReadonlySet<string>;
}

export interface SegmentContent {
  /** Identities first: rows never wait for what they refer to. */
  readonly tables: readonly TableRows[];
  readonly records: readonly SegmentRecord[];
  readonly ingested: readonly Ingested[];
  readonly damagedRegions: number;
  readonly damagedBytes: number;
}

const IDENTITIES: readonly TableName[] = ['resources_v3', 'scopes_v3', 'series_v3'];
const TABLE_NAMES = Object.keys(TABLES) as TableName[];
const INSERT_ORDER = [...IDENTITIES, ...TABLE_NAMES.filter((table) => !IDENTITIES.includes(table))];

/** Gathers the blocks of a segment file by table and what they mean by tenant and signal. */
export function segmentContent(file: Buffer): SegmentContent {
  const { records, damagedRegions, damagedBytes } = scanSegment(file);
  const byTable = new Map<number, Piece[]>();
  for (const [record, { blocks }] of records.entries()) {
    for (const { tableId, rows, bytes } of blocks) {
      const pieces = byTable.get(tableId);
      if (pieces === undefined) byTable.set(tableId, [{ record, rows, bytes }]);
      else pieces.push({ record, rows, bytes });
    }
  }
  const tables = INSERT_ORDER.flatMap((table): TableRows[] => {
    const pieces = byTable.get(TABLES[table].id);
    return pieces === undefined ? [] : [{ table, pieces }];
  });
  return { tables, records, ingested: summarise(records), damagedRegions, damagedBytes };
}

export function rowsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { rows }) => sum + rows, 0);
}

export function bytesOf(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map(({ bytes }) => bytes));
}

/** A segment file of the rows that `pieces` of one table have, which belong to `records`. */
export function segmentOfPieces(table: TableName, pieces: readonly Piece[], records: readonly SegmentRecord[]): Buffer {
  const salt = randomInt(1, 2 ** 32);
  const parts = pieces.map(({ record, rows, bytes }) => {
    const origin = records[record];
    if (origin === undefined) throw new Error(`The segment has no record ${record}`);
    const reduced: SegmentRecord = { ...origin, blocks: [{ tableId: TABLES[table].id, rows, bytes }] };
    const services = encodeServices(reduced.services);
    const out = Buffer.alloc(recordSize(reduced, services));
    writeRecord(out, reduced, services, salt);
    return out;
  });
  return Buffer.concat([fileHeader(salt), ...parts]);
}

function summarise(records: readonly SegmentRecord[]): Ingested[] {
  const found = new Map<string, { tenantId: string; signal: Signal; rows: number; services: Set<string> }>();
  for (const record of records) {
    const tenantId = uuidOf(record.tenantId);
    const key = `${tenantId} ${record.signal}`;
    const entry = found.get(key) ?? { tenantId, signal: record.signal, rows: 0, services: new Set() };
    found.set(key, entry);
    entry.rows += record.items;
    for (const service of record.services) entry.services.add(service);
  }
  return [...found.values()];
}

/** The inverse of `uuidToRowBinary`: each half of the 16 bytes is little-endian. */
function uuidOf(rowBinary: Uint8Array): string {
  const bytes = Buffer.from(rowBinary);
  bytes.subarray(0, 8).reverse();
  bytes.subarray(8, 16).reverse();
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
