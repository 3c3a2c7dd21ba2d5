import type { RangeList } from '../wire/range-list.js';
import type { WireReader } from '../wire/wire-reader.js';
import type { HistogramRow } from './histogram-row.js';

/*
 * SummaryDataPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5;
 *                    repeated ValueAtQuantile quantile_values = 6; repeated KeyValue attributes = 7; uint32 flags = 8; }
 * ValueAtQuantile { double quantile = 1; double value = 2; }
 */
const KNOWN = 0b1_1111_1100;
const QUANTILE_KNOWN = 0b110;

/** Reads the SummaryDataPoint at [p, end) into `row`. */
export function scanSummaryPoint(wire: WireReader, p: number, end: number, row: HistogramRow): void {
  row.clear();
  while (p < end) {
    let tag = wire.bytes[p++];
    if (tag > 0x7f) {
      tag = wire.longTag(p - 1, end);
      p = wire.next;
    }
    switch (tag) {
      case 0x11:
        row.start = p;
        p = wire.fixed(p, end, 8);
        break;
      case 0x19:
        row.time = p;
        p = wire.fixed(p, end, 8);
        break;
      case 0x21:
        row.count = p;
        p = wire.fixed(p, end, 8);
        break;
      case 0x29:
        row.sum = p;
        p = wire.fixed(p, end, 8);
        break;
      case 0x32: {
        const start = wire.open(p, end);
        p = wire.limit;
        scanQuantile(wire, start, p, row.quantiles);
        break;
      }
      case 0x3a:
        p = row.attributes.addRun(0x3a, p, end);
        break;
      case 0x40:
        row.flags = wire.uint32(p, end);
        p = wire.next;
        break;
      default:
        p = wire.skip(tag, p, end, KNOWN, 'SummaryDataPoint');
    }
  }
}

function scanQuantile(wire: WireReader, p: number, end: number, quantiles: RangeList): void {
  let quantile = -1;
  let value = -1;
  while (p < end) {
    let tag = wire.bytes[p++];
    if (tag > 0x7f) {
      tag = wire.longTag(p - 1, end);
      p = wire.next;
    }
    if (tag === 0x09) {
      quantile = p;
      p = wire.fixed(p, end, 8);
    } else if (tag === 0x11) {
      value = p;
      p = wire.fixed(p, end, 8);
    } else {
      p = wire.skip(tag, p, end, QUANTILE_KNOWN, 'ValueAtQuantile');
    }
  }
  quantiles.push(quantile, value);
}
