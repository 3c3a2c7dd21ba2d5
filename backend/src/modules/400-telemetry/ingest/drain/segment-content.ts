import type { Signal, TableName } from '@telemetryflow/otlp';
import { TABLES } from '@telemetryflow/otlp';
import { scanSegment, type SegmentRecord } from '../segment-log/record.js';

/** All rows of one table in a segment. */
interface TableRows {
  readonly table: TableName;
  readonly rows: number;
  readonly bytes: Buffer;
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
  const blocks = records.flatMap((record) => record.blocks);
  const tables: TableRows[] = [];
  for (const table of INSERT_ORDER) {
    const own = blocks.filter((block) => block.tableId === TABLES[table].id);
    if (own.length === 0) continue;
    const rows = own.reduce((sum, block) => sum + block.rows, 0);
    tables.push({ table, rows, bytes: Buffer.concat(own.map((block) => block.bytes)) });
  }
  return { tables, ingested: summarise(records), damagedRegions, damagedBytes };
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
