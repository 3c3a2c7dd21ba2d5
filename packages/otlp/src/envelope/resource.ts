import type { Batch } from '../batch.js';
import { AttributeList } from '../values/attribute-list.js';
import { ROW_SLACK, RowWriter } from '../wire/row-writer.js';

/* Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }   3, entity_refs, is tolerated */
const KNOWN = 0b110;
const SEED = 1;

const SERVICE_NAME = new TextEncoder().encode('service.name');
const UNKNOWN_SERVICE = new TextEncoder().encode('unknown_service');

/**
 * The resource that the items being read belong to. Its identity covers the set of its attributes, their dropped
 * count and the schema URL, because all three are in its row. A value of it that is nested too deep is cut off with null
 * (it refuses no item: it is not theirs); the same holds for scopes and for a metric's metadata.
 */
export class ResourceDecoder {
  lo = 0;
  hi = 0;
  /** The service's name as a RowBinary string. */
  readonly service = new RowWriter(256);
  private serviceName = '';
  private readonly attributes: AttributeList;
  private dropped = 0;
  private schemaStart = 0;
  private schemaEnd = 0;
  private announced = false;

  constructor(private readonly batch: Batch) {
    this.attributes = new AttributeList(batch.wire, batch.values);
  }

  /** Reads the Resource message at [p, end), empty when there is none; the schema URL is a range of the body. */
  read(p: number, end: number, schemaStart: number, schemaEnd: number): void {
    const { wire } = this.batch;
    this.attributes.clear();
    this.dropped = 0;
    this.announced = false;
    this.schemaStart = schemaStart;
    this.schemaEnd = schemaEnd;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag === 0x0a) {
        p = this.attributes.addRun(0x0a, p, end);
      } else if (tag === 0x10) {
        this.dropped = wire.uint32(p, end);
        p = wire.next;
      } else {
        p = wire.skip(tag, p, end, KNOWN, 'Resource');
      }
    }
    this.identify();
    this.nameService();
  }

  private identify(): void {
    const { hash, memberHash, wire } = this.batch;
    hash.begin(SEED);
    this.attributes.fingerprint(hash, memberHash);
    hash.word(this.dropped);
    hash.range(wire, this.schemaStart, this.schemaEnd);
    hash.finish();
    this.lo = hash.lo;
    this.hi = hash.hi;
  }

  private nameService(): void {
    const { wire } = this.batch;
    const { service } = this;
    service.reset();
    if (this.attributes.findString(SERVICE_NAME) && wire.limit > wire.next) {
      service.reserve(wire.limit - wire.next + 5);
      service.string(wire, wire.next, wire.limit);
      this.serviceName = wire.text(wire.next, wire.limit);
    } else {
      service.varint(UNKNOWN_SERVICE.length);
      service.copyAll(UNKNOWN_SERVICE);
      this.serviceName = 'unknown_service';
    }
  }

  /** Called for accepted items: writes the resource's row unless this segment has it. */
  announce(): void {
    if (this.announced) return;
    this.announced = true;
    const { batch, attributes, service } = this;
    batch.services.add(this.serviceName);
    if (batch.known.resources.has(this.lo, this.hi) || batch.added.resources.has(this.lo, this.hi)) return;
    batch.added.resources.add(this.lo, this.hi);
    const out = batch.out.resources_v3;
    const schemaBytes = this.schemaEnd - this.schemaStart;
    out.reserve(ROW_SLACK + service.pos + attributes.maxBytes() + schemaBytes);
    out.copyAll(batch.tenantId);
    out.u64(this.lo, this.hi);
    out.copy(service, 0, service.pos);
    attributes.write(out);
    out.u32(this.dropped);
    out.string(batch.wire, this.schemaStart, this.schemaEnd);
    out.u32(batch.lastSeenSeconds);
    out.endRow();
  }
}
