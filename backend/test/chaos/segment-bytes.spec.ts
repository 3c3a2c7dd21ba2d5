/**
 * Damage to a segment of the ingest log, at every place: a record that was touched is lost, by itself and counted; all
 * others come back byte for byte.
 */
import { describe, expect, it } from 'vitest';
import {
  encodeServices,
  fileHeader,
  recordSize,
  scanSegment,
  writeRecord,
  type SegmentRecord,
} from '../../src/modules/400-telemetry/ingest/segment-log/record.js';
import { below, SEED, seeded, type Random } from './support/random.ts';
import { IS_LONG, SEEDED, report } from './support/scale.ts';

const random = seeded(SEED);
const SALT = 1 + below(random, 0xffffffff);
const HEADER_BYTES = fileHeader(SALT).length;

/** Bytes that look like the start of a record in all but the salt. */
const BAIT = Buffer.from('54465231000000000400000000000000', 'hex');

const RECORDS: readonly SegmentRecord[] = [
  recordOf('traces', ['shop'], [random8(40), random8(3)]),
  recordOf('logs', [], [Buffer.concat([BAIT, random8(9), BAIT])]),
  recordOf('metrics', ['shop', 'naïve', 'küche'], [random8(1), Buffer.alloc(0), random8(60)]),
  recordOf('logs', ['a'], []),
  recordOf('traces', ['shop'], [random8(25)]),
];
const ENCODED = RECORDS.map(encoded);
const STARTS = ENCODED.reduce<number[]>(
  (starts, bytes) => [...starts, (starts.at(-1) ?? 0) + bytes.length],
  [HEADER_BYTES],
);
const FILE = Buffer.concat([fileHeader(SALT), ...ENCODED]);

function random8(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

function recordOf(signal: SegmentRecord['signal'], services: string[], payloads: Buffer[]): SegmentRecord {
  const blocks = payloads.map((bytes, index) => ({ tableId: index + 1, rows: index + 2, bytes }));
  return { tenantId: random8(16), signal, items: 7, services, blocks };
}

function encoded(record: SegmentRecord): Buffer {
  const services = encodeServices(record.services);
  const bytes = Buffer.alloc(recordSize(record, services));
  writeRecord(bytes, record, services, SALT);
  return bytes;
}

/** What is read, written again: equal bytes mean that nothing of the record has changed. */
function read(file: Buffer) {
  const { records, damagedRegions, damagedBytes } = scanSegment(file);
  return { records: records.map((record) => encoded(record).toString('hex')), damagedRegions, damagedBytes };
}

const hexOf = (indexes: readonly number[]) => indexes.map((index) => ENCODED[index]!.toString('hex'));
const ALL = RECORDS.map((_, index) => index);
/** The record that holds the byte; -1 for the file's head. */
const recordAt = (at: number) => (at < HEADER_BYTES ? -1 : STARTS.findLastIndex((start) => start <= at));

function flipped(at: number, xor: number): Buffer {
  const copy = Buffer.from(FILE);
  copy[at]! ^= xor;
  return copy;
}

function expectOnlyLost(file: Buffer, lost: number): void {
  expect(read(file)).toEqual({
    records: hexOf(ALL.filter((index) => index !== lost)),
    damagedRegions: lost < 0 ? 0 : 1,
    damagedBytes: lost < 0 ? 0 : ENCODED[lost]!.length,
  });
}

describe(`a damaged segment (${SEEDED})`, () => {
  it('is read whole while it is intact', () => {
    expect(read(FILE)).toEqual({ records: hexOf(ALL), damagedRegions: 0, damagedBytes: 0 });
  });

  it('loses exactly the record of which any one byte has changed', () => {
    const started = performance.now();
    let scans = 0;
    for (let at = 0; at < FILE.length; at += 1) {
      // The long form tries every change that a byte can have.
      const changes = IS_LONG
        ? Array.from({ length: 255 }, (_, i) => i + 1)
        : [1 + below(random, 255), 1 << below(random, 8)];
      for (const xor of changes) expectOnlyLost(flipped(at, xor), recordAt(at));
      scans += changes.length;
    }
    report('every byte of a segment flipped', {
      detail: `${FILE.length} bytes, ${scans} scans`,
      lost: 'the flipped record each time',
      seconds: Math.round((performance.now() - started) / 1000),
    });
  }, 240_000);

  it('loses exactly the two records that were touched', () => {
    for (let round = 0; round < 500; round += 1) {
      const [one, other] = [touchOf(random), touchOf(random)];
      const file = flipped(one, 1 + below(random, 255));
      file[other]! ^= 1 + below(random, 255);
      if (file.equals(FILE)) continue;
      const lost = new Set(
        [recordAt(one), recordAt(other)].filter(
          (index) => file.subarray(STARTS[index], STARTS[index + 1]).compare(ENCODED[index]!) !== 0,
        ),
      );
      expect(read(file).records).toEqual(hexOf(ALL.filter((index) => !lost.has(index))));
    }
  });

  it('keeps every whole record before the place where it was cut', () => {
    for (let length = 0; length <= FILE.length; length += 1) {
      const whole = ALL.filter((index) => STARTS[index + 1]! <= length);
      const torn = length - (STARTS[whole.length] ?? 0);
      expect(read(FILE.subarray(0, length))).toEqual({
        records: hexOf(whole),
        damagedRegions: torn > 0 ? 1 : 0,
        damagedBytes: Math.max(0, torn),
      });
    }
  });

  it.each([
    ['zeros', (length: number) => Buffer.alloc(length)],
    ['ones', (length: number) => Buffer.alloc(length, 0xff)],
    ['garbage', random8],
    ['records of another segment', (length: number) => foreign(length)],
  ])('does not believe %s at its end or between its records', (_, make) => {
    for (const length of [1, 2, 7, 8, 15, 16, 17, 63, 64, 1000, 4096]) {
      const junk = make(length);
      const counted = { damagedRegions: 1, damagedBytes: junk.length, records: hexOf(ALL) };
      expect(read(Buffer.concat([FILE, junk]))).toEqual(counted);
      const at = STARTS[1 + below(random, RECORDS.length - 1)]!;
      expect(read(Buffer.concat([FILE.subarray(0, at), junk, FILE.subarray(at)]))).toEqual(counted);
    }
  });
});

function touchOf(next: Random): number {
  return HEADER_BYTES + below(next, FILE.length - HEADER_BYTES);
}

/** Records as they stand on a disk block that was used before: sound in themselves, of another salt. */
function foreign(length: number): Buffer {
  const bytes = Buffer.concat(ENCODED.map((record) => Buffer.from(record)));
  for (let at = 0, index = 0; index < ENCODED.length; at += ENCODED[index]!.length, index += 1) {
    bytes.writeUInt32LE((SALT ^ 0x5a5a5a5a) >>> 0, at + 4);
  }
  return Buffer.concat([bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]).subarray(0, length);
}
