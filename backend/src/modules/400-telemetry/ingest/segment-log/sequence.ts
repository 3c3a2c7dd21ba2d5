import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IngestLogger } from '../ingest-logger.js';
import { replaceFile } from './durable-file.js';

const FILE = 'node-id';
/** Numbers reserved on disk at once, so that taking one costs no write. */
const RESERVED_AT_ONCE = 1_000_000;

interface Persisted {
  readonly nodeId: string;
  /** Numbers below this may have been used. */
  readonly reservedUntil: number;
}

/**
 * Numbers segments. A pair of node id and number names one segment for ever: the store's deduplication tokens are made
 * of it, so a number that came twice would make the store drop new rows as known ones. That is why the numbers do not
 * restart with an empty folder, and why losing the file means a new node id.
 */
export class SegmentSequence {
  #next: number;
  #reservationIsOnDisk = false;
  #saving: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    readonly nodeId: string,
    private reservedUntil: number,
  ) {
    this.#next = reservedUntil - RESERVED_AT_ONCE;
  }

  /** Reads `<dir>/node-id`, or writes it. `above` is the highest number that is in use. */
  static async open(dir: string, above: number, logger: IngestLogger): Promise<SegmentSequence> {
    const path = join(dir, FILE);
    const known = await read(path, logger);
    const first = Math.max(known?.reservedUntil ?? 1, above + 1);
    const sequence = new SegmentSequence(path, known?.nodeId ?? randomUUID(), first + RESERVED_AT_ONCE);
    await sequence.reserved();
    return sequence;
  }

  /** A number that was never given before. Await {@link reserved} before it reaches the disk. */
  take(): number {
    const taken = this.#next++;
    if (this.#next >= this.reservedUntil) {
      this.reservedUntil += RESERVED_AT_ONCE;
      this.#reservationIsOnDisk = false;
    }
    return taken;
  }

  /** Resolves when every number given so far is covered by a reservation on disk. */
  async reserved(): Promise<void> {
    while (!this.#reservationIsOnDisk) {
      this.#saving ??= this.#save().finally(() => {
        this.#saving = undefined;
      });
      await this.#saving;
    }
  }

  async #save(): Promise<void> {
    const persisted: Persisted = { nodeId: this.nodeId, reservedUntil: this.reservedUntil };
    await replaceFile(this.path, `${JSON.stringify(persisted)}\n`);
    this.#reservationIsOnDisk = persisted.reservedUntil === this.reservedUntil;
  }
}

async function read(path: string, logger: IngestLogger): Promise<Persisted | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const found = parse(text);
  if (found === undefined) logger.error({ path }, 'The ingest node id is unreadable; a new one is made');
  return found;
}

function parse(text: string): Persisted | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // reported by the caller
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { nodeId, reservedUntil } = value as Record<string, unknown>;
  if (typeof nodeId !== 'string' || !/^[0-9a-f-]{36}$/.test(nodeId)) return undefined;
  if (typeof reservedUntil !== 'number' || !Number.isSafeInteger(reservedUntil) || reservedUntil < 1) return undefined;
  return { nodeId, reservedUntil };
}
