import type { VarintList } from '../wire/number-lists.js';
import { SPLIT_MESSAGE, type WireReader } from '../wire/wire-reader.js';
import type { HistogramRow } from './histogram-row.js';

/*
 * ExponentialHistogramDataPoint { repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2;
 *   fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7;
 *   Buckets positive = 8; Buckets negative = 9; uint32 flags = 10; repeated Exemplar exemplars = 11;
 *   optional double min = 12; optional double max = 13; double zero_threshold = 14; }
 * Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
 */
const KNOWN = 0b111_1111_1111_1110;
const BUCKETS_KNOWN = 0b110;

/** Reads the ExponentialHistogramDataPoint at [p, end) into `row`. */
export function scanExponentialPoint(wire: WireReader, p: number, end: number, row: HistogramRow): void {
  row.clear();
  let seenPositive = false;
  let seenNegative = false;
  while (p < end) {
    let tag = wire.bytes[p++];
    if (tag > 0x7f) {
      tag = wire.longTag(p - 1, end);
      p = wire.next;
    }
    if ((tag & 7) === 1) {
      p = scanFixed(wire, tag, p, end, row);
      continue;
    }
    switch (tag) {
      case 0x0a:
        p = row.attributes.addRun(0x0a, p, end);
        break;
      case 0x30:
        p = wire.varint(p, end);
        row.scale = zigzag(wire.lo);
        break;
      case 0x42: {
        if (seenPositive) throw SPLIT_MESSAGE;
        seenPositive = true;
        const start = wire.open(p, end);
        p = wire.limit;
        row.positiveOffset = scanBuckets(wire, start, p, row.positive);
        break;
      }
      case 0x4a: {
        if (seenNegative) throw SPLIT_MESSAGE;
        seenNegative = true;
        const start = wire.open(p, end);
        p = wire.limit;
        row.negativeOffset = scanBuckets(wire, start, p, row.negative);
        break;
      }
      case 0x50:
        row.flags = wire.uint32(p, end);
        p = wire.next;
        break;
      case 0x5a: {
        const start = wire.open(p, end);
        p = wire.limit;
        row.exemplars.add(start, p);
        break;
      }
      default:
        p = wire.skip(tag, p, end, KNOWN, 'ExponentialHistogramDataPoint');
    }
  }
}

function scanFixed(wire: WireReader, tag: number, p: number, end: number, row: HistogramRow): number {
  const stop = wire.fixed(p, end, 8);
  switch (tag) {
    case 0x11:
      row.start = p;
      return stop;
    case 0x19:
      row.time = p;
      return stop;
    case 0x21:
      row.count = p;
      return stop;
    case 0x29:
      row.sum = p;
      return stop;
    case 0x39:
      row.zeroCount = p;
      return stop;
    case 0x61:
      row.min = p;
      return stop;
    case 0x69:
      row.max = p;
      return stop;
    case 0x71:
      row.zeroThreshold = p;
      return stop;
    default:
      return wire.skip(tag, p, end, KNOWN, 'ExponentialHistogramDataPoint');
  }
}

/** Reads a Buckets message: its counts into `counts`, its offset as the result. */
function scanBuckets(wire: WireReader, p: number, end: number, counts: VarintList): number {
  let offset = 0;
  while (p < end) {
    let tag = wire.bytes[p++];
    if (tag > 0x7f) {
      tag = wire.longTag(p - 1, end);
      p = wire.next;
    }
    if (tag === 0x08) {
      p = wire.varint(p, end);
      offset = zigzag(wire.lo);
    } else if (tag === 0x10) {
      const start = p;
      p = wire.varint(p, end);
      counts.add(start, p);
    } else if (tag === 0x12) {
      const start = wire.open(p, end);
      p = wire.limit;
      counts.add(start, p);
    } else {
      p = wire.skip(tag, p, end, BUCKETS_KNOWN, 'Buckets');
    }
  }
  return offset;
}

function zigzag(encoded: number): number {
  return (encoded >>> 1) ^ -(encoded & 1);
}
