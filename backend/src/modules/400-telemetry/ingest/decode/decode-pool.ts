import { Worker } from 'node:worker_threads';
import type { Deadline, Deadlines } from '../deadlines.js';
import { IngestError, OverloadedError } from '../ingest-error.js';
import type { IngestLogger } from '../ingest-logger.js';
import type { HeldSegment, SegmentLog } from '../segment-log/segment-log.js';
import type { DecodeLimits, EncodedBody } from './body-decoder.js';
import { FairQueue } from './fair-queue.js';
import { KEPT_BUFFERS, LARGEST_KEPT_BYTES } from './record-memory.js';
import type { DecodeDone, DecodeFailed, DecodeJob, DecodeReply, ThreadSettings } from './thread-messages.js';
import { threadEntry } from './thread-entry.js';

/** One body under way in a thread and one at its door: it never waits for the main thread. */
const JOBS_PER_THREAD = 2;
/** Enough for the largest body on the slowest machine; a thread that takes longer is stuck. */
const JOB_TIMEOUT_MS = 60_000;
/** Far more than `assertJsonFits` lets a body take: a thread that goes beyond it may take the process with it. */
const HEAP_MIB = 2048;
const RESTART_DELAY_MS = 500;

export interface DecodePoolOptions {
  readonly threads: number;
  readonly limits: DecodeLimits;
  readonly log: SegmentLog;
  readonly deadlines: Deadlines;
  readonly logger: IngestLogger;
  readonly jobTimeoutMs?: number;
}

/** What a body became, and when that is on the disk. */
export interface StoredBody extends Omit<DecodeDone, 'id' | 'record'> {
  readonly recordBytes: number;
  readonly durable: Promise<void>;
}

interface Waiting {
  readonly encoded: EncodedBody;
  resolve(stored: StoredBody): void;
  reject(error: unknown): void;
}

interface UnderWay extends Waiting {
  readonly held: HeldSegment;
  readonly deadline: Deadline;
}

/**
 * Decodes bodies on threads and appends what they become to the log, in the order in which each thread made it.
 *
 * A thread remembers what it has put into a segment and does not repeat it (resource, scope and series rows). That is
 * sound because (1) a body is decoded for the segment that is held for it, and goes there, whatever is sealed meanwhile;
 * (2) the answers of a thread are appended in the order of its decoding, in the very callback that brings them, so what
 * a segment has of a thread is all that it made up to some point; (3) a thread that is replaced knows nothing; (4) a
 * segment that lost a record takes no later one.
 */
export class DecodePool {
  readonly #options: DecodePoolOptions;
  readonly #threads: DecodeThread[] = [];
  readonly #queue = new FairQueue<Waiting>();
  #closed = false;
  #crashes = 0;

  constructor(options: DecodePoolOptions) {
    this.#options = options;
  }

  /** Threads that ended and were replaced. */
  get crashes(): number {
    return this.#crashes;
  }

  /** Bodies that wait for a thread. */
  get waiting(): number {
    return this.#queue.size;
  }

