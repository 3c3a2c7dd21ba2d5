/** A decode thread: inflates bodies, transcodes them, and makes the records of them that the log writes as they are. */
import { parentPort, workerData } from 'node:worker_threads';
import { TABLES } from '@telemetryflow/otlp';
import { IngestError } from '../ingest-error.js';
import {
  encodeServices,
  recordSize,
  RECORD_MAX_BYTES,
  writeRecord,
  type SegmentRecord,
} from '../segment-log/record.js';
import { BodyDecoder } from './body-decoder.js';
import { RecordMemory } from './record-memory.js';
import type { DecodeDone, DecodeFailed, DecodeJob, ThreadSettings } from './thread-messages.js';

const { limits }: ThreadSettings = workerData;
const decoder = new BodyDecoder(limits);
const memory = new RecordMemory();
let seq = 0;

parentPort?.on('message', (job: DecodeJob) => {
  memory.giveBack(job.spare);
  if (job.seq !== seq) {
    seq = job.seq;
    decoder.identities.clear();
  }
  try {
    const done = decode(job);
    parentPort?.postMessage(done, done.record === undefined ? [] : [done.record.buffer]);
  } catch (error) {
    parentPort?.postMessage(failed(job.id, error));
  }
});

parentPort?.postMessage('ready');

function decode(job: DecodeJob): DecodeDone {
  const { accepted, rejected, rejections, warnings, services, blocks, bodyBytes } = decoder.decode(job);
  const counts = { id: job.id, accepted, rejected, rejections, warnings, bodyBytes };
  if (blocks.length === 0) return { ...counts, record: undefined };
  const record: SegmentRecord = {
    tenantId: job.tenantId,
    signal: job.signal,
    items: accepted,
    services: [...services],
    blocks: blocks.map(({ table, rows, bytes }) => ({ tableId: TABLES[table].id, rows, bytes })),
  };
  const names = encodeServices(record.services);
  const size = recordSize(record, names);
  if (size > RECORD_MAX_BYTES) {
    // Its identities are not in the segment after all.
    decoder.identities.clear();
    throw new IngestError('too_large', 'The request needs too much room: send less at once');
  }
  const bytes = memory.take(size);
  writeRecord(Buffer.from(bytes.buffer, 0, size), record, names, job.salt);
  return { ...counts, record: bytes };
}

function failed(id: number, error: unknown): DecodeFailed {
  if (error instanceof IngestError) {
    const { reason, message, field } = error;
    return { id, refusal: { reason, message, field }, defect: undefined };
  }
  decoder.identities.clear();
  return { id, refusal: undefined, defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
