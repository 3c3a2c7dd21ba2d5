import type { Block, TranscodeOptions } from './api.js';
import { TenantIdentities, type SegmentIdentities } from './identities.js';
import { REASONS, tooNewReason, tooOldReason } from './rejections.js';
import { TABLE_NAMES, type TableName } from './tables.js';
import { AnyValueReader } from './values/any-value.js';
import { Fingerprint } from './wire/fingerprint.js';
import { RowWriter } from './wire/row-writer.js';
import { WireReader } from './wire/wire-reader.js';

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const TWO_32 = 4294967296;

/**
 * What all decoders of one Transcoder share: the body being read, a writer per table, the options and the tally of
 * the transcode under way. Reused from one transcode to the next.
 */
export class Batch {
  readonly wire = new WireReader();
  readonly values = new AnyValueReader(this.wire);
  readonly out: Readonly<Record<TableName, RowWriter>>;
  /** Scratch hashes. */
  readonly hash = new Fingerprint();
  readonly memberHash = new Fingerprint();

  tenantId: Uint8Array = new Uint8Array(16);
  lastSeenSeconds = 0;
  /** Time of receipt in nanoseconds, in halves. */
  receivedLo = 0;
  receivedHi = 0;
  private earliestNs = -Infinity;
  private latestNs = Infinity;
  private tooOld = '';
  private tooNew = '';

  known = new TenantIdentities();
  readonly added = new TenantIdentities();
  accepted = 0;
  rejected = 0;
  rejections = new Map<string, number>();
  services = new Set<string>();
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
    this.tenantId = options.tenantId;
    const receivedNs = BigInt(Math.floor(receivedAtMs)) * 1_000_000n;
    this.receivedLo = Number(BigInt.asIntN(32, receivedNs));
    this.receivedHi = Number(receivedNs >> 32n);
    this.lastSeenSeconds = Math.floor(receivedAtMs / 1000);
    this.earliestNs = maxPastMs === undefined ? -Infinity : (receivedAtMs - maxPastMs) * 1e6;
    this.latestNs = maxFutureMs === undefined ? Infinity : (receivedAtMs + maxFutureMs) * 1e6;
    this.tooOld = maxPastMs === undefined ? '' : tooOldReason(maxPastMs);
    this.tooNew = maxFutureMs === undefined ? '' : tooNewReason(maxFutureMs);
    this.known = options.identities.of(options.tenantId);
    this.added.clear();
    this.accepted = 0;
    this.rejected = 0;
    this.rejections = new Map();
    this.services = new Set();
    for (const writer of this.writers) writer.reset();
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
    this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + items);
  }

  /** Why a time (halves of unsigned nanoseconds) cannot be stored or is outside the limits; undefined: it is fine. */
  timeProblem(lo: number, hi: number): string | undefined {
    if (hi < 0) return REASONS.timeOverflow;
    const ns = hi * TWO_32 + (lo >>> 0);
    if (ns < this.earliestNs) return this.tooOld;
    return ns > this.latestNs ? this.tooNew : undefined;
  }

  /** True when the table holds so much of this request that no further row is taken. */
  isFull(out: RowWriter): boolean {
    return out.pos > MAX_OUTPUT_BYTES;
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
