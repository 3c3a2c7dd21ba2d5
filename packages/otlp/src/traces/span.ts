import { isSpanId, isTraceId, type Batch } from '../batch.js';
import type { ItemDecoder } from '../envelope/request.js';
import type { ScopeDecoder } from '../envelope/scope.js';
import { REASONS } from '../rejections.js';
import { AttributeList } from '../values/attribute-list.js';
import { ROW_SLACK } from '../wire/row-writer.js';
import { SPLIT_MESSAGE } from '../wire/wire-reader.js';
import { SpanEvents } from './span-events.js';
import { SpanLinks } from './span-links.js';

/*
 * Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
 *        SpanKind kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
 *        repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10; repeated Event events = 11;
 *        uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14;
 *        Status status = 15; fixed32 flags = 16; }
 * Status { string message = 2; StatusCode code = 3; }
 */
const KNOWN = 0b1_1111_1111_1111_1110;
const STATUS_KNOWN = 0b1100;
const MAX_KIND = 5;
const MAX_STATUS = 2;

/**
 * Span messages to rows of spans_v3.
 *
 * Refused: a trace id or span id of the wrong size or all zero; times that cannot be stored or are outside the limits.
 * Set right: an invalid parent id becomes zero (a root); a missing start becomes the end, or the time of receipt; an
 * end before the start means duration 0; a kind or status outside the enum becomes 0.
 */
export class SpanDecoder implements ItemDecoder {
  private readonly attributes: AttributeList;
  private readonly events: SpanEvents;
  private readonly links: SpanLinks;
  private traceId = 0;
  private traceIdEnd = 0;
  private spanId = 0;
  private spanIdEnd = 0;
  private parentId = 0;
  private parentIdEnd = 0;
  private state = 0;
  private stateEnd = 0;
  private name = 0;
  private nameEnd = 0;
  private kind = 0;
  private start = -1;
  private end = -1;
  private droppedAttributes = 0;
  private droppedEvents = 0;
  private droppedLinks = 0;
  private status = 0;
  private statusCode = 0;
  private message = 0;
  private messageEnd = 0;
  private flags = 0;

  constructor(
    private readonly batch: Batch,
    private readonly scope: ScopeDecoder,
  ) {
    this.attributes = new AttributeList(batch.wire, batch.values);
    this.events = new SpanEvents(batch);
    this.links = new SpanLinks(batch);
  }

  item(start: number, end: number): void {
    this.scan(start, end);
    const { batch } = this;
    const problem = this.idProblem() ?? this.write(end - start);
    if (problem !== undefined) {
      batch.reject(problem);
      return;
    }
    batch.accepted++;
    this.scope.announce();
  }

  private reset(p: number): void {
    this.attributes.clear();
    this.events.clear();
    this.links.clear();
    this.traceId = this.traceIdEnd = this.spanId = this.spanIdEnd = this.parentId = this.parentIdEnd = p;
    this.state = this.stateEnd = this.name = this.nameEnd = this.message = this.messageEnd = p;
    this.start = this.end = this.status = -1;
    this.kind = this.droppedAttributes = this.droppedEvents = this.droppedLinks = this.statusCode = this.flags = 0;
  }

