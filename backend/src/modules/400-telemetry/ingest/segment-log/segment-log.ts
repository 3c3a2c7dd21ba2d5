import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IngestError, OverloadedError } from '../ingest-error.js';
import type { IngestLogger } from '../ingest-logger.js';
import { syncDirectory } from './durable-file.js';
import { LogSpace } from './log-space.js';
import { OpenSegment } from './open-segment.js';
import { encodeServices, recordSize, RECORD_MAX_BYTES, type SegmentRecord } from './record.js';
import { SegmentFiles } from './segment-files.js';
import { SegmentSequence } from './sequence.js';
import { StagingBuffers } from './staging-buffers.js';

const SEGMENT_FILE = /^(\d{16})\.seg$/;
/** Records that wait for the disk beyond this are refused. */
const STAGED_MAX_BYTES = 512 * 1024 * 1024;

function assertFits(recordBytes: number): void {
  if (recordBytes <= RECORD_MAX_BYTES) return;
  throw new IngestError('too_large', 'The request needs too much room: send less at once');
}

/** A segment that will not change any more. */
export interface SealedSegment {
  readonly seq: number;
  readonly path: string;
  readonly sizeBytes: number;
  /** Unix milliseconds of its oldest record (of its file, when found at start). */
  readonly firstRecordAtMs: number;
}

/**
 * The segment that took records when it was held. It may be sealed meanwhile, but it is not finished before every holder
 * has either appended or released: so what was made in the knowledge of its content goes into it.
 */
export interface HeldSegment {
  /** Grows from segment to segment. */
  readonly seq: number;
  /** What the record has to be made with. */
  readonly salt: number;
  /**
   * Adds a record that {@link writeRecord} made, and ends the hold. The bytes are not copied: they are free again at
   * `onDone`. Resolves and rejects as {@link SegmentLog.append}.
   */
  append(record: Uint8Array, onDone: () => void): Promise<void>;
  /** Ends the hold without a record; after `append` it does nothing. */
  release(): void;
}

export interface SegmentLogOptions {
  readonly dir: string;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  readonly logger: IngestLogger;
  /** A new segment begins: what is known to be in the old one has to be written again. */
  onBegin(): void;
  onSealed(segment: SealedSegment): void;
  /** While this says no, a segment that is old enough goes on growing: fewer, larger inserts for a store that is behind. */
  maySeal(sizeBytes: number): boolean;
}

/**
 * The log that an acknowledgement stands on. Records are staged in memory and written by one loop: all that wait share
 * one write and one fdatasync, one at a time.
 */
export class SegmentLog {
  readonly space: LogSpace;
  readonly #options: SegmentLogOptions;
  readonly #buffers = new StagingBuffers();
  #sequence: SegmentSequence | undefined;
  #files: SegmentFiles | undefined;
  #current: OpenSegment | undefined;
  /** Sealed segments that still have to be written or closed, oldest first; then the current one. */
  #writing: OpenSegment[] = [];
  #stagedBytes = 0;
  #loop: Promise<void> | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #due = false;
  #closed = false;
  #syncs = 0;
  #appends = 0;

  constructor(options: SegmentLogOptions) {
    this.#options = options;
    this.space = new LogSpace(options);
  }

