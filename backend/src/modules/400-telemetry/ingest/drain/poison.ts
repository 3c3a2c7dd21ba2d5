import { mkdir, rename, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { replaceFile, syncDirectory } from '../segment-log/durable-file.js';

/** Why a segment was set aside. */
export interface PoisonReason {
  readonly segment: string;
  /** First part of the deduplication tokens; with it a replay inserts only what is not there yet. */
  readonly tokenPrefix: string;
  readonly table: string;
  readonly reason: string;
  readonly attempts: number;
  readonly setAsideAt: string;
}

/** The folder of segments that the store refuses for good. Nothing is ever deleted from it by the server. */
export class PoisonBox {
  readonly dir: string;

  constructor(private readonly logDir: string) {
    this.dir = join(logDir, 'poison');
  }

  /** Moves the segment's file here, beside a `.json` that says why. */
  async setAside(path: string, reason: PoisonReason): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const target = join(this.dir, basename(path));
    await replaceFile(target.replace(/\.seg$/, '.json'), `${JSON.stringify(reason, null, 2)}\n`);
    await rename(path, target);
    await syncDirectory(this.dir);
    await syncDirectory(this.logDir);
  }

  /** How many segments are set aside. */
  async count(): Promise<number> {
    try {
      return (await readdir(this.dir)).filter((name) => name.endsWith('.seg')).length;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
      throw error;
    }
  }
}
