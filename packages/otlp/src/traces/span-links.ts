import { isSpanId, isTraceId, type Batch } from '../batch.js';
import { AttributeList } from '../values/attribute-list.js';
import type { RowWriter } from '../wire/row-writer.js';

/*
 * Span.Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
 *             uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
 */
const KNOWN = 0b1111110;

/** Integers per link: trace id, span id, state start, state end, first attribute, attribute end (then: kept), dropped, flags. */
const STRIDE = 8;

/** The links of one span. A link whose ids are invalid points nowhere: it is left out and counted in `invalid`. */
export class SpanLinks {
  count = 0;
  invalid = 0;
  private entries = new Int32Array(STRIDE * 16);
  private readonly attributes: AttributeList;
  /** Ranges that `parse` found: trace id, span id, trace state. */
  private readonly found = new Int32Array(6);

  constructor(private readonly batch: Batch) {
    this.attributes = new AttributeList(batch.wire, batch.values);
  }

  clear(): void {
    this.count = 0;
    this.invalid = 0;
    this.attributes.clear();
  }

  /** Adds the Link message at [p, end). */
  add(p: number, end: number): void {
    const { attributes, found } = this;
    const { wire } = this.batch;
    const from = attributes.runs;
    found.fill(p);
    let dropped = 0;
    let flags = 0;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x0a:
        case 0x12:
        case 0x1a: {
          const at = ((tag >>> 3) - 1) * 2;
          found[at] = wire.open(p, end);
          found[at + 1] = p = wire.limit;
          break;
        }
        case 0x22:
          p = attributes.addRun(0x22, p, end);
          break;
        case 0x28:
          dropped = wire.uint32(p, end);
          p = wire.next;
          break;
        case 0x35:
          p = wire.fixed(p, end, 4);
          flags = wire.view.getInt32(p - 4, true);
          break;
        default:
          p = wire.skip(tag, p, end, KNOWN, 'Span.Link');
      }
    }
    if (isTraceId(wire.view, found[0], found[1]) && isSpanId(wire.view, found[2], found[3])) {
      this.push(from, dropped, flags);
    } else {
      attributes.runs = from;
      this.invalid++;
    }
  }

  private push(from: number, dropped: number, flags: number): void {
    const at = this.count * STRIDE;
    if (at === this.entries.length) {
      const entries = new Int32Array(this.entries.length * 2);
      entries.set(this.entries);
      this.entries = entries;
    }
    const { entries, found } = this;
    entries[at] = found[0];
    entries[at + 1] = found[2];
    entries[at + 2] = found[4];
    entries[at + 3] = found[5];
    entries[at + 4] = from;
    entries[at + 5] = this.attributes.runs;
    entries[at + 6] = dropped;
    entries[at + 7] = flags;
    this.count++;
  }

  /** Bytes that the arrays can take beyond twice the links' encoded size. */
  get slack(): number {
    return this.count * 16;
  }

  /** Writes links.trace_id, .span_id, .trace_state, .flags, .attributes, .attribute_types, .dropped_attributes_count. */
  write(out: RowWriter): void {
    const { count, entries, attributes } = this;
    if (count === 0) {
      out.zeros(7);
      return;
    }
    const { wire } = this.batch;
    const stop = count * STRIDE;
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.copy16(wire.view, entries[at]);
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.copy8(wire.view, entries[at + 1]);
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.string(wire, entries[at + 2], entries[at + 3]);
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.u32(entries[at + 7]);
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) {
      entries[at + 5] = attributes.writeMap(out, entries[at + 4], entries[at + 5]);
    }
    out.varint(count);
    for (let at = 0, first = 0; at < stop; first += entries[at + 5], at += STRIDE) {
      attributes.writeTypes(out, first, entries[at + 5]);
    }
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.u32(entries[at + 6]);
  }
}
