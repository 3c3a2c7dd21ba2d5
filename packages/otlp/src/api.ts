import type { SegmentIdentities } from './identities.js';
import type { TableName } from './tables.js';

export type Signal = 'traces' | 'logs' | 'metrics';
export type Encoding = 'protobuf' | 'json';

export interface TranscodeOptions {
  /** 16 bytes in RowBinary order: see uuidToRowBinary. */
  tenantId: Uint8Array;
  /** Milliseconds since the epoch: default for missing times, last_seen of identities, centre of the time limits. */
  receivedAtMs: number;
  identities: SegmentIdentities;
  /** Items older than this at receipt are rejected; no limit when absent. */
  maxPastMs?: number;
  /** Items further in the future than this at receipt are rejected; no limit when absent. */
  maxFutureMs?: number;
}

export interface Block {
  readonly table: TableName;
  readonly rows: number;
  /** RowBinary rows: a view into the Transcoder's memory, valid until its next transcode. */
  readonly bytes: Uint8Array;
}

export interface TranscodeResult {
  /** At most one block per table, none empty. */
  readonly blocks: readonly Block[];
  /** Spans, log records or data points written, and refused. */
  readonly accepted: number;
  readonly rejected: number;
  /** Refused items by reason; the reasons are a small closed set of sentences for people. */
  readonly rejections: ReadonlyMap<string, number>;
  /** What its sender should know although nothing was refused for it: sentences of a small closed set. */
  readonly warnings: ReadonlySet<string>;
  /** Service names of the accepted items. */
  readonly services: ReadonlySet<string>;
}
