import { crc32 } from 'node:zlib';
import type { Signal } from '@telemetryflow/otlp';
import { SIGNALS } from '../signal.js';

/*
 * A segment file, little-endian:
 *
 *   "TFSEGv1\n"  salt u32 × 3                                    20 bytes
 *   record*      magic u32, salt u32, length u32, crc32 u32,     16 bytes, then `length` bytes of content
 *
 *   content      metaLength u32, meta, payload of block 0, payload of block 1, …
 *   meta         tenant id 16 bytes, signal u8, reserved u8, block count u16, items u32,
 *                per block: table id u32, rows u32, bytes u32
 *                then the service names, UTF-8, separated by NUL
 *
 * The salt is random per segment: bytes that a client sent can never look like the start of a record. It is written
 * three times, so that one flipped byte in the file's head costs nothing.
 */
const FILE_HEADER_BYTES = 20;
const RECORD_HEADER_BYTES = 16;
const FILE_MAGIC = Buffer.from('TFSEGv1\n', 'latin1');
const RECORD_MAGIC = 0x31524654; // "TFR1"
const META_FIXED_BYTES = 28;
const META_BLOCK_BYTES = 12;
const SERVICES_MAX_BYTES = 64 * 1024;

/** The transcoder stops at 256 MiB per table; beyond this a record would cost too much memory on its way. */
export const RECORD_MAX_BYTES = 1024 * 1024 * 1024;

