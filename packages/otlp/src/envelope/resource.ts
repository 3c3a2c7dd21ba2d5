import type { Batch } from '../batch.js';
import { AttributeList } from '../values/attribute-list.js';
import { RangeCache } from '../wire/range-cache.js';
import { ROW_SLACK, RowWriter } from '../wire/row-writer.js';

/* Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }   3, entity_refs, is tolerated */
const KNOWN = 0b110;
const SEED = 1;

const SERVICE_NAME = new TextEncoder().encode('service.name');
const UNKNOWN_SERVICE = new TextEncoder().encode('unknown_service');
/** Room for the resources of some hundred clients. */
const KNOWN_BYTES = 512 * 1024;

/**
 * The resource that the items being read belong to. Its identity covers the set of its attributes, their dropped
 * count and the schema URL, because all three are in its row. A value of it that is nested too deep is cut off with null
 * (it refuses no item: it is not theirs); the same holds for scopes and for a metric's metadata.
 *
 * A client sends its resource with every request, so a message whose bytes are known is not decoded again unless its
 * row has to be written.
 */
export class ResourceDecoder {
  lo = 0;
  hi = 0;
  /** The service's name as a RowBinary string. */
  readonly service = new RowWriter(256);
  private serviceName = '';
  private readonly attributes: AttributeList;
  /** Per message: the hash of all but the schema URL, and the place of the service's name in it (-1: unnamed). */
  private readonly known = new RangeCache(KNOWN_BYTES);
  private readonly knownNames: string[] = [];
  private start = 0;
  private end = 0;
  private isScanned = false;
  private dropped = 0;
  private schemaStart = 0;
  private schemaEnd = 0;
  private announced = false;

  constructor(private readonly batch: Batch) {
    this.attributes = new AttributeList(batch.wire, batch.values);
  }

  /** Reads the Resource message at [p, end), empty when there is none; the schema URL is a range of the body. */
  read(p: number, end: number, schemaStart: number, schemaEnd: number): void {
    const { hash, wire } = this.batch;
    this.start = p;
    this.end = end;
    this.isScanned = this.announced = false;
    this.schemaStart = schemaStart;
    this.schemaEnd = schemaEnd;
    const entry = this.known.find(wire, p, end);
    if (entry < 0) {
      this.identify();
    } else {
      const at = this.known.value(entry, 2);
      hash.lo = this.known.value(entry, 0);
      hash.hi = this.known.value(entry, 1);
      this.nameService(at < 0 ? -1 : p + at, p + this.known.value(entry, 3), this.knownNames[entry]);
    }
    hash.range(wire, schemaStart, schemaEnd);
    hash.finish();
    this.lo = hash.lo;
    this.hi = hash.hi;
  }

  /** Decodes the message, and keeps what it finds for the next time. */
  private identify(): void {
    const { hash, memberHash, wire } = this.batch;
    const { start, end, known } = this;
    this.scan(start, end);
    const isNamed = this.attributes.findString(SERVICE_NAME) && wire.limit > wire.next;
    const name = isNamed ? wire.next : -1;
    const nameEnd = isNamed ? wire.limit : -1;
    const serviceName = isNamed ? wire.text(name, nameEnd) : 'unknown_service';
    hash.begin(SEED);
    this.attributes.fingerprint(hash, memberHash);
    hash.word(this.dropped);
    const at = isNamed ? name - start : -1;
    // A reference must be noticed the next time too.
    if (!this.batch.values.references.met) {
      const entry = known.keep(wire, start, end, hash.lo, hash.hi, at, nameEnd - start);
      if (entry >= 0) this.knownNames[entry] = serviceName;
    }
    this.nameService(name, nameEnd, serviceName);
  }

  private scan(p: number, end: number): void {
    const { wire } = this.batch;
    this.isScanned = true;
    this.attributes.clear();
    this.dropped = 0;
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
  }

  /** Takes the name at [start, end) of the body; `start` -1: there is none. */
  private nameService(start: number, end: number, name: string): void {
    const { service } = this;
    service.reset();
    this.serviceName = name;
    if (start >= 0) {
      service.reserve(end - start + 16);
      service.string(this.batch.wire, start, end);
    } else {
      service.varint(UNKNOWN_SERVICE.length);
      service.copyAll(UNKNOWN_SERVICE);
    }
  }

  /** Called for accepted items: writes the resource's row unless this segment has it. */
  announce(): void {
    if (this.announced) return;
    this.announced = true;
    const { batch, attributes, service } = this;
    batch.addService(this.serviceName);
    if (batch.known.resources.has(this.lo, this.hi) || batch.added.resources.has(this.lo, this.hi)) return;
    batch.added.resources.add(this.lo, this.hi);
    if (!this.isScanned) this.scan(this.start, this.end);
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
