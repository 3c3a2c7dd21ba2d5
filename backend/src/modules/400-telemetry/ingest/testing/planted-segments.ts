import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SegmentIdentities, TABLES, Transcoder, uuidToRowBinary, type TableName } from '@telemetryflow/otlp';
import { encodeServices, fileHeader, recordSize, writeRecord, type SegmentRecord } from '../segment-log/record.js';
import { logRequest } from './payloads.js';

/** The record of a request of logs, as ingest would write it. */
export function logRecord(tenantId: string, bodies: readonly string[], service: string): SegmentRecord {
  const tenant = uuidToRowBinary(tenantId);
  const { blocks, accepted } = new Transcoder().transcode(
    'logs',
    'json',
    Buffer.from(JSON.stringify(logRequest(bodies, service))),
    { tenantId: tenant, receivedAtMs: Date.now(), identities: new SegmentIdentities() },
  );
  return {
    tenantId: tenant,
    signal: 'logs',
    items: accepted,
    services: [service],
    blocks: blocks.map(({ table, rows, bytes }) => ({ tableId: TABLES[table].id, rows, bytes: Buffer.from(bytes) })),
  };
}

/** The record with the last bytes of one table's rows cut off: no store can read them. */
export function spoilt(record: SegmentRecord, table: TableName): SegmentRecord {
  return {
    ...record,
    blocks: record.blocks.map((block) =>
      block.tableId === TABLES[table].id ? { ...block, bytes: block.bytes.subarray(0, -3) } : block,
    ),
  };
}

export function segmentFile(records: readonly SegmentRecord[]): Buffer {
  const salt = 7;
  const written = records.map((record) => {
    const services = encodeServices(record.services);
    const out = Buffer.alloc(recordSize(record, services));
    writeRecord(out, record, services, salt);
    return out;
  });
  return Buffer.concat([fileHeader(salt), ...written]);
}

/** Leaves segments in the log of a server that never ran. */
export async function plantSegments(dataDir: string, ...segments: (readonly SegmentRecord[])[]): Promise<void> {
  for (const [index, records] of segments.entries()) await plantSegment(dataDir, index + 1, records);
}

/** Leaves a segment in the log of a server that does not run. Its number must not have been used before. */
export async function plantSegment(dataDir: string, seq: number, records: readonly SegmentRecord[]): Promise<void> {
  const dir = join(dataDir, 'ingest');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, `${String(seq).padStart(16, '0')}.seg`), segmentFile(records));
}
