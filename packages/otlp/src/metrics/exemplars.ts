import { isTraceId, type Batch } from '../batch.js';
import { AttributeList } from '../values/attribute-list.js';
import { RangeList } from '../wire/range-list.js';
import { ROW_SLACK } from '../wire/row-writer.js';
import { NumberValue } from './number-value.js';
import type { Series } from './series.js';

/*
 * Exemplar { fixed64 time_unix_nano = 2; oneof value { double as_double = 3; sfixed64 as_int = 6; } bytes span_id = 4;
 *            bytes trace_id = 5; repeated KeyValue filtered_attributes = 7; }
 */
const KNOWN = 0b11111100;

/**
 * The exemplars of one point to rows of exemplars_v3. One without a time takes its point's; one without a valid trace
 * id keeps its value with zero ids. An exemplar that cannot be stored is left out: it is no item of its own.
 */
export class Exemplars {
  private readonly messages = new RangeList();
  private readonly attributes: AttributeList;
  private readonly value: NumberValue;
  private time = -1;
  private traceId = 0;
  private traceIdEnd = 0;
  private spanId = 0;
  private spanIdEnd = 0;

  constructor(
    private readonly batch: Batch,
    private readonly series: Series,
  ) {
    this.attributes = new AttributeList(batch.wire, batch.values);
    this.value = new NumberValue(batch.wire);
  }

  clear(): void {
    this.messages.clear();
  }

  /** Adds the Exemplar message at [start, end): it is read now, for its errors, and written with its point. */
  add(start: number, end: number): void {
    this.scan(start, end);
    this.messages.push(start, end);
  }

  /** Writes the exemplars of a point whose row was written, given the point's time. */
  write(timeLo: number, timeHi: number): void {
    for (let i = 0; i < this.messages.count; i++) {
      const start = this.messages.start(i);
      const end = this.messages.end(i);
      this.scan(start, end);
      this.writeRow(end - start, timeLo, timeHi);
    }
  }

  private scan(p: number, end: number): void {
    const { wire } = this.batch;
    this.attributes.clear();
    this.value.clear();
    this.time = -1;
    this.traceId = this.traceIdEnd = this.spanId = this.spanIdEnd = p;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x11:
          this.time = p;
          p = wire.fixed(p, end, 8);
          break;
        case 0x19:
          this.value.setDouble(p);
          p = wire.fixed(p, end, 8);
          break;
        case 0x31:
          this.value.setInt(p);
          p = wire.fixed(p, end, 8);
          break;
        case 0x22:
          this.spanId = wire.open(p, end);
          this.spanIdEnd = p = wire.limit;
          break;
        case 0x2a:
          this.traceId = wire.open(p, end);
          this.traceIdEnd = p = wire.limit;
          break;
        case 0x3a:
          p = this.attributes.addRun(0x3a, p, end);
          break;
        default:
          p = wire.skip(tag, p, end, KNOWN, 'Exemplar');
      }
    }
  }

  private writeRow(itemBytes: number, pointLo: number, pointHi: number): void {
    const { batch, series, attributes, value } = this;
    const { wire } = batch;
    const out = batch.out.exemplars_v3;
    let lo = this.time < 0 ? 0 : wire.view.getInt32(this.time, true);
    let hi = this.time < 0 ? 0 : wire.view.getInt32(this.time + 4, true);
    if (lo === 0 && hi === 0) {
      lo = pointLo;
      hi = pointHi;
    }
    if (batch.isFull(out) || batch.timeProblem(lo, hi) !== undefined) return;
    out.reserve(ROW_SLACK + series.prefix.pos + 2 * itemBytes);
    const mark = out.pos;
    out.beginRow(series.prefix);
    out.u64(series.lo, series.hi);
    out.u64(lo, hi);
    value.write(out);
    if (isTraceId(wire.view, this.traceId, this.traceIdEnd)) {
      out.copy16(wire.view, this.traceId);
      if (this.spanIdEnd - this.spanId === 8) out.copy8(wire.view, this.spanId);
      else out.u64(0, 0);
    } else {
      out.zeros(24);
    }
    batch.values.resetDepth();
    attributes.write(out);
    if (batch.values.tooDeep) out.pos = mark;
    else out.endRow();
  }
}
