import type { Batch } from '../batch.js';
import { REASONS } from '../rejections.js';
import { AttributeList } from '../values/attribute-list.js';
import { ROW_SLACK } from '../wire/row-writer.js';
import { Exemplars } from './exemplars.js';
import { NumberValue } from './number-value.js';
import type { Series } from './series.js';

/*
 * NumberDataPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
 *                   oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated Exemplar exemplars = 5;
 *                   repeated KeyValue attributes = 7; uint32 flags = 8; }
 */
const KNOWN = 0b1_1111_1100;
/** DataPointFlags: no recorded value. */
const NO_RECORDED_VALUE = 1;

/** Points of gauges and sums to rows of metrics_v3. */
export class NumberPointDecoder {
  private readonly attributes: AttributeList;
  private readonly exemplars: Exemplars;
  private readonly value: NumberValue;
  private start = -1;
  private time = -1;
  private flags = 0;

  constructor(
    private readonly batch: Batch,
    private readonly series: Series,
  ) {
    this.attributes = new AttributeList(batch.wire, batch.values);
    this.exemplars = new Exemplars(batch, series);
    this.value = new NumberValue(batch.wire);
  }

  /** Writes the NumberDataPoint at [start, end), or nothing and returns why not. */
  point(start: number, end: number, isMonotonic: boolean): string | undefined {
    this.scan(start, end);
    const { value } = this;
    if ((this.flags & NO_RECORDED_VALUE) !== 0) value.clear();
    else if (!value.isPresent) return REASONS.pointValue;
    if (isMonotonic && value.isNegative) return REASONS.negativeSum;
    return this.write();
  }

  private scan(p: number, end: number): void {
    const { wire } = this.batch;
    this.attributes.clear();
    this.exemplars.clear();
    this.value.clear();
    this.start = this.time = -1;
    this.flags = 0;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x3a:
          p = this.attributes.addRun(0x3a, p, end);
          break;
        case 0x11:
          this.start = p;
          p = wire.fixed(p, end, 8);
          break;
        case 0x19:
          this.time = p;
          p = wire.fixed(p, end, 8);
          break;
        case 0x21:
          this.value.setDouble(p);
          p = wire.fixed(p, end, 8);
          break;
        case 0x31:
          this.value.setInt(p);
          p = wire.fixed(p, end, 8);
          break;
        case 0x2a: {
          const start = wire.open(p, end);
          p = wire.limit;
          this.exemplars.add(start, p);
          break;
        }
        case 0x40:
          this.flags = wire.uint32(p, end);
          p = wire.next;
          break;
        default:
          p = wire.skip(tag, p, end, KNOWN, 'NumberDataPoint');
      }
    }
  }

  private write(): string | undefined {
    const { batch, series } = this;
    const { view } = batch.wire;
    const out = batch.out.metrics_v3;
    if (batch.isFull(out)) return REASONS.batchTooLarge;
    const timeLo = this.time < 0 ? 0 : view.getInt32(this.time, true);
    const timeHi = this.time < 0 ? 0 : view.getInt32(this.time + 4, true);
    const startLo = this.start < 0 ? 0 : view.getInt32(this.start, true);
    const startHi = this.start < 0 ? 0 : view.getInt32(this.start + 4, true);
    if (timeLo === 0 && timeHi === 0) return REASONS.pointTime;
    if (startHi < 0) return REASONS.timeOverflow;
    const problem = batch.timeProblem(timeLo, timeHi);
    if (problem !== undefined) return problem;
    if (!series.identify(this.attributes)) return REASONS.tooDeep;
    out.reserve(ROW_SLACK + series.prefix.pos);
    out.beginRow(series.prefix);
    out.u64(series.lo, series.hi);
    out.u64(timeLo, timeHi);
    out.u64(startLo, startHi);
    this.value.write(out);
    out.u32(this.flags);
    out.endRow();
    this.exemplars.write(timeLo, timeHi);
    return undefined;
  }
}
