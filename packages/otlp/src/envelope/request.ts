import type { Batch } from '../batch.js';
import { SPLIT_MESSAGE } from '../wire/wire-reader.js';
import { ResourceDecoder } from './resource.js';
import { ScopeDecoder } from './scope.js';

/*
 * The three requests have one shape:
 *   Export<Signal>ServiceRequest { repeated Resource<Signal> = 1; }
 *   Resource<Signal> { Resource resource = 1; repeated Scope<Signal> = 2; string schema_url = 3; }
 *   Scope<Signal>    { InstrumentationScope scope = 1; repeated <item> = 2; string schema_url = 3; }
 */
const REQUEST_KNOWN = 0b10;
const GROUP_KNOWN = 0b1110;

/** Decodes one item (span, log record, metric) whose message is at [start, end). */
export interface ItemDecoder {
  item(start: number, end: number): void;
}

/**
 * Walks a request. The resource may come after its scopes in the bytes, and the scope after its items, so each group
 * is gone through twice: for its head, skipping items by their length, then for its members.
 */
export class RequestWalker {
  readonly resource: ResourceDecoder;
  readonly scope: ScopeDecoder;
  private headStart = 0;
  private headEnd = 0;
  private schemaStart = 0;
  private schemaEnd = 0;

  constructor(private readonly batch: Batch) {
    this.resource = new ResourceDecoder(batch);
    this.scope = new ScopeDecoder(batch, this.resource);
  }

  walk(items: ItemDecoder): void {
    const { wire } = this.batch;
    const end = wire.size;
    let p = 0;
    while (p < end) {
      const tag = wire.longTag(p, end);
      p = wire.next;
      if (tag === 0x0a) {
        const start = wire.open(p, end);
        p = wire.limit;
        this.readHead(start, p);
        this.resource.read(this.headStart, this.headEnd, this.schemaStart, this.schemaEnd);
        this.members(start, p, items, true);
      } else {
        p = wire.skip(tag, p, end, REQUEST_KNOWN, 'ExportServiceRequest');
      }
    }
  }

  /** Finds the resource or scope (field 1) and the schema URL (field 3) of a group. */
  private readHead(p: number, end: number): void {
    const { wire } = this.batch;
    let seen = false;
    this.headStart = this.headEnd = this.schemaStart = this.schemaEnd = p;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if (tag === 0x12) {
        wire.open(p, end);
        p = wire.limit;
      } else if (tag === 0x0a) {
        if (seen) throw SPLIT_MESSAGE;
        seen = true;
        this.headStart = wire.open(p, end);
        this.headEnd = p = wire.limit;
      } else if (tag === 0x1a) {
        this.schemaStart = wire.open(p, end);
        this.schemaEnd = p = wire.limit;
      } else {
        p = wire.skip(tag, p, end, GROUP_KNOWN, 'ResourceSpans, ResourceLogs or ResourceMetrics');
      }
    }
  }

  /** Goes through field 2 of a group: the scopes of a resource, or the items of a scope. */
  private members(p: number, end: number, items: ItemDecoder, areScopes: boolean): void {
    const { wire } = this.batch;
    while (p < end) {
      let tag = wire.bytes[p++];
      if (tag > 0x7f) {
        tag = wire.longTag(p - 1, end);
        p = wire.next;
      }
      if ((tag & 7) !== 2) {
        p = wire.skip(tag, p, end, 0, '');
        continue;
      }
      const start = wire.open(p, end);
      p = wire.limit;
      if (tag !== 0x12) continue;
      if (areScopes) {
        this.readHead(start, p);
        this.scope.read(this.headStart, this.headEnd, this.schemaStart, this.schemaEnd);
        this.members(start, p, items, false);
      } else {
        items.item(start, p);
      }
    }
  }
}