  start(): void {
    for (let i = 0; i < this.#options.threads; i++) this.#addThread();
  }

  /**
   * Decodes the body and appends its record, by turns with those of other tenants. The memory of the body is given away.
   *
   * @throws IngestError `bad_data`, `too_large`; `overloaded` when the thread ended, or the log refuses the record
   */
  store(encoded: EncodedBody): Promise<StoredBody> {
    if (this.#closed) return Promise.reject(new OverloadedError('The server is stopping', 1));
    return new Promise((resolve, reject) => {
      this.#queue.push(Buffer.from(encoded.tenantId).toString('latin1'), { encoded, resolve, reject });
      this.#dispatch();
    });
  }

  /** Refuses what waits, ends the threads. What is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (let waiting = this.#queue.shift(); waiting !== undefined; waiting = this.#queue.shift()) {
      waiting.reject(new OverloadedError('The server is stopping', 1));
    }
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #addThread(): void {
    const thread = new DecodeThread(this.#options, {
      onFree: () => this.#dispatch(),
      onEnd: (error) => this.#replace(thread, error),
    });
    this.#threads.push(thread);
    this.#dispatch();
  }

  #replace(thread: DecodeThread, error: unknown): void {
    this.#threads.splice(this.#threads.indexOf(thread), 1);
    if (this.#closed) return;
    this.#crashes += 1;
    this.#options.logger.error({ err: error }, 'A decode thread ended and is replaced');
    // Not at once: a thread that cannot start must not take the processor with it.
    this.#options.deadlines.after(RESTART_DELAY_MS, () => {
      if (!this.#closed) this.#addThread();
    });
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const thread = this.#leastBusy();
      if (thread === undefined) return;
      const waiting = this.#queue.shift();
      if (waiting !== undefined) thread.take(waiting);
    }
  }

  #leastBusy(): DecodeThread | undefined {
    let found: DecodeThread | undefined;
    for (const thread of this.#threads) {
      if (thread.load < JOBS_PER_THREAD && thread.load < (found?.load ?? JOBS_PER_THREAD)) found = thread;
    }
    return found;
  }
}

class DecodeThread {
  readonly #worker: Worker;
  readonly #jobs = new Map<number, UnderWay>();
  #spare: ArrayBuffer[] = [];
  #isReady = false;
  #nextId = 1;
  #error: unknown;

  constructor(
    private readonly options: DecodePoolOptions,
    private readonly listener: { onFree(): void; onEnd(error: unknown): void },
  ) {
    const settings: ThreadSettings = { limits: options.limits };
    const { url, execArgv } = threadEntry();
    this.#worker = new Worker(url, {
      workerData: settings,
      execArgv,
      name: 'otlp-decode',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    this.#worker.on('message', (reply: DecodeReply | 'ready') => {
      if (reply === 'ready') this.#becomeReady();
      else this.#finish(reply);
    });
    this.#worker.on('error', (error) => (this.#error = error));
    this.#worker.on('exit', () => this.#end());
  }

  /** Bodies under way; a thread that is still starting takes none. */
  get load(): number {
    return this.#isReady ? this.#jobs.size : JOBS_PER_THREAD;
  }

  take(waiting: Waiting): void {
    const { log, deadlines, jobTimeoutMs = JOB_TIMEOUT_MS } = this.options;
    let held: HeldSegment;
    try {
      held = log.hold();
    } catch (error) {
      return waiting.reject(error);
    }
    const id = this.#nextId++;
    const deadline = deadlines.after(jobTimeoutMs, () => {
      this.#error ??= new Error('A body took too long to decode');
      void this.terminate();
    });
    this.#jobs.set(id, { ...waiting, held, deadline });
    const body = owned(waiting.encoded.body);
    const spare = this.#spare;
    this.#spare = [];
    const job: DecodeJob = { ...waiting.encoded, body, id, seq: held.seq, salt: held.salt, spare };
    this.#worker.postMessage(job, [body.buffer, ...spare]);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #becomeReady(): void {
    this.#isReady = true;
    this.listener.onFree();
  }

  /** Nothing may be awaited between the arrival of a record and its append. */
  #finish(reply: DecodeReply): void {
    const job = this.#jobs.get(reply.id);
    if (job === undefined) return;
    this.#jobs.delete(reply.id);
    job.deadline.clear();
    if ('accepted' in reply) this.#append(job, reply);
    else {
      job.held.release();
      job.reject(asError(reply));
    }
    this.listener.onFree();
  }

  #append({ held, resolve }: UnderWay, done: DecodeDone): void {
    const { record, accepted, rejected, rejections, warnings, bodyBytes } = done;
    const stored = { accepted, rejected, rejections, warnings, bodyBytes };
    if (record === undefined) {
      held.release();
      return resolve({ ...stored, recordBytes: 0, durable: Promise.resolve() });
    }
    const { buffer } = record;
    resolve({
      ...stored,
      recordBytes: buffer.byteLength,
      durable: held.append(record, () => {
        if (this.#spare.length < KEPT_BUFFERS && buffer.byteLength <= LARGEST_KEPT_BYTES) this.#spare.push(buffer);
      }),
    });
  }

  #end(): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const { held, deadline, reject } of jobs) {
      deadline.clear();
      held.release();
      reject(new OverloadedError('The request could not be decoded now', 1, { cause: this.#error }));
    }
    this.listener.onEnd(this.#error);
  }
}

/** The bytes in memory of their own, which can be given away. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes;
  const isWhole = byteOffset === 0 && buffer.byteLength === length;
  return isWhole && buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : new Uint8Array(bytes);
}

function asError({ refusal, defect }: DecodeFailed): Error {
  if (refusal === undefined) return new Error(`A body could not be decoded: ${defect ?? ''}`);
  const { reason, message, field } = refusal;
  const cause = field === '' ? undefined : Object.assign(new Error(message), { field });
  return new IngestError(reason, message, undefined, { cause });
}
