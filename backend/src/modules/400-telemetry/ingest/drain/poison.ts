import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncDirectory } from '../segment-log/durable-file.js';

/** Rows of one table of one segment that the store refuses, and why. */
export interface SetAside {
  /** Names the entry, and is the deduplication token under which its rows go in when the store takes them after all. */
  readonly token: string;
  /** What the segment's tokens begin with: node id and number. */
  readonly tokenPrefix: string;
  readonly segment: string;
  readonly table: string;
  readonly reason: string;
  readonly attempts: number;
  readonly setAsideAt: string;
  /** Of the entry's segment file. */
  readonly sizeBytes: number;
  readonly rows: number;
  /** Spans, data points or log records of the requests the rows came with. */
  readonly items: number;
  /** The records of the segment that the rows belong to, when the others of the table went in without them. */
  readonly records: readonly number[] | 'all';
}

/** Keeps what was set aside, until it is replayed or taken away by hand. */
export interface Quarantine {
  /** Durable when this resolves. The same entry again changes nothing. */
  keep(entry: SetAside, segment: Buffer): Promise<void>;
  /** What is kept of the segment whose tokens begin so. */
  kept(tokenPrefix: string): Promise<readonly SetAside[]>;
  /** Undefined when it is not here (any more). */
  find(token: string): Promise<{ readonly entry: SetAside; readonly segment: Buffer } | undefined>;
  drop(token: string): Promise<void>;
}

/** The folder beside the log in which one node keeps what the store refuses for good. */
export class PoisonBox implements Quarantine {
  readonly dir: string;
  /** By token. */
  readonly #entries = new Map<string, SetAside>();

  constructor(private readonly logDir: string) {
    this.dir = join(logDir, 'poison');
  }

  /** Reads what earlier runs set aside. */
  async open(): Promise<readonly SetAside[]> {
    for (const name of await namesIn(this.dir)) {
      if (!name.endsWith('.json')) continue;
      const entry: unknown = JSON.parse(await readFile(join(this.dir, name), 'utf8'));
      if (isSetAside(entry)) this.#entries.set(entry.token, entry);
    }
    return [...this.#entries.values()];
  }

  get count(): number {
    return this.#entries.size;
  }

  get tokens(): string[] {
    return [...this.#entries.keys()];
  }

  async keep(entry: SetAside, segment: Buffer): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    await syncDirectory(this.logDir);
    // The reason last: an entry is there when its reason is.
    await replaceFile(this.#path(entry.token, 'seg'), segment);
    await replaceFile(this.#path(entry.token, 'json'), `${JSON.stringify(entry, null, 2)}\n`);
    this.#entries.set(entry.token, entry);
  }

  async kept(tokenPrefix: string): Promise<readonly SetAside[]> {
    return [...this.#entries.values()].filter((entry) => entry.tokenPrefix === tokenPrefix);
  }

  async find(token: string): Promise<{ entry: SetAside; segment: Buffer } | undefined> {
    const entry = this.#entries.get(token);
    return entry && { entry, segment: await readFile(this.#path(token, 'seg')) };
  }

  async drop(token: string): Promise<void> {
    if (!this.#entries.has(token)) return;
    await rm(this.#path(token, 'json'), { force: true });
    await rm(this.#path(token, 'seg'), { force: true });
    this.#entries.delete(token);
  }

  #path(token: string, extension: 'seg' | 'json'): string {
    return join(this.dir, `${token}.${extension}`);
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function isSetAside(value: unknown): value is SetAside {
  if (typeof value !== 'object' || value === null) return false;
  const entry: Partial<Record<keyof SetAside, unknown>> = value;
  return (
    [entry.token, entry.tokenPrefix, entry.table, entry.reason].every((text) => typeof text === 'string') &&
    (entry.records === 'all' || Array.isArray(entry.records))
  );
}
