import type { EntityManager } from 'typeorm';
import type { SystemScope } from '../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../shared/platform/index.js';
import type { ChainedEntry, ErasureMarks, RecordedAct } from '../domain/entry.js';
import type { ErasedPerson } from '../domain/erasure.js';

/** Where a chain begins and ends. All hashes are hex. */
export interface ChainEnds {
  readonly headSequence: number;
  readonly headHash: string;
  readonly anchorSequence: number;
  readonly anchorHash: string;
  /** Up to here nothing may be left in the store. */
  readonly prunedSequence: number;
}

/** What an entry must be. */
export interface LedgerLine extends ErasureMarks {
  readonly sequence: number;
  readonly hash: string;
}

export interface PendingErasure extends ErasedPerson {
  readonly requestedAt: Date;
}

export type LedgerScope = RequestContext | SystemScope;

/** The order and the hashes of all entries, and the entries that are still on their way to the store. */
export abstract class Ledger {
  /** Gives the act its place, once: an event that has one keeps it. Acts of one chain wait for each other. */
  abstract append(act: RecordedAct): Promise<void>;
  /**
   * Hands entries that are on their way to `store`, oldest first, and forgets them when it resolves. One node at a time.
   *
   * @returns how many were handed over
   */
  abstract handOver(limit: number, store: (entries: readonly ChainedEntry[]) => Promise<void>): Promise<number>;
  /** The next person whose data has to go, with everyone else kept from handing over meanwhile; false: there is none. */
  abstract withDueErasure(work: (person: ErasedPerson) => Promise<void>): Promise<boolean>;
  /** Notes in the transaction of the erasure that the trail has to be gone through. */
  abstract requestErasure(manager: EntityManager, person: ErasedPerson): Promise<void>;
  /** Notes what now stands in the place of personal data. */
  abstract markErased(entries: readonly ChainedEntry[]): Promise<void>;

  /** Null: nothing was ever recorded there. */
  abstract ends(scope: LedgerScope, chainId: string): Promise<ChainEnds | null>;
  /** Lines of `after` < sequence <= `until`, in order. */
  abstract lines(scope: LedgerScope, chainId: string, after: number, until: number): Promise<LedgerLine[]>;
  /** Entries of the range that are on their way to the store. */
  abstract pending(scope: LedgerScope, chainId: string, after: number, until: number): Promise<ChainedEntry[]>;
  abstract pendingCount(): Promise<number>;

  /** Null: the platform's default. */
  abstract retentionDays(scope: LedgerScope, chainId: string): Promise<number | null>;
  abstract setRetention(manager: EntityManager, chainId: string, days: number): Promise<void>;
  abstract chains(): Promise<{ readonly chainId: string; readonly retentionDays: number | null }[]>;
  /** Lets go of the lines before the first that is `before` or younger, and moves the anchor there; answers the anchor. */
  abstract moveAnchor(chainId: string, before: Date): Promise<ChainEnds | null>;
  abstract markPruned(chainId: string, sequence: number): Promise<void>;
}
