import type { Batch } from '../batch.js';
import { AttributeList } from '../values/attribute-list.js';
import type { RowWriter } from '../wire/row-writer.js';

/*
 * Span.Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3;
 *              uint32 dropped_attributes_count = 4; }
 */
const KNOWN = 0b11110;

/** Integers per event: time offset (-1: none), name start, name end, first attribute, attribute end (then: kept), dropped. */
const STRIDE = 6;

/** The events of one span: offsets into the body, then written as the `events.*` arrays. */
export class SpanEvents {
  count = 0;
  /** An event's time cannot be stored. */
  timeOverflow = false;
  private entries = new Int32Array(STRIDE * 16);
  private readonly attributes: AttributeList;

  constructor(private readonly batch: Batch) {
    this.attributes = new AttributeList(batch.wire, batch.values);
  }

  clear(): void {
    this.count = 0;
    this.timeOverflow = false;
    this.attributes.clear();
  }

  /** Adds the Event message at [p, end). */
  add(p: number, end: number): void {
    const { attributes } = this;
    const { wire } = this.batch;
    const from = attributes.runs;
    let time = -1;
    let nameStart = p;
    let nameEnd = p;
    let dropped = 0;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x09:
          time = p;
          p = wire.fixed(p, end, 8);
          break;
        case 0x12:
          nameStart = wire.open(p, end);
          nameEnd = p = wire.limit;
          break;
        case 0x1a:
          p = attributes.addRun(0x1a, p, end);
          break;
        case 0x20:
          dropped = wire.uint32(p, end);
          p = wire.next;
          break;
        default:
          p = wire.skip(tag, p, end, KNOWN, 'Span.Event');
      }
    }
    if (time >= 0 && wire.view.getInt32(time + 4, true) < 0) this.timeOverflow = true;
    this.push(time, nameStart, nameEnd, from, dropped);
  }

  private push(time: number, nameStart: number, nameEnd: number, from: number, dropped: number): void {
    const at = this.count * STRIDE;
    if (at === this.entries.length) {
      const entries = new Int32Array(this.entries.length * 2);
      entries.set(this.entries);
      this.entries = entries;
    }
    const { entries } = this;
    entries[at] = time;
    entries[at + 1] = nameStart;
    entries[at + 2] = nameEnd;
    entries[at + 3] = from;
    entries[at + 4] = this.attributes.runs;
    entries[at + 5] = dropped;
    this.count++;
  }

  /** Bytes that the arrays can take beyond twice the events' encoded size. */
  get slack(): number {
    return this.count * 24;
  }

  /** Writes events.timestamp, .name, .attributes, .attribute_types, .dropped_attributes_count. */
  write(out: RowWriter): void {
    const { count, entries, attributes } = this;
    if (count === 0) {
      out.zeros(5);
      return;
    }
    const { wire } = this.batch;
    const stop = count * STRIDE;
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) {
      const time = entries[at];
      if (time < 0) out.u64(0, 0);
      else out.u64(wire.view.getInt32(time, true), wire.view.getInt32(time + 4, true));
    }
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.string(wire, entries[at + 1], entries[at + 2]);
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) {
      entries[at + 4] = attributes.writeMap(out, entries[at + 3], entries[at + 4]);
    }
    out.varint(count);
    for (let at = 0, first = 0; at < stop; first += entries[at + 4], at += STRIDE) {
      attributes.writeTypes(out, first, entries[at + 4]);
    }
    out.varint(count);
    for (let at = 0; at < stop; at += STRIDE) out.u32(entries[at + 5]);
  }
}
