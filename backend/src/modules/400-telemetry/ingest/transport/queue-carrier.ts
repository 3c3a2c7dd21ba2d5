import { readUnlessGone } from '../segment-log/durable-file.js';
import type { SealedSegment } from '../segment-log/segment-log.js';
import type { LocalCarrier } from './local-carrier.js';
import type { CarrierCounters, SegmentCarrier, SoonerError } from './segment-carrier.js';
import type { SegmentBytes, SegmentReference } from './segment-queue.js';

const FULL_RETRY_MS = 100;

/** Too much waits for the workers; the segment stays in the log meanwhile. */
export class QueueFullError extends Error implements SoonerError {
  override readonly name = 'QueueFullError';
  readonly retryAfterMs = FULL_RETRY_MS;
  constructor() {
    super(
      'The queue holds as many segments as it may (INGEST_QUEUE_MAX_BYTES), which the workers have not inserted yet',
    );
  }
}

export interface QueueCarrierOptions {
  readonly nodeId: string;
  readonly bytes: SegmentBytes;
  /** Adds the job of the reference's name, or leaves the one that is there. */
  addJob(reference: SegmentReference): Promise<void>;
  /** For segments that are larger than the queue may hold at all. */
  readonly local: LocalCarrier;
}

/**
 * Hands segments to worker nodes: first the bytes, then the job that names them. Dying in between, or before the file is
 * deleted, repeats both, which changes nothing while either is known, and is dropped by the store's tokens later.
 */
export class QueueCarrier implements SegmentCarrier {
  readonly #options: QueueCarrierOptions;
  #sent = 0;

  constructor(options: QueueCarrierOptions) {
    this.#options = options;
  }

  get counters(): CarrierCounters {
    return { ...this.#options.local.counters, segmentsSent: this.#sent };
  }

  async carry(segment: SealedSegment): Promise<'carried' | 'missing'> {
    const { nodeId, bytes, addJob, local } = this.#options;
    if (segment.sizeBytes > bytes.maxBytes) return local.carry(segment);
    const file = await readUnlessGone(segment.path);
    if (file === undefined) return 'missing';
    const tokenPrefix = `${nodeId}-${segment.seq}`;
    const outcome = await bytes.put(tokenPrefix, file);
    if (outcome === 'full') throw new QueueFullError();
    if (outcome === 'stored') {
      const { seq, firstRecordAtMs } = segment;
      await addJob({ tokenPrefix, nodeId, segment: String(seq), sizeBytes: file.length, firstRecordAtMs });
    }
    this.#sent += 1;
    return 'carried';
  }

  async close(): Promise<void> {
    await this.#options.local.close();
  }
}