/** The rows of one table, as RowBinary. */
interface RecordBlock {
  readonly tableId: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** What one request adds to the log. */
export interface SegmentRecord {
  /** 16 bytes as the rows hold them. */
  readonly tenantId: Uint8Array;
  readonly signal: Signal;
  /** Accepted spans, data points or log records. */
  readonly items: number;
  readonly services: readonly string[];
  readonly blocks: readonly RecordBlock[];
}

export interface SegmentScan {
  readonly records: readonly SegmentRecord[];
  /** Stretches of the file that are no intact record; neighbouring damaged records count as one. */
  readonly damagedRegions: number;
  readonly damagedBytes: number;
}

export function fileHeader(salt: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  FILE_MAGIC.copy(header);
  for (const offset of [8, 12, 16]) header.writeUInt32LE(salt, offset);
  return header;
}

/** The services as the meta holds them; names beyond 64 KiB in all are left out. */
export function encodeServices(services: readonly string[]): Buffer {
  const whole = Buffer.from(services.join('\0'), 'utf8');
  if (whole.length <= SERVICES_MAX_BYTES) return whole;
  const cut = whole.lastIndexOf(0, SERVICES_MAX_BYTES);
  return whole.subarray(0, Math.max(cut, 0));
}

/** Bytes that the record takes in the file. */
export function recordSize(record: SegmentRecord, services: Buffer): number {
  let size = RECORD_HEADER_BYTES + 4 + META_FIXED_BYTES + META_BLOCK_BYTES * record.blocks.length + services.length;
  for (const block of record.blocks) size += block.bytes.length;
  return size;
}

/** Writes the record at the start of `out`, which has exactly {@link recordSize} bytes. Copies the blocks' bytes. */
export function writeRecord(out: Buffer, record: SegmentRecord, services: Buffer, salt: number): void {
  out.writeUInt32LE(RECORD_MAGIC, 0);
  out.writeUInt32LE(salt, 4);
  out.writeUInt32LE(out.length - RECORD_HEADER_BYTES, 8);
  let at = RECORD_HEADER_BYTES;
  at = out.writeUInt32LE(META_FIXED_BYTES + META_BLOCK_BYTES * record.blocks.length + services.length, at);
  out.set(record.tenantId, at);
  at = out.writeUInt8(SIGNALS.indexOf(record.signal), at + 16);
  at = out.writeUInt8(0, at);
  at = out.writeUInt16LE(record.blocks.length, at);
  at = out.writeUInt32LE(record.items, at);
  at = out.writeUInt32LE(services.length, at);
  for (const block of record.blocks) {
    at = out.writeUInt32LE(block.tableId, at);
    at = out.writeUInt32LE(block.rows, at);
    at = out.writeUInt32LE(block.bytes.length, at);
  }
  at += services.copy(out, at);
  for (const block of record.blocks) {
    out.set(block.bytes, at);
    at += block.bytes.length;
  }
  out.writeUInt32LE(checksum(out), 12);
}

/** Covers the length too: a flipped length must not make two records one. */
function checksum(record: Buffer): number {
  return crc32(record.subarray(RECORD_HEADER_BYTES), crc32(record.subarray(8, 12)));
}

/**
 * Reads the records of a segment file. A torn or flipped record costs itself alone: reading goes on at the next intact
 * one. The blocks are views of `file`.
 */
export function scanSegment(file: Buffer): SegmentScan {
  const records: SegmentRecord[] = [];
  let damagedRegions = 0;
  let damagedBytes = 0;
  const salt = saltOf(file);
  const sync = Buffer.alloc(8);
  sync.writeUInt32LE(RECORD_MAGIC, 0);
  sync.writeUInt32LE(salt, 4);
  let goodUntil = Math.min(FILE_HEADER_BYTES, file.length);
  let at = goodUntil;
  while (at < file.length) {
    const end = intactRecordEnd(file, at, sync);
    const record = end === undefined ? undefined : readRecord(file.subarray(at + RECORD_HEADER_BYTES, end));
    if (end !== undefined && record !== undefined) {
      if (at > goodUntil) {
        damagedRegions += 1;
        damagedBytes += at - goodUntil;
      }
      records.push(record);
      goodUntil = at = end;
    } else {
      const next = file.indexOf(sync, at + 1);
      at = next < 0 ? file.length : next;
    }
  }
  if (file.length > goodUntil) {
    damagedRegions += 1;
    damagedBytes += file.length - goodUntil;
  }
  return { records, damagedRegions, damagedBytes };
}

/** Two of three copies decide. */
function saltOf(file: Buffer): number {
  if (file.length < FILE_HEADER_BYTES) return 0;
  const [a, b, c] = [file.readUInt32LE(8), file.readUInt32LE(12), file.readUInt32LE(16)];
  return b === c ? b : a;
}

function intactRecordEnd(file: Buffer, at: number, sync: Buffer): number | undefined {
  if (file.length - at < RECORD_HEADER_BYTES || sync.compare(file, at, at + 8) !== 0) return undefined;
  const end = at + RECORD_HEADER_BYTES + file.readUInt32LE(at + 8);
  if (end > file.length) return undefined;
  return checksum(file.subarray(at, end)) === file.readUInt32LE(at + 12) ? end : undefined;
}

function readRecord(content: Buffer): SegmentRecord | undefined {
  const signal = SIGNALS[content.readUInt8(20)];
  if (signal === undefined) return undefined; // written by a later version
  const blockCount = content.readUInt16LE(22);
  const servicesBytes = content.readUInt32LE(28);
  const servicesAt = 4 + META_FIXED_BYTES + META_BLOCK_BYTES * blockCount;
  let payloadAt = 4 + content.readUInt32LE(0);
  const blocks: RecordBlock[] = [];
  for (let i = 0; i < blockCount; i++) {
    const entry = 4 + META_FIXED_BYTES + META_BLOCK_BYTES * i;
    const end = payloadAt + content.readUInt32LE(entry + 8);
    blocks.push({
      tableId: content.readUInt32LE(entry),
      rows: content.readUInt32LE(entry + 4),
      bytes: content.subarray(payloadAt, end),
    });
    payloadAt = end;
  }
  return {
    tenantId: content.subarray(4, 20),
    signal,
    items: content.readUInt32LE(24),
    services: servicesBytes === 0 ? [] : content.toString('utf8', servicesAt, servicesAt + servicesBytes).split('\0'),
    blocks,
  };
}
