import type { RefusalReason } from '../ingest-error.js';
import type { DecodeLimits, EncodedBody } from './body-decoder.js';

/** What a decode thread is started with. */
export interface ThreadSettings {
  readonly limits: DecodeLimits;
}

/** A body for a thread; the memory of `body` and of `spare` goes with it. */
export interface DecodeJob extends EncodedBody {
  readonly id: number;
  /** The segment that the record goes into, and what it has to be made with. */
  readonly seq: number;
  readonly salt: number;
  /** Memory of earlier records, for the thread to use again. */
  readonly spare: readonly ArrayBuffer[];
}

/** What became of a body; the memory of `record` comes with it. */
export type DecodeReply = DecodeDone | DecodeFailed;

export interface DecodeDone {
  readonly id: number;
  /** As `writeRecord` makes it; absent when nothing of the body is to be stored. */
  readonly record: Uint8Array<ArrayBuffer> | undefined;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejections: ReadonlyMap<string, number>;
  readonly warnings: ReadonlySet<string>;
  readonly bodyBytes: number;
}

export interface DecodeFailed {
  readonly id: number;
  readonly refusal: { readonly reason: RefusalReason; readonly message: string; readonly field: string } | undefined;
  /** When it is not the body's fault. */
  readonly defect: string | undefined;
}
