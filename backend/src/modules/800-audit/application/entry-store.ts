import type { ChainedEntry } from '../domain/entry.js';
import type { ErasedPerson } from '../domain/erasure.js';

/** A place in a chain. */
export interface ChainEnd {
  readonly chainId: string;
  readonly sequence: number;
}

/** The entries themselves. */
export abstract class EntryStore {
  /** Storing an entry again changes nothing. */
  abstract insert(entries: readonly ChainedEntry[]): Promise<void>;
  /** Entries of `after` < sequence <= `until`, in order. */
  abstract range(chainId: string, after: number, until: number): Promise<ChainedEntry[]>;
  /** Sequences outside of `after` < sequence <= `until`, at most `limit`. */
  abstract outside(chainId: string, after: number, until: number, limit: number): Promise<number[]>;
  /** Entries that tell of the person, in any of their versions; in batches. */
  abstract about(person: ErasedPerson): AsyncIterable<ChainedEntry[]>;
  /** Takes away the older versions of the entries, from the disk too. */
  abstract dropOldVersions(entries: readonly ChainedEntry[]): Promise<void>;
  /** Takes away everything up to the sequence of each chain. */
  abstract dropUntil(ends: readonly ChainEnd[]): Promise<void>;
}
