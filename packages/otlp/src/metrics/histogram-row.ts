import type { Batch } from '../batch.js';
import { REASONS } from '../rejections.js';
import { AttributeList } from '../values/attribute-list.js';
import { Fixed64List, VarintList } from '../wire/number-lists.js';
import { RangeList } from '../wire/range-list.js';
import { ROW_SLACK, type RowWriter } from '../wire/row-writer.js';
import { Exemplars } from './exemplars.js';
import { METRIC_TYPE, type Series } from './series.js';

/**
 * One point of a histogram, an exponential histogram or a summary: what its scanner found, as offsets of 8-byte values
 * (-1: absent), numbers and lists; then a row of histograms_v3. Columns of the other kinds stay zero or empty.
 */
export class HistogramRow {
  readonly attributes: AttributeList;
  readonly exemplars: Exemplars;
  start = -1;
  time = -1;
  count = -1;
  sum = -1;
  min = -1;
  max = -1;
  flags = 0;
  scale = 0;
  zeroCount = -1;
  zeroThreshold = -1;
  positiveOffset = 0;
  negativeOffset = 0;
  readonly bounds: Fixed64List;
  readonly buckets: Fixed64List;
  readonly positive: VarintList;
  readonly negative: VarintList;
  /** Offsets of quantile and value (-1: absent, so 0) of each ValueAtQuantile. */
  readonly quantiles = new RangeList();

  constructor(
    private readonly batch: Batch,
    private readonly series: Series,
  ) {
    this.attributes = new AttributeList(batch.wire, batch.values);
    this.exemplars = new Exemplars(batch, series);
    this.bounds = new Fixed64List(batch.wire);
    this.buckets = new Fixed64List(batch.wire);
    this.positive = new VarintList(batch.wire);
    this.negative = new VarintList(batch.wire);
  }

  clear(): void {
    this.attributes.clear();
    this.exemplars.clear();
    this.start = this.time = this.count = this.sum = this.min = this.max = -1;
    this.zeroCount = this.zeroThreshold = -1;
    this.flags = this.scale = this.positiveOffset = this.negativeOffset = 0;
    this.bounds.clear();
    this.buckets.clear();
    this.positive.clear();
    this.negative.clear();
    this.quantiles.clear();
  }

  /** Writes the row, or nothing and returns why not. `kind` is the value of the kind column. */
  write(kind: number): string | undefined {
    const { batch, series, bounds, buckets } = this;
    const { view } = batch.wire;
    const out = batch.out.histograms_v3;
    if (batch.isFull(out)) return REASONS.batchTooLarge;
    const timeLo = this.time < 0 ? 0 : view.getInt32(this.time, true);
    const timeHi = this.time < 0 ? 0 : view.getInt32(this.time + 4, true);
    if (timeLo === 0 && timeHi === 0) return REASONS.pointTime;
    if (this.start >= 0 && view.getInt32(this.start + 4, true) < 0) return REASONS.timeOverflow;
    const problem = batch.timeProblem(timeLo, timeHi);
    if (problem !== undefined) return problem;
    if (buckets.count === 0 ? bounds.count !== 0 : buckets.count !== bounds.count + 1) return REASONS.buckets;
    if (!series.identify(this.attributes)) return REASONS.tooDeep;

    const numbers = bounds.count + buckets.count + this.positive.count + this.negative.count + 2 * this.quantiles.count;
    out.reserve(ROW_SLACK + series.prefix.pos + 8 * numbers);
    out.beginRow(series.prefix);
    out.u64(series.lo, series.hi);
    out.u64(timeLo, timeHi);
    this.value(out, this.start);
    out.u8(kind);
    this.value(out, this.count);
    // A summary's sum has no presence in OTLP: absent is 0.
    if (this.sum < 0 && kind === METRIC_TYPE.summary) out.zeros(9);
    else this.nullable(out, this.sum);
    this.nullable(out, this.min);
    this.nullable(out, this.max);
    out.u32(this.flags);
    this.writeShape(out);
    out.endRow();
    this.exemplars.write(timeLo, timeHi);
    return undefined;
  }

  private writeShape(out: RowWriter): void {
    out.u32(this.scale);
    this.value(out, this.zeroCount);
    this.value(out, this.zeroThreshold);
    this.bounds.write(out);
    this.buckets.write(out);
    out.u32(this.positiveOffset);
    this.positive.write(out);
    out.u32(this.negativeOffset);
    this.negative.write(out);
    const { quantiles } = this;
    out.varint(quantiles.count);
    for (let i = 0; i < quantiles.count; i++) this.value(out, quantiles.start(i));
    out.varint(quantiles.count);
    for (let i = 0; i < quantiles.count; i++) this.value(out, quantiles.end(i));
  }

  private value(out: RowWriter, at: number): void {
    if (at < 0) out.u64(0, 0);
    else out.copy8(this.batch.wire.view, at);
  }

  private nullable(out: RowWriter, at: number): void {
    out.u8(at < 0 ? 1 : 0);
    if (at >= 0) out.copy8(this.batch.wire.view, at);
  }
}
