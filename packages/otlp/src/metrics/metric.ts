import type { Batch } from '../batch.js';
import type { ItemDecoder, RequestWalker } from '../envelope/request.js';
import { REASONS } from '../rejections.js';
import { SPLIT_MESSAGE } from '../wire/wire-reader.js';
import { scanExponentialPoint } from './exponential-histogram-point.js';
import { scanHistogramPoint } from './histogram-point.js';
import { HistogramRow } from './histogram-row.js';
import { NumberPointDecoder } from './number-point.js';
import { METRIC_TYPE, Series } from './series.js';
import { scanSummaryPoint } from './summary-point.js';

/*
 * Metric { string name = 1; string description = 2; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7;
 *          Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; Summary summary = 11; }
 *          repeated KeyValue metadata = 12; }
 * Gauge and Summary { repeated points data_points = 1; }
 * Sum, Histogram and ExponentialHistogram add AggregationTemporality aggregation_temporality = 2 and Sum
 *          bool is_monotonic = 3.
 */
const KNOWN = 0b1_1110_1010_1110;
const GAUGE = 5;
const SUM = 7;
const HISTOGRAM = 9;
const EXPONENTIAL_HISTOGRAM = 10;
const SUMMARY = 11;

const DELTA = 1;
const CUMULATIVE = 2;
const MAX_NAME_CHARACTERS = 255;

/**
 * Metric messages to rows: number points to metrics_v3, the other kinds to histograms_v3, identities to series_v3,
 * exemplars to exemplars_v3. The items that are counted are data points: a metric that is refused (no name or too long
 * a name, no temporality where one is due) refuses each of its points.
 */
export class MetricDecoder implements ItemDecoder {
  private readonly series: Series;
  private readonly numbers: NumberPointDecoder;
  private readonly row: HistogramRow;
  /** Field number of the oneof member, and its payload. */
  private data = 0;
  private dataStart = 0;
  private dataEnd = 0;
  private points = 0;
  private temporality = 0;
  private isMonotonic = false;

  constructor(
    private readonly batch: Batch,
    private readonly walker: RequestWalker,
  ) {
    this.series = new Series(batch, walker.resource, walker.scope);
    this.numbers = new NumberPointDecoder(batch, this.series);
    this.row = new HistogramRow(batch, this.series);
  }

  item(start: number, end: number): void {
    this.scan(start, end);
    if (this.data === 0) return;
    this.scanData(this.dataStart, this.dataEnd);
    if (this.points === 0) return;
    const problem = this.problem();
    if (problem !== undefined) {
      this.batch.reject(problem, this.points);
      return;
    }
    const hasTemporality = this.data !== GAUGE && this.data !== SUMMARY;
    this.series.beginMetric(this.type(), hasTemporality ? this.temporality : 0);
    this.readPoints(this.dataStart, this.dataEnd);
  }

  private scan(p: number, end: number): void {
    const { series } = this;
    const { wire } = this.batch;
    series.clear(p);
    this.data = 0;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x0a:
          series.name = wire.open(p, end);
          series.nameEnd = p = wire.limit;
          break;
        case 0x12:
          series.description = wire.open(p, end);
          series.descriptionEnd = p = wire.limit;
          break;
        case 0x1a:
          series.unit = wire.open(p, end);
          series.unitEnd = p = wire.limit;
          break;
        case 0x2a:
        case 0x3a:
        case 0x4a:
        case 0x52:
        case 0x5a:
          if (this.data === tag >>> 3) throw SPLIT_MESSAGE;
          this.data = tag >>> 3;
          this.dataStart = wire.open(p, end);
          this.dataEnd = p = wire.limit;
          break;
        case 0x62:
          p = series.metadata.addRun(0x62, p, end);
          break;
        default:
          p = wire.skip(tag, p, end, KNOWN, 'Metric');
      }
    }
  }

  /** Counts the points and finds temporality and monotonicity, which may come after them in the bytes. */
  private scanData(p: number, end: number): void {
    const { wire } = this.batch;
    const known = this.data === GAUGE || this.data === SUMMARY ? 0b10 : this.data === SUM ? 0b1110 : 0b110;
    this.points = 0;
    this.temporality = 0;
    this.isMonotonic = false;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag === 0x0a) {
        wire.open(p, end);
        p = wire.limit;
        this.points++;
      } else if (tag === 0x10 && known > 0b10) {
        this.temporality = wire.uint32(p, end);
        p = wire.next;
      } else if (tag === 0x18 && this.data === SUM) {
        p = wire.varint(p, end);
        this.isMonotonic = (wire.lo | wire.hi) !== 0;
      } else {
        p = wire.skip(tag, p, end, known, 'Metric.data');
      }
    }
  }

  private problem(): string | undefined {
    const { name, nameEnd } = this.series;
    if (name === nameEnd) return REASONS.metricName;
    if (nameEnd - name > MAX_NAME_CHARACTERS && this.characters(name, nameEnd) > MAX_NAME_CHARACTERS) {
      return REASONS.metricNameLength;
    }
    if (this.data === GAUGE || this.data === SUMMARY) return undefined;
    return this.temporality === DELTA || this.temporality === CUMULATIVE ? undefined : REASONS.temporality;
  }

  /** UTF-8 characters of a range: bytes that do not continue one. */
  private characters(start: number, end: number): number {
    const { bytes } = this.batch.wire;
    let count = 0;
    for (let p = start; p < end; p++) if ((bytes[p] & 0xc0) !== 0x80) count++;
    return count;
  }

  private type(): number {
    switch (this.data) {
      case GAUGE:
        return METRIC_TYPE.gauge;
      case SUM:
        return this.isMonotonic ? METRIC_TYPE.counter : METRIC_TYPE.upDownCounter;
      case HISTOGRAM:
        return METRIC_TYPE.histogram;
      case EXPONENTIAL_HISTOGRAM:
        return METRIC_TYPE.exponentialHistogram;
      default:
        return METRIC_TYPE.summary;
    }
  }

  private readPoints(p: number, end: number): void {
    const { batch, walker } = this;
    const { wire } = batch;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag !== 0x0a) {
        p = wire.skip(tag, p, end, 0, 'Metric.data');
        continue;
      }
      const start = wire.open(p, end);
      p = wire.limit;
      const problem = this.point(start, p);
      if (problem === undefined) {
        batch.accepted++;
        walker.scope.announce();
      } else {
        batch.reject(problem);
      }
    }
  }

  private point(start: number, end: number): string | undefined {
    const { wire } = this.batch;
    switch (this.data) {
      case GAUGE:
      case SUM:
        return this.numbers.point(start, end, this.isMonotonic && this.data === SUM);
      case HISTOGRAM:
        scanHistogramPoint(wire, start, end, this.row);
        return this.row.write(METRIC_TYPE.histogram);
      case EXPONENTIAL_HISTOGRAM:
        scanExponentialPoint(wire, start, end, this.row);
        return this.row.write(METRIC_TYPE.exponentialHistogram);
      default:
        scanSummaryPoint(wire, start, end, this.row);
        return this.row.write(METRIC_TYPE.summary);
    }
  }
}
