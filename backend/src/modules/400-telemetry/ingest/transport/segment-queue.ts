/** What a job of the queue `otlp-ingestion` says of a segment; its bytes lie beside it, never in the job. */
export interface SegmentReference {
  /** Node id and number: names the job, the bytes, and begins the deduplication tokens. */
  readonly tokenPrefix: string;
  readonly nodeId: string;
  readonly segment: string;
  readonly sizeBytes: number;
  /** Unix milliseconds of its oldest record. */
  readonly firstRecordAtMs: number;
}

/**
 * Bytes of segments on their way to worker nodes. `stored` while they lie there, `inserted` for a while after a worker has
 * brought them into the store, `full` when too many bytes lie there already.
 */
export interface SegmentBytes {
  /** Bytes that may lie there at once. */
  readonly maxBytes: number;
  /** Keeps the bytes of a segment; repeating it changes nothing. Rejects when they can't be kept for now. */
  put(tokenPrefix: string, bytes: Buffer): Promise<'stored' | 'inserted' | 'full'>;
  /** `lost` when nobody knows of them. */
  get(tokenPrefix: string): Promise<Buffer | 'inserted' | 'lost'>;
  /** The rows are in the store. */
  inserted(tokenPrefix: string): Promise<void>;
}