  /** Records and the fdatasyncs they took. */
  get counters(): { readonly appends: number; readonly syncs: number } {
    return { appends: this.#appends, syncs: this.#syncs };
  }

  get nodeId(): string {
    return this.#started().nodeId;
  }

  /** When the oldest record of the segment that is being written arrived, Unix milliseconds. */
  get oldestOpenAtMs(): number | undefined {
    return (this.#writing[0] ?? this.#current)?.firstRecordAtMs;
  }

  /** Creates the folder and returns the segments that an earlier process left, oldest first. */
  async start(): Promise<SealedSegment[]> {
    const { dir, logger } = this.#options;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await syncDirectory(dirname(dir));
    const left: SealedSegment[] = [];
    let highest = 0;
    for (const name of (await readdir(dir)).sort()) {
      const seq = Number(SEGMENT_FILE.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(seq)) continue;
      const path = join(dir, name);
      highest = seq;
      const { size, mtimeMs } = await stat(path);
      if (size === 0) {
        await rm(path);
        continue;
      }
      left.push({ seq, path, sizeBytes: size, firstRecordAtMs: mtimeMs });
      this.space.grow(size);
    }
    this.#sequence = await SegmentSequence.open(dir, highest, logger);
    await this.space.measure();
    return left;
  }

  /**
   * Whether there is room for a record. Cheap: ask before work is put into a request.
   *
   * @throws OverloadedError
   */
  admit(): void {
    if (this.#closed) throw new OverloadedError('The server is stopping', 1);
    if (this.#stagedBytes > STAGED_MAX_BYTES) throw new OverloadedError('The disk of the ingest log is too slow', 1);
    this.space.admit();
  }

  /**
   * Makes sure that the segment which takes the next record is there; a full one is sealed before. Call it right before
   * the record is made: `onBegin` may be called here, and never between here and an `append` in the same tick.
   */
  prepare(): void {
    if (this.#current !== undefined && this.#current.sizeBytes >= this.#options.segmentBytes) this.#seal();
    if (this.#current !== undefined) return;
    if (this.#closed) throw new OverloadedError('The server is stopping', 1);
    this.#files ??= new SegmentFiles(this.#options.dir, this.#started());
    this.#current = new OpenSegment(this.#files.take(), this.#buffers);
    this.#options.onBegin();
    this.#due = false;
    this.#ageTimer = setTimeout(() => {
      this.#due = true;
      this.sealIfDue();
    }, this.#options.segmentAgeMs);
  }

  /**
   * Adds a record to the prepared segment. Its bytes are copied before this returns; the promise resolves after the
   * fdatasync that covers them and rejects with OverloadedError when the disk refuses them; nothing will appear then.
   *
   * @throws IngestError (at once) too_large when the record cannot be stored as one
   */
  append(record: SegmentRecord): Promise<void> {
    const segment = this.#current;
    if (segment === undefined) throw new Error('append without prepare');
    assertFits(recordSize(record, encodeServices(record.services)));
    return this.#staging(segment, () => segment.stage(record));
  }

  /** Holds the segment that takes records now, for a record that is made elsewhere. */
  hold(): HeldSegment {
    this.prepare();
    const segment = this.#current;
    if (segment === undefined) throw new Error('prepare made no segment');
    segment.holds += 1;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      segment.holds -= 1;
      if (this.#nextStep() !== undefined) this.#wake();
    };
    return {
      seq: segment.seq,
      salt: segment.salt,
      append: (record, onDone) => {
        if (!isHeld) throw new Error('append after release');
        const durable = this.#staging(segment, () => segment.stageWhole(record, onDone));
        release();
        return durable;
      },
      release,
    };
  }

  /** Seals the current segment if its time has come and it may be. Call it when the reason to wait has gone. */
  sealIfDue(): void {
    if (!this.#due || this.#current === undefined || this.#writing.length > 0) return;
    if (this.#options.maySeal(this.#current.sizeBytes)) this.#seal();
  }

  /** Takes nothing more, brings everything staged to the disk and seals the last segment. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#current !== undefined) this.#seal();
    while (this.#loop !== undefined) await this.#loop;
    await this.#files?.close();
  }

  #staging(segment: OpenSegment, stage: () => Promise<void>): Promise<void> {
    const before = segment.sizeBytes;
    const durable = stage();
    const grown = segment.sizeBytes - before;
    this.#stagedBytes += grown;
    this.space.grow(grown);
    this.#appends += 1;
    this.#wake();
    return durable;
  }

  #seal(): void {
    clearTimeout(this.#ageTimer);
    this.#due = false;
    if (this.#current === undefined) return;
    this.#current.sealed = true;
    this.#writing.push(this.#current);
    this.#current = undefined;
    this.#wake();
  }

  #wake(): void {
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
      if (this.#nextStep() !== undefined) this.#wake();
    });
  }

  /** What there is to write, oldest segment first; then what can be finished, in the order of the numbers. */
  #nextStep(): { readonly flush?: OpenSegment; readonly finish?: OpenSegment } | undefined {
    for (const segment of this.#writing) if (segment.hasStaged) return { flush: segment };
    if (this.#current?.hasStaged === true) return { flush: this.#current };
    const [oldest] = this.#writing;
    return oldest !== undefined && oldest.holds === 0 ? { finish: oldest } : undefined;
  }

  async #run(): Promise<void> {
    // Requests that arrive in the same turn of the event loop share the first write.
    await new Promise((resolve) => setImmediate(resolve));
    for (let step = this.#nextStep(); step !== undefined; step = this.#nextStep()) {
      if (step.flush !== undefined) await this.#flush(step.flush);
      else if (step.finish !== undefined) await this.#finish(step.finish);
    }
  }

  async #flush(segment: OpenSegment): Promise<void> {
    const { bytes, failure } = await segment.flush(() => this.#started().reserved());
    this.#stagedBytes -= bytes;
    if (failure === undefined) {
      this.#syncs += 1;
      return;
    }
    // The segment takes nothing more; what it has on the disk goes its way.
    this.#options.logger.error({ err: failure.error, segment: segment.seq }, 'The ingest log cannot be written');
    if (failure.cutBackError !== undefined) {
      this.#options.logger.error(
        { err: failure.cutBackError, segment: segment.seq },
        'Refused records stay in the log',
      );
    }
    const abandoned = segment.abandon(failure.error);
    this.#stagedBytes -= abandoned;
    this.space.shrink(bytes + abandoned);
    this.space.writeFailed();
    if (segment === this.#current) this.#seal();
  }

  async #finish(segment: OpenSegment): Promise<void> {
    const { seq, path, durableBytes: sizeBytes, firstRecordAtMs } = segment;
    try {
      await segment.close();
    } catch (error) {
      this.#options.logger.warn({ err: error, segment: seq }, 'A segment of the ingest log cannot be closed');
    }
    // In one step: what is pending is always counted, here or behind `onSealed`.
    this.#writing = this.#writing.filter((other) => other !== segment);
    if (sizeBytes > 0) this.#options.onSealed({ seq, path, sizeBytes, firstRecordAtMs });
    this.sealIfDue();
  }

  #started(): SegmentSequence {
    if (this.#sequence === undefined) throw new Error('The segment log is not started');
    return this.#sequence;
  }
}
