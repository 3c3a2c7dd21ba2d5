/** Fingerprints remembered at most, over all tenants; beyond it remembering starts afresh (rows are then repeated). */
const MAX_IDENTITIES = 1_000_000;

/**
 * A value that would stand further than this from its place is not remembered, so that a sender who chooses values for
 * their hashes makes nobody search for long. Among a million values by chance none or a few do.
 */
const LONGEST_CHAIN = 128;

const FIRST_SLOTS = 2 * 64;
/** Shared by all sets that never had a member; never written. */
const EMPTY = new Int32Array(2);

/**
 * A set of 64-bit values given in halves: open addressing with linear probing, at most half full. It may forget to
 * remember a value (see LONGEST_CHAIN), and never has one that was not added.
 */
export class U64Set {
  size = 0;
  private slots = EMPTY;

  has(lo: number, hi: number): boolean {
    const { slots } = this;
    const at = this.find(lo, hi);
    return at >= 0 && (slots[at] !== 0 || slots[at + 1] !== 0);
  }

  /** (0, 0) marks an empty slot and cannot be a member. */
  add(lo: number, hi: number): void {
    if (this.slots === EMPTY) this.slots = new Int32Array(FIRST_SLOTS);
    const at = this.find(lo, hi);
    if (at < 0) return;
    if (this.slots[at] !== 0 || this.slots[at + 1] !== 0) return;
    this.slots[at] = lo;
    this.slots[at + 1] = hi;
    this.size++;
    if (this.size * 4 > this.slots.length) this.grow();
  }

  addAll(other: U64Set): void {
    const { slots } = other;
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at] !== 0 || slots[at + 1] !== 0) this.add(slots[at], slots[at + 1]);
    }
  }

  clear(): void {
    if (this.size === 0) return;
    if (this.slots.length === FIRST_SLOTS) this.slots.fill(0);
    else this.slots = EMPTY;
    this.size = 0;
  }

  /** Where the value is or may be put; -1: too far. */
  private find(lo: number, hi: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = (lo << 1) & mask;
    let left = LONGEST_CHAIN;
    while ((slots[at] !== lo || slots[at + 1] !== hi) && (slots[at] !== 0 || slots[at + 1] !== 0)) {
      if (left-- === 0) return -1;
      at = (at + 2) & mask;
    }
    return at;
  }

  private grow(): void {
    const { slots } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.size = 0;
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at] !== 0 || slots[at + 1] !== 0) this.add(slots[at], slots[at + 1]);
    }
  }
}

/** What one tenant has in the current segment. */
export class TenantIdentities {
  readonly resources = new U64Set();
  readonly scopes = new U64Set();
  readonly series = new U64Set();

  get size(): number {
    return this.resources.size + this.scopes.size + this.series.size;
  }

  addAll(other: TenantIdentities): void {
    this.resources.addAll(other.resources);
    this.scopes.addAll(other.scopes);
    this.series.addAll(other.series);
  }

  clear(): void {
    this.resources.clear();
    this.scopes.clear();
    this.series.clear();
  }
}

/**
 * Identities (resources, scopes, series) whose rows are in the current segment already, so that each is written once
 * per segment and tenant. Clear it when a new segment begins, and when the rows of a transcode were not stored after
 * all; repeated rows are harmless (the tables replace them), missing ones are not.
 */
export class SegmentIdentities {
  private readonly tenants = new Map<number, TenantEntry>();
  private total = 0;
  private last: TenantEntry | undefined;

  clear(): void {
    this.tenants.clear();
    this.last = undefined;
    this.total = 0;
  }

  /** The identities of a tenant, given its id's 16 bytes. Read it; add by `commit`. */
  of(tenantId: Uint8Array): TenantIdentities {
    if (this.last !== undefined && isSame(this.last.id, tenantId)) return this.last.identities;
    const hash = hashOf(tenantId);
    const first = this.tenants.get(hash);
    let entry = first;
    while (entry !== undefined && !isSame(entry.id, tenantId)) entry = entry.next;
    if (entry === undefined) {
      entry = { id: tenantId.slice(), identities: new TenantIdentities(), next: first };
      this.tenants.set(hash, entry);
    }
    this.last = entry;
    return entry.identities;
  }

  /** Adds what a finished transcode wrote. */
  commit(tenantId: Uint8Array, added: TenantIdentities): void {
    if (added.size === 0) return;
    this.total += added.size;
    if (this.total > MAX_IDENTITIES) {
      this.clear();
      this.total = added.size;
    }
    this.of(tenantId).addAll(added);
  }
}

/** A tenant of a segment; `next` is another one whose id has the same hash. */
interface TenantEntry {
  readonly id: Uint8Array;
  readonly identities: TenantIdentities;
  readonly next: TenantEntry | undefined;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false;
  return true;
}

function hashOf(id: Uint8Array): number {
  let hash = 0;
  for (let i = 0; i < 16; i++) hash = (Math.imul(hash, 31) + id[i]) | 0;
  return hash;
}
