import type { Block, TranscodeOptions } from './api.js';
import { TenantIdentities, type SegmentIdentities } from './identities.js';
import { REASONS, tooNewReason, tooOldReason, WARNINGS } from './rejections.js';
import { TABLE_NAMES, type TableName } from './tables.js';
import { AnyValueReader } from './values/any-value.js';
import { Fingerprint } from './wire/fingerprint.js';
import { RangeCache } from './wire/range-cache.js';
import { RowWriter } from './wire/row-writer.js';
import { WireReader } from './wire/wire-reader.js';

/** What one request may become in one table. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/**
 * Rows repeat what a request says once: its service, a metric's name and description. What is sent becomes 3 to 15 times
 * as much of rows; whoever makes more of it fills the log and the disk of all with a few kilobytes.
 */
const MAX_EXPANSION = 32;
const ALWAYS_BYTES = 1024 * 1024;
/** About a page: what one item and its resource take. */
const COPIED_BODY_BYTES = 4096;
const POINT_ATTRIBUTES_BYTES = 24 * 1024 * 1024;
const TWO_32 = 4294967296;
const NOTHING_REJECTED: ReadonlyMap<string, number> = new Map();
const NO_SERVICES: ReadonlySet<string> = new Set();
const NO_WARNINGS: ReadonlySet<string> = new Set();
const STRING_REFERENCES: ReadonlySet<string> = new Set([WARNINGS.stringReferences]);

/**
 * What all decoders of one Transcoder share: the body being read, a writer per table, the options and the tally of
 * the transcode under way. Reused from one transcode to the next.
 */
export class Batch {
  readonly wire = new WireReader(COPIED_BODY_BYTES);
  readonly values = new AnyValueReader(this.wire);
  readonly out: Readonly<Record<TableName, RowWriter>>;
  /** Scratch hashes. */
  readonly hash = new Fingerprint();
  readonly memberHash = new Fingerprint();
  /** Sums over the attributes of data points, by their bytes: room for some hundred thousand series. */
  readonly pointAttributes = new RangeCache(POINT_ATTRIBUTES_BYTES);

  tenantId: Uint8Array = new Uint8Array(16);
  lastSeenSeconds = 0;
  /** Time of receipt in nanoseconds, in halves. */
  receivedLo = 0;
  receivedHi = 0;
  private earliestNs = -Infinity;
  private latestNs = Infinity;
  private maxOutputBytes = 0;
  private maxPastMs = 0;
  private maxFutureMs = 0;
  /** The reasons that name these limits, once one was needed. */
  private tooOld = '';
  private tooNew = '';

  known = new TenantIdentities();
  readonly added = new TenantIdentities();
  accepted = 0;
  rejected = 0;
  /** Results keep these, so each transcode that has something to say makes its own. */
  rejections: ReadonlyMap<string, number> = NOTHING_REJECTED;
  services: ReadonlySet<string> = NO_SERVICES;
  private ownRejections = new Map<string, number>();
  private ownServices = new Set<string>();
  /** The set of the last request that had one service: the next one is likely to have the same. */
  private oneService: ReadonlySet<string> = NO_SERVICES;
  private readonly writers: readonly RowWriter[];

  constructor() {
    const out = {} as Record<TableName, RowWriter>;
    for (const table of TABLE_NAMES) out[table] = new RowWriter();
    this.out = out;
    this.writers = Object.values(out);
  }

  begin(body: Uint8Array, options: TranscodeOptions): void {
    const { receivedAtMs, maxPastMs, maxFutureMs } = options;
    if (options.tenantId.length !== 16) throw new RangeError('tenantId must be 16 bytes');
    this.wire.attach(body);
    this.maxOutputBytes = Math.min(MAX_OUTPUT_BYTES, ALWAYS_BYTES + MAX_EXPANSION * body.length);
    this.tenantId = options.tenantId;
    this.setReceived(Math.floor(receivedAtMs));
    this.lastSeenSeconds = Math.floor(receivedAtMs / 1000);
    this.earliestNs = maxPastMs === undefined ? -Infinity : (receivedAtMs - maxPastMs) * 1e6;
    this.latestNs = maxFutureMs === undefined ? Infinity : (receivedAtMs + maxFutureMs) * 1e6;
    this.maxPastMs = maxPastMs ?? 0;
    this.maxFutureMs = maxFutureMs ?? 0;
    this.tooOld = this.tooNew = '';
    this.known = options.identities.of(options.tenantId);
    this.added.clear();
    this.accepted = 0;
    this.rejected = 0;
    this.rejections = NOTHING_REJECTED;
    this.services = NO_SERVICES;
    this.values.references.met = false;
    for (const writer of this.writers) writer.reset();
  }

  /** Milliseconds since the epoch to nanoseconds in halves: exact, in 16-bit steps. */
  private setReceived(ms: number): void {
    const upper = Math.floor(ms / 65536) * 1_000_000;
    const lower = (ms % 65536) * 1_000_000;
    const middle = upper + Math.floor(lower / 65536);
    this.receivedHi = Math.floor(middle / 65536);
    this.receivedLo = ((middle % 65536) * 65536 + (lower % 65536)) | 0;
  }

  get warnings(): ReadonlySet<string> {
    return this.values.references.met ? STRING_REFERENCES : NO_WARNINGS;
  }

  commit(identities: SegmentIdentities): void {
    identities.commit(this.tenantId, this.added);
  }

  blocks(): Block[] {
    const blocks: Block[] = [];
    for (const table of TABLE_NAMES) {
      const writer = this.out[table];
      if (writer.rows > 0) blocks.push({ table, rows: writer.rows, bytes: writer.bytes.subarray(0, writer.pos) });
    }
    return blocks;
  }

  reject(reason: string, items = 1): void {
    this.rejected += items;
    if (this.rejections === NOTHING_REJECTED) this.rejections = this.ownRejections = new Map();
    this.ownRejections.set(reason, (this.ownRejections.get(reason) ?? 0) + items);
  }

  addService(name: string): void {
    const { services } = this;
    if (services.has(name)) return;
    if (services.size === 0)
      this.services = this.oneService.has(name) ? this.oneService : (this.oneService = new Set([name]));
    else if (services.size === 1) this.services = this.ownServices = new Set([...services, name]);
    else this.ownServices.add(name);
  }

  /** Why a time (halves of unsigned nanoseconds) cannot be stored or is outside the limits; undefined: it is fine. */
  timeProblem(lo: number, hi: number): string | undefined {
    if (hi < 0) return REASONS.timeOverflow;
    const ns = hi * TWO_32 + (lo >>> 0);
    if (ns < this.earliestNs) return (this.tooOld ||= tooOldReason(this.maxPastMs));
    return ns > this.latestNs ? (this.tooNew ||= tooNewReason(this.maxFutureMs)) : undefined;
  }

  /** True when the table, or that of the series, holds so much of this request that no further row is taken. */
  isFull(out: RowWriter): boolean {
    return out.pos > this.maxOutputBytes || this.out.series_v3.pos > this.maxOutputBytes;
  }
}

/** True for 16 bytes that are not all zero. */
export function isTraceId(view: DataView, start: number, end: number): boolean {
  if (end - start !== 16) return false;
  const first = view.getInt32(start, true) | view.getInt32(start + 4, true);
  return (first | view.getInt32(start + 8, true) | view.getInt32(start + 12, true)) !== 0;
}

/** True for 8 bytes that are not all zero. */
export function isSpanId(view: DataView, start: number, end: number): boolean {
  return end - start === 8 && (view.getInt32(start, true) | view.getInt32(start + 4, true)) !== 0;
}
