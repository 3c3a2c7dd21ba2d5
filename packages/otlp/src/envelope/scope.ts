import type { Batch } from '../batch.js';
import { AttributeList } from '../values/attribute-list.js';
import { RangeCache } from '../wire/range-cache.js';
import { ROW_SLACK, RowWriter } from '../wire/row-writer.js';
import type { ResourceDecoder } from './resource.js';

/*
 * InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3;
 *                        uint32 dropped_attributes_count = 4; }
 */
const KNOWN = 0b11110;
const SEED = 2;
/** Room for some hundred scopes. */
const KNOWN_BYTES = 64 * 1024;

/** The instrumentation scope that the items being read belong to; identity as for resources, plus name and version. */
export class ScopeDecoder {
  lo = 0;
  hi = 0;
  private readonly columns = new RowWriter(512);
  private hasColumns = false;
  private readonly attributes: AttributeList;
  /** Per message: the hash of all but the schema URL. */
  private readonly known = new RangeCache(KNOWN_BYTES);
  private start = 0;
  private end = 0;
  private isScanned = false;
  private dropped = 0;
  private nameStart = 0;
  private nameEnd = 0;
  private versionStart = 0;
  private versionEnd = 0;
  private schemaStart = 0;
  private schemaEnd = 0;
  private announced = false;

  constructor(
    private readonly batch: Batch,
    private readonly resource: ResourceDecoder,
  ) {
    this.attributes = new AttributeList(batch.wire, batch.values);
  }

  /** Reads the InstrumentationScope message at [p, end), empty when there is none. The resource is read before. */
  read(p: number, end: number, schemaStart: number, schemaEnd: number): void {
    const { hash, wire } = this.batch;
    const { known } = this;
    this.start = p;
    this.end = end;
    this.isScanned = this.announced = this.hasColumns = false;
    this.schemaStart = schemaStart;
    this.schemaEnd = schemaEnd;
    const entry = known.find(wire, p, end);
    if (entry < 0) {
      this.identify();
    } else {
      hash.lo = known.value(entry, 0);
      hash.hi = known.value(entry, 1);
    }
    hash.range(wire, schemaStart, schemaEnd);
    hash.finish();
    this.lo = hash.lo;
    this.hi = hash.hi;
  }

  /**
   * The first four columns of an item's row: tenant_id, service_name, resource_id, scope_id. Written for the first item
   * that needs them: two bytes are a scope, and a service's name may be long.
   */
  get prefix(): RowWriter {
    if (!this.hasColumns) this.writeColumns();
    return this.columns;
  }

  private scan(p: number, end: number): void {
    const { wire } = this.batch;
    this.isScanned = true;
    this.attributes.clear();
    this.dropped = 0;
    this.nameStart = this.nameEnd = this.versionStart = this.versionEnd = p;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x0a:
          this.nameStart = wire.open(p, end);
          this.nameEnd = p = wire.limit;
          break;
        case 0x12:
          this.versionStart = wire.open(p, end);
          this.versionEnd = p = wire.limit;
          break;
        case 0x1a:
          p = this.attributes.addRun(0x1a, p, end);
          break;
        case 0x20:
          this.dropped = wire.uint32(p, end);
          p = wire.next;
          break;
        default:
          p = wire.skip(tag, p, end, KNOWN, 'InstrumentationScope');
      }
    }
  }

  /** Decodes the message, and keeps its hash for the next time. */
  private identify(): void {
    const { hash, memberHash, values, wire } = this.batch;
    const { known } = this;
    this.scan(this.start, this.end);
    hash.begin(SEED);
    hash.range(wire, this.nameStart, this.nameEnd);
    hash.range(wire, this.versionStart, this.versionEnd);
    this.attributes.fingerprint(hash, memberHash);
    hash.word(this.dropped);
    // A reference must be noticed the next time too.
    if (!values.references.met) known.keep(wire, this.start, this.end, hash.lo, hash.hi, 0, 0);
  }

  private writeColumns(): void {
    const { columns, resource } = this;
    this.hasColumns = true;
    columns.reset();
    // 32 bytes of ids, and what `beginRow` reads beyond.
    columns.reserve(resource.service.pos + 40);
    columns.copyAll(this.batch.tenantId);
    columns.copy(resource.service, 0, resource.service.pos);
    columns.u64(resource.lo, resource.hi);
    columns.u64(this.lo, this.hi);
  }

  /** Called for each accepted item: writes the rows of its scope and resource unless this segment has them. */
  announce(): void {
    if (this.announced) return;
    this.announced = true;
    this.resource.announce();
    const { batch, attributes } = this;
    if (batch.known.scopes.has(this.lo, this.hi) || batch.added.scopes.has(this.lo, this.hi)) return;
    batch.added.scopes.add(this.lo, this.hi);
    if (!this.isScanned) this.scan(this.start, this.end);
    const out = batch.out.scopes_v3;
    const strings =
      this.nameEnd - this.nameStart + this.versionEnd - this.versionStart + this.schemaEnd - this.schemaStart;
    out.reserve(ROW_SLACK + attributes.maxBytes() + strings);
    out.copyAll(batch.tenantId);
    out.u64(this.lo, this.hi);
    out.string(batch.wire, this.nameStart, this.nameEnd);
    out.string(batch.wire, this.versionStart, this.versionEnd);
    attributes.write(out);
    out.u32(this.dropped);
    out.string(batch.wire, this.schemaStart, this.schemaEnd);
    out.u32(batch.lastSeenSeconds);
    out.endRow();
  }
}
