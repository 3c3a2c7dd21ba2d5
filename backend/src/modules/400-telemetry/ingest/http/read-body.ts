import type { IncomingMessage } from 'node:http';
import type { Deadline, Deadlines } from '../deadlines.js';
import { tooLarge } from '../decode/inflate.js';
import { IngestError, OverloadedError } from '../ingest-error.js';
import type { MemoryLease } from '../memory-budget.js';
import { Pieces } from '../pieces.js';

export interface BodyLimits {
  /** Applies to the bytes on the wire and, again, to the inflated ones. */
  readonly maxBytes: number;
  /** From now to the last byte. */
  readonly timeoutMs: number;
}

/** How long a body waits for memory before it is sent away. */
const PATIENCE_FOR_MEMORY_MS = 2_000;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a body as it comes, compressed or not; all of it is on the lease. Without memory for more the client is not read
 * from. The request is left open on failure, so that it can be answered.
 *
 * @throws IngestError `too_large`, `bad_data` (it was cut short), `timeout`, `overloaded`
 */
export function readBody(
  req: IncomingMessage,
  limits: BodyLimits,
  lease: MemoryLease,
  deadlines: Deadlines,
): Promise<Buffer> {
  const length = req.headers['content-length'];
  if (length !== undefined && Number(length) > limits.maxBytes) return Promise.reject(tooLarge(limits.maxBytes));
  if (length === '0') return Promise.resolve(EMPTY);
  return new Promise((resolve, reject) => {
    new BodyReader(req, limits, lease, deadlines).read(resolve, reject);
  });
}

class BodyReader {
  readonly #pieces = new Pieces();
  #settled = false;
  #deadline: Deadline | undefined;
  #patience: Deadline | undefined;
  #resolve: (body: Buffer) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(
    private readonly req: IncomingMessage,
    private readonly limits: BodyLimits,
    private readonly lease: MemoryLease,
    private readonly deadlines: Deadlines,
  ) {}

  read(resolve: (body: Buffer) => void, reject: (error: unknown) => void): void {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = this.deadlines.after(this.limits.timeoutMs, () =>
      this.#fail(new IngestError('timeout', 'The request came too slowly: its body has to be here within a minute', 1)),
    );
    this.req.on('data', this.#onChunk).on('end', this.#onEnd).on('error', this.#onCut).on('close', this.#onCut);
    if (this.req.destroyed) this.#onCut();
  }

  readonly #onChunk = (chunk: Buffer): void => {
    this.#pieces.push(chunk);
    if (this.#pieces.bytes > this.limits.maxBytes) return this.#fail(tooLarge(this.limits.maxBytes));
    try {
      this.#account();
    } catch (error) {
      this.#fail(error);
    }
  };

  #account(): void {
    if (this.#patience !== undefined) return;
    const more = this.#pieces.bytes - this.lease.bytes;
    const hasRoom = this.lease.growOrWait(more, () => {
      this.#patience?.clear();
      this.#patience = undefined;
      this.req.resume();
    });
    if (hasRoom) return;
    this.req.pause();
    this.#patience = this.deadlines.after(PATIENCE_FOR_MEMORY_MS, () =>
      this.#fail(new OverloadedError('Too many large requests at once', 1)),
    );
  }

  readonly #onEnd = (): void => {
    if (this.#settled) return;
    this.#settle();
    this.#resolve(this.#pieces.take());
  };

  readonly #onCut = (): void => {
    if (!this.req.complete) this.#fail(new IngestError('bad_data', 'The request was cut short'));
  };

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#pieces.clear();
    this.#reject(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#deadline?.clear();
    this.#patience?.clear();
    // The listener to 'error' stays: an error after this moment is of no interest, but must not be uncaught.
    this.req.off('data', this.#onChunk).off('end', this.#onEnd).off('close', this.#onCut);
  }
}
