import { threadId } from 'node:worker_threads';
import { isTraceId, type Batch } from '../batch.js';
import type { ItemDecoder } from '../envelope/request.js';
import type { ScopeDecoder } from '../envelope/scope.js';
import { REASONS } from '../rejections.js';
import { NO_VALUE, TYPE_LETTERS } from '../values/any-value.js';
import { AttributeList } from '../values/attribute-list.js';
import { ROW_SLACK } from '../wire/row-writer.js';
import { SPLIT_MESSAGE } from '../wire/wire-reader.js';
import { RecordIds } from './record-ids.js';

/*
 * LogRecord { fixed64 time_unix_nano = 1; SeverityNumber severity_number = 2; string severity_text = 3; AnyValue body = 5;
 *             repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8;
 *             bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12; }
 */
const KNOWN = 0b1_1111_1110_1110;
const MAX_SEVERITY = 24;

const ids = new RecordIds(Date.now(), threadId);

/**
 * LogRecord messages to rows of logs_v3.
 *
 * Refused: times that cannot be stored or are outside the limits. Set right: the time is time_unix_nano, else the
 * observed time, else that of receipt; a missing observed time is that of receipt; an invalid trace id makes the record
 * uncorrelated (both ids zero), an invalid span id is zero; the severity is held to 0..24.
 */
export class LogRecordDecoder implements ItemDecoder {
  private readonly attributes: AttributeList;
  private time = -1;
  private observed = -1;
  private severity = 0;
  private severityText = 0;
  private severityTextEnd = 0;
  private hasBody = false;
  private bodyKind = NO_VALUE;
  private body = 0;
  private bodyEnd = 0;
  private dropped = 0;
  private flags = 0;
  private traceId = 0;
  private traceIdEnd = 0;
  private spanId = 0;
  private spanIdEnd = 0;
  private eventName = 0;
  private eventNameEnd = 0;

  constructor(
    private readonly batch: Batch,
    private readonly scope: ScopeDecoder,
  ) {
    this.attributes = new AttributeList(batch.wire, batch.values);
  }

  item(start: number, end: number): void {
    this.scan(start, end);
    const { batch } = this;
    const problem = this.write(end - start);
    if (problem !== undefined) {
      batch.reject(problem);
      return;
    }
    batch.accepted++;
    this.scope.announce();
  }

  private reset(p: number): void {
    this.attributes.clear();
    this.time = this.observed = -1;
    this.hasBody = false;
    this.bodyKind = NO_VALUE;
    this.severity = this.dropped = this.flags = 0;
    this.severityText = this.severityTextEnd = this.eventName = this.eventNameEnd = p;
    this.traceId = this.traceIdEnd = this.spanId = this.spanIdEnd = p;
  }

  private scan(p: number, end: number): void {
    this.reset(p);
    const { wire } = this.batch;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      switch (tag) {
        case 0x09:
          this.time = p;
          p = wire.fixed(p, end, 8);
          break;
        case 0x10:
          p = wire.varint(p, end);
          this.severity = wire.lo;
          break;
        case 0x1a:
          this.severityText = wire.open(p, end);
          this.severityTextEnd = p = wire.limit;
          break;
        case 0x2a: {
          const start = wire.open(p, end);
          p = wire.limit;
          this.scanBody(start, p);
          break;
        }
        case 0x32:
          p = this.attributes.addRun(0x32, p, end);
          break;
        case 0x4a:
          this.traceId = wire.open(p, end);
          this.traceIdEnd = p = wire.limit;
          break;
        case 0x52:
          this.spanId = wire.open(p, end);
          this.spanIdEnd = p = wire.limit;
          break;
        case 0x59:
          this.observed = p;
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
      case 0x38:
        this.dropped = wire.uint32(p, end);
        return wire.next;
      case 0x45:
        this.flags = wire.view.getInt32(wire.fixed(p, end, 4) - 4, true);
        return p + 4;
      case 0x62:
        this.eventName = wire.open(p, end);
        this.eventNameEnd = wire.limit;
        return wire.limit;
      default:
        return wire.skip(tag, p, end, KNOWN, 'LogRecord');
    }
  }

