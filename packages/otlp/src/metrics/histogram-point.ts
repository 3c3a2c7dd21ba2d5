import type { WireReader } from '../wire/wire-reader.js';
import type { HistogramRow } from './histogram-row.js';

/*
 * HistogramDataPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
 *                      optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
 *                      repeated Exemplar exemplars = 8; repeated KeyValue attributes = 9; uint32 flags = 10;
 *                      optional double min = 11; optional double max = 12; }
 */
const KNOWN = 0b1_1111_1111_1100;

/** Reads the HistogramDataPoint at [p, end) into `row`. */
export function scanHistogramPoint(wire: WireReader, p: number, end: number, row: HistogramRow): void {
  row.clear();
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
      case 0x32:
      case 0x3a: {
        const start = wire.open(p, end);
        p = wire.limit;
        (tag === 0x32 ? row.buckets : row.bounds).add(start, p);
        break;
      }
      case 0x42: {
        const start = wire.open(p, end);
        p = wire.limit;
        row.exemplars.add(start, p);
        break;
      }
      case 0x4a:
        p = row.attributes.addRun(0x4a, p, end);
        break;
      case 0x50:
        row.flags = wire.uint32(p, end);
        p = wire.next;
        break;
      default:
        p = wire.skip(tag, p, end, KNOWN, 'HistogramDataPoint');
    }
  }
}

/** The 64-bit fields, and elements of lists that were not packed. */
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
    case 0x31:
      row.buckets.add(p, stop);
      return stop;
    case 0x39:
      row.bounds.add(p, stop);
      return stop;
    case 0x59:
      row.min = p;
      return stop;
    case 0x61:
      row.max = p;
      return stop;
    default:
      return wire.skip(tag, p, end, KNOWN, 'HistogramDataPoint');
  }
}
