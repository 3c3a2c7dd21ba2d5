import type { Batch } from '../batch.js';
import type { ScopeDecoder } from '../envelope/scope.js';
import type { ResourceDecoder } from '../envelope/resource.js';
import { AttributeList } from '../values/attribute-list.js';
import { ROW_SLACK, RowWriter } from '../wire/row-writer.js';

const SEED = 3;

/** Values of series_v3.metric_type. */
export const METRIC_TYPE = {
  gauge: 1,
  counter: 2,
  histogram: 3,
  summary: 4,
  upDownCounter: 5,
  exponentialHistogram: 6,
} as const;

/**
 * The metric being read and, of it, the series of the point being read. A series is metric name, type, temporality,
 * unit, resource, scope and the set of attributes; description and metadata may change without making another one.
 */
export class Series {
  lo = 0;
  hi = 0;
  /** The first two columns of a point's row: tenant_id, metric_name. */
  readonly prefix = new RowWriter(512);
  /** Ranges of the metric's strings in the body, set by the metric decoder. */
  name = 0;
  nameEnd = 0;
  description = 0;
  descriptionEnd = 0;
  unit = 0;
  unitEnd = 0;
  readonly metadata: AttributeList;
  private type = 0;
  private temporality = 0;
  private baseLo = 0;
  private baseHi = 0;

  constructor(
    private readonly batch: Batch,
    private readonly resource: ResourceDecoder,
    private readonly scope: ScopeDecoder,
  ) {
    this.metadata = new AttributeList(batch.wire, batch.values);
  }

  /** Forgets the metric before; `p` is any offset in the body. */
  clear(p: number): void {
    this.name = this.nameEnd = this.description = this.descriptionEnd = this.unit = this.unitEnd = p;
    this.metadata.clear();
  }

  /** Called when the metric's head is known, before its points. */
  beginMetric(type: number, temporality: number): void {
    const { batch, prefix, resource, scope } = this;
    const { hash, wire } = batch;
    this.type = type;
    this.temporality = temporality;
    hash.begin(SEED);
    hash.range(wire, this.name, this.nameEnd);
    hash.word(type);
    hash.word(temporality);
    hash.range(wire, this.unit, this.unitEnd);
    hash.word(resource.lo);
    hash.word(resource.hi);
    hash.word(scope.lo);
    hash.word(scope.hi);
    this.baseLo = hash.lo;
    this.baseHi = hash.hi;
    prefix.reset();
    // The tenant, the length of the name, and what `beginRow` reads beyond.
    prefix.reserve(this.nameEnd - this.name + 32);
    prefix.copyAll(batch.tenantId);
    prefix.string(wire, this.name, this.nameEnd);
  }

  /**
   * Finds the point's series and writes its row unless this segment has it.
   *
   * @returns false when an attribute is nested too deep; then nothing was written
   */
  identify(attributes: AttributeList): boolean {
    const { batch } = this;
    const { hash } = batch;
    hash.lo = this.baseLo;
    hash.hi = this.baseHi;
    batch.values.resetDepth();
    attributes.fingerprint(hash, batch.memberHash, batch.pointAttributes);
    if (batch.values.tooDeep) return false;
    hash.finish();
    this.lo = hash.lo;
    this.hi = hash.hi;
    if (!batch.known.series.has(this.lo, this.hi) && !batch.added.series.has(this.lo, this.hi))
      this.announce(attributes);
    return true;
  }

  private announce(attributes: AttributeList): void {
    const { batch, scope, metadata } = this;
    const { wire } = batch;
    const out = batch.out.series_v3;
    const strings = this.nameEnd - this.name + this.unitEnd - this.unit + this.descriptionEnd - this.description;
    out.reserve(ROW_SLACK + scope.prefix.pos + strings + metadata.maxBytes() + attributes.maxBytes());
    out.beginRow(scope.prefix);
    out.string(wire, this.name, this.nameEnd);
    out.u64(this.lo, this.hi);
    out.u8(this.type);
    out.u8(this.temporality);
    out.u32(batch.lastSeenSeconds);
    out.string(wire, this.unit, this.unitEnd);
    out.string(wire, this.description, this.descriptionEnd);
    metadata.write(out);
    attributes.write(out);
    out.endRow();
    batch.added.series.add(this.lo, this.hi);
  }
}
