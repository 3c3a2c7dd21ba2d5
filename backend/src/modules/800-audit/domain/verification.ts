import type { AuditVerification } from '@telemetryflow/contracts';
import { isAuthentic, type ChainedEntry, type ErasureMarks } from './entry.js';

export type Fault = AuditVerification['faults'][number];

interface Link extends ErasureMarks {
  readonly hash: string;
}

/** The place before the first that is looked at. */
export interface Start {
  readonly sequence: number;
  readonly hash: string;
}

/**
 * Walks a chain from its anchor to its head, place by place, and says what is wrong at each: the entry or all trace of
 * it is `missing`, it is not what its hash says or not the one of the ledger (`altered`), or it is in the chain no more
 * (`unlinked`).
 */
export class ChainWalk {
  #sequence: number;
  /** What the next entry may name as the hash before it: the ledger's and, where there is one, the entry's own. */
  #before: ReadonlySet<string>;
  #lastHash: string;

  constructor(start: Start) {
    this.#sequence = start.sequence;
    this.#before = new Set([start.hash]);
    this.#lastHash = start.hash;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** The ledger's hash at the place that was looked at last. */
  get lastHash(): string {
    return this.#lastHash;
  }

  /** Looks at the next place. */
  step(link: Link | undefined, entry: ChainedEntry | undefined): Fault['fault'] | null {
    const before = this.#before;
    this.#sequence += 1;
    this.#before = new Set([link?.hash, entry?.hash].filter((hash) => hash !== undefined));
    this.#lastHash = link?.hash ?? '';
    if (!entry) return 'missing';
    if (!link) return 'unlinked';
    if (!isAuthentic(entry, link) || entry.hash !== link.hash) return 'altered';
    return before.has(entry.previousHash) || before.size === 0 ? null : 'unlinked';
  }
}
