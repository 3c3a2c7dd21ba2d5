import type { FailureKind } from '../drain/store-error.js';
import type { SealedSegment } from '../segment-log/segment-log.js';

/** Where sealed segments of the log go: straight into the store, or to worker nodes. */
export interface SegmentCarrier {
  /**
   * Resolves when the segment is safe elsewhere, so that its file may go; `missing` when there was no file. Called again
   * for the same segment when it rejects, also after a restart, so it has to end up the same however often it runs.
   */
  carry(segment: SealedSegment): Promise<'carried' | 'missing'>;
  readonly counters: CarrierCounters;
  /** What is under way fails now; its segments stay in the log for the next start. */
  close(): Promise<void>;
}

export interface CarrierCounters {
  readonly segmentsInserted: number;
  /** Segments handed to worker nodes. */
  readonly segmentsSent: number;
  readonly insertFailures: Readonly<Record<FailureKind, number>>;
  /** Entries set aside: the rows of one table of one segment, all or some of them. */
  readonly poisoned: number;
  readonly damagedRegions: number;
  readonly damagedBytes: number;
  /** From the oldest record's arrival to its insert, of the segment inserted last. */
  readonly lastLagMs: number;
}

/** Counters of a carrier that has done nothing yet, for it to count on. */
export function newCounters() {
  return {
    segmentsInserted: 0,
    segmentsSent: 0,
    insertFailures: { store: 0, data: 0, unknown: 0 },
    poisoned: 0,
    damagedRegions: 0,
    damagedBytes: 0,
    lastLagMs: 0,
  } satisfies CarrierCounters;
}

/** A rejection that says how soon to try again, instead of longer and longer. */
export interface SoonerError extends Error {
  readonly retryAfterMs: number;
}