  /** One pass over the fields: positions and numbers. Long by nature: one case per field of the message. */
  private scan(p: number, end: number): void {
    this.reset(p);
    const { wire } = this.batch;
    const { attributes } = this;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x4a:
          p = attributes.addRun(0x4a, p, end);
          break;
        case 0x0a:
          this.traceId = wire.open(p, end);
          this.traceIdEnd = p = wire.limit;
          break;
        case 0x12:
          this.spanId = wire.open(p, end);
          this.spanIdEnd = p = wire.limit;
          break;
        case 0x1a:
          this.state = wire.open(p, end);
          this.stateEnd = p = wire.limit;
          break;
        case 0x22:
          this.parentId = wire.open(p, end);
          this.parentIdEnd = p = wire.limit;
          break;
        case 0x2a:
          this.name = wire.open(p, end);
          this.nameEnd = p = wire.limit;
          break;
        case 0x30:
          this.kind = wire.uint32(p, end);
          p = wire.next;
          break;
        case 0x39:
          this.start = p;
          p = wire.fixed(p, end, 8);
          break;
        case 0x41:
          this.end = p;
          p = wire.fixed(p, end, 8);
          break;
        default:
          p = this.scanRare(tag, p, end);
      }
    }
  }

  private scanRare(tag: number, p: number, end: number): number {
    const { wire } = this.batch;
    switch (tag) {
      case 0x50:
        this.droppedAttributes = wire.uint32(p, end);
        return wire.next;
      case 0x5a: {
        const start = wire.open(p, end);
        const stop = wire.limit;
        this.events.add(start, stop);
        return stop;
      }
      case 0x60:
        this.droppedEvents = wire.uint32(p, end);
        return wire.next;
      case 0x6a: {
        const start = wire.open(p, end);
        const stop = wire.limit;
        this.links.add(start, stop);
        return stop;
      }
      case 0x70:
        this.droppedLinks = wire.uint32(p, end);
        return wire.next;
      case 0x7a: {
        if (this.status >= 0) throw SPLIT_MESSAGE;
        this.status = wire.open(p, end);
        const stop = wire.limit;
        this.scanStatus(this.status, stop);
        return stop;
      }
      case 0x85:
        this.flags = wire.view.getInt32(wire.fixed(p, end, 4) - 4, true);
        return p + 4;
      default:
        return wire.skip(tag, p, end, KNOWN, 'Span');
    }
  }

  private scanStatus(p: number, end: number): void {
    const { wire } = this.batch;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag === 0x12) {
        this.message = wire.open(p, end);
        this.messageEnd = p = wire.limit;
      } else if (tag === 0x18) {
        this.statusCode = wire.uint32(p, end);
        p = wire.next;
      } else {
        p = wire.skip(tag, p, end, STATUS_KNOWN, 'Status');
      }
    }
  }

  private idProblem(): string | undefined {
    const { view } = this.batch.wire;
    if (!isTraceId(view, this.traceId, this.traceIdEnd)) return REASONS.traceId;
    return isSpanId(view, this.spanId, this.spanIdEnd) ? undefined : REASONS.spanId;
  }

  /** Writes the row, or nothing and returns why not. */
  private write(itemBytes: number): string | undefined {
    const { batch, scope } = this;
    const { wire } = batch;
    const { view } = wire;
    const out = batch.out.spans_v3;
    if (batch.isFull(out)) return REASONS.batchTooLarge;
    let startLo = this.start < 0 ? 0 : view.getInt32(this.start, true);
    let startHi = this.start < 0 ? 0 : view.getInt32(this.start + 4, true);
    const endLo = this.end < 0 ? 0 : view.getInt32(this.end, true);
    const endHi = this.end < 0 ? 0 : view.getInt32(this.end + 4, true);
    if (startLo === 0 && startHi === 0) {
      const hasEnd = endLo !== 0 || endHi !== 0;
      startLo = hasEnd ? endLo : batch.receivedLo;
      startHi = hasEnd ? endHi : batch.receivedHi;
    }
    if (endHi < 0 || this.events.timeOverflow) return REASONS.timeOverflow;
    const problem = batch.timeProblem(startLo, startHi);
    if (problem !== undefined) return problem;

    const durationHi = endHi - startHi - (endLo >>> 0 < startLo >>> 0 ? 1 : 0);
    out.reserve(ROW_SLACK + scope.prefix.pos + 2 * itemBytes + this.events.slack + this.links.slack);
    const mark = out.pos;
    out.beginRow(scope.prefix);
    // Straight through the view: the engine's budget for inlining is better spent on what follows.
    const to = out.view;
    const { pos } = out;
    to.setInt32(pos, startLo, true);
    to.setInt32(pos + 4, startHi, true);
    to.setInt32(pos + 8, durationHi < 0 ? 0 : endLo - startLo, true);
    to.setInt32(pos + 12, durationHi < 0 ? 0 : durationHi, true);
    to.setBigUint64(pos + 16, view.getBigUint64(this.traceId, true), true);
    to.setBigUint64(pos + 24, view.getBigUint64(this.traceId + 8, true), true);
    to.setBigUint64(pos + 32, view.getBigUint64(this.spanId, true), true);
    // A parent of any other size is no parent; eight zero bytes mean the same.
    if (this.parentIdEnd - this.parentId === 8) to.setBigUint64(pos + 40, view.getBigUint64(this.parentId, true), true);
    else to.setBigUint64(pos + 40, 0n, true);
    to.setInt32(pos + 48, this.flags, true);
    to.setUint8(pos + 52, this.kind <= MAX_KIND ? this.kind : 0);
    to.setUint8(pos + 53, this.statusCode <= MAX_STATUS ? this.statusCode : 0);
    to.setInt32(pos + 54, this.droppedAttributes, true);
    to.setInt32(pos + 58, this.droppedEvents, true);
    to.setInt32(pos + 62, this.droppedLinks + this.links.invalid, true);
    out.pos = pos + 66;
    out.string(wire, this.name, this.nameEnd);
    out.string(wire, this.state, this.stateEnd);
    out.string(wire, this.message, this.messageEnd);
    return this.writeLists(mark);
  }

  private writeLists(mark: number): string | undefined {
    const { attributes, batch } = this;
    const out = batch.out.spans_v3;
    batch.values.resetDepth();
    attributes.write(out);
    this.events.write(out);
    this.links.write(out);
    if (batch.values.tooDeep) {
      out.pos = mark;
      return REASONS.tooDeep;
    }
    out.endRow();
    return undefined;
  }
}
