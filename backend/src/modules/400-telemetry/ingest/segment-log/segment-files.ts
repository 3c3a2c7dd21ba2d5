import { open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from './durable-file.js';
import type { SegmentSequence } from './sequence.js';

/** A segment's number and place. */
export interface SegmentFile {
  readonly seq: number;
  readonly path: string;
  /** The empty file, durably in its folder; undefined when it could not be made ahead. Never rejects. */
  readonly made: Promise<FileHandle | undefined>;
}

/** Makes an empty file that is in its folder even after a power cut. */
export async function createDurably(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx', 0o600);
  try {
    await syncDirectory(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * The files of segments to come, one ahead. A new entry in a folder waits for the file system's journal, which the store
 * writes to all the time; no acknowledgement shall wait for that. An empty file left by a crash holds nothing.
 */
export class SegmentFiles {
  #ahead: SegmentFile | undefined;

  constructor(
    private readonly dir: string,
    private readonly sequence: SegmentSequence,
  ) {}

  /** The next segment's file; the one after it is begun. */
  take(): SegmentFile {
    const file = this.#ahead ?? this.#begin();
    this.#ahead = this.#begin();
    return file;
  }

  /** Removes what was made ahead. */
  async close(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const file = await ahead?.made;
    await file?.close();
    if (ahead !== undefined) await rm(ahead.path, { force: true });
  }

  #begin(): SegmentFile {
    const seq = this.sequence.take();
    const path = join(this.dir, `${String(seq).padStart(16, '0')}.seg`);
    // What goes wrong here goes wrong again, and is told, when the segment is written.
    const made = this.sequence
      .reserved()
      .then(() => createDurably(path))
      .catch(() => undefined);
    return { seq, path, made };
  }
}