  private scanBody(start: number, end: number): void {
    if (this.hasBody) throw SPLIT_MESSAGE;
    this.hasBody = true;
    const { values } = this.batch;
    values.parse(start, end);
    this.bodyKind = values.kind;
    this.body = values.start;
    this.bodyEnd = values.end;
  }

  /** Writes the row, or nothing and returns why not. */
  private write(itemBytes: number): string | undefined {
    const { batch, scope } = this;
    const { view } = batch.wire;
    const out = batch.out.logs_v3;
    if (batch.isFull(out)) return REASONS.batchTooLarge;
    let observedLo = this.observed < 0 ? 0 : view.getInt32(this.observed, true);
    let observedHi = this.observed < 0 ? 0 : view.getInt32(this.observed + 4, true);
    if (observedLo === 0 && observedHi === 0) {
      observedLo = batch.receivedLo;
      observedHi = batch.receivedHi;
    }
    let timeLo = this.time < 0 ? 0 : view.getInt32(this.time, true);
    let timeHi = this.time < 0 ? 0 : view.getInt32(this.time + 4, true);
    if (timeLo === 0 && timeHi === 0) {
      timeLo = observedLo;
      timeHi = observedHi;
    }
    if (observedHi < 0) return REASONS.timeOverflow;
    const problem = batch.timeProblem(timeLo, timeHi);
    if (problem !== undefined) return problem;

    out.reserve(ROW_SLACK + scope.prefix.pos + 2 * itemBytes);
    const mark = out.pos;
    out.beginRow(scope.prefix);
    // Straight through the view: the engine's budget for inlining is better spent on what follows.
    const to = out.view;
    const { pos } = out;
    to.setInt32(pos, ids.lo, true);
    to.setInt32(pos + 4, ids.hi, true);
    to.setInt32(pos + 8, timeLo, true);
    to.setInt32(pos + 12, timeHi, true);
    to.setInt32(pos + 16, observedLo, true);
    to.setInt32(pos + 20, observedHi, true);
    this.writeCorrelation(to, pos + 24);
    to.setInt32(pos + 48, this.flags, true);
    to.setUint8(pos + 52, this.severity < 0 ? 0 : this.severity > MAX_SEVERITY ? MAX_SEVERITY : this.severity);
    to.setInt32(pos + 53, this.dropped, true);
    out.pos = pos + 57;
    this.writeValues();
    if (batch.values.tooDeep) {
      out.pos = mark;
      return REASONS.tooDeep;
    }
    out.endRow();
    ids.advance();
    return undefined;
  }

  /** Writes trace id and span id: 24 bytes. */
  private writeCorrelation(to: DataView, pos: number): void {
    const { view } = this.batch.wire;
    const { traceId, spanId } = this;
    // Branches, not conditional values: an integer of 64 bits that is chosen becomes an object.
    if (!isTraceId(view, traceId, this.traceIdEnd)) {
      to.setBigUint64(pos, 0n, true);
      to.setBigUint64(pos + 8, 0n, true);
      to.setBigUint64(pos + 16, 0n, true);
      return;
    }
    to.setBigUint64(pos, view.getBigUint64(traceId, true), true);
    to.setBigUint64(pos + 8, view.getBigUint64(traceId + 8, true), true);
    if (this.spanIdEnd - spanId === 8) to.setBigUint64(pos + 16, view.getBigUint64(spanId, true), true);
    else to.setBigUint64(pos + 16, 0n, true);
  }

  private writeValues(): void {
    const { batch, attributes } = this;
    const { wire, values } = batch;
    const out = batch.out.logs_v3;
    values.resetDepth();
    out.string(wire, this.severityText, this.severityTextEnd);
    out.string(wire, this.eventName, this.eventNameEnd);
    values.write(out, this.bodyKind, this.body, this.bodyEnd);
    out.u8(TYPE_LETTERS[this.bodyKind]);
    attributes.write(out);
  }
}
