import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SealedSegment } from '../segment-log/segment-log.js';
import { quiet } from '../testing/test-server.js';
import { newCounters, type SegmentCarrier } from '../transport/segment-carrier.js';
import { Drain, MAX_OVERTAKING } from './drain.js';

const MIGRATIONS = new URL('../../../../../migrations/clickhouse/', import.meta.url);

/** The smallest deduplication window of the tables. */
async function smallestWindow(): Promise<number> {
  const texts = await Promise.all(
    (await readdir(MIGRATIONS)).map((name) => readFile(new URL(name, MIGRATIONS), 'utf8')),
  );
  const windows = texts.flatMap((text) => [...text.matchAll(/non_replicated_deduplication_window = (\d+)/g)]);
  return Math.min(...windows.map(([, size]) => Number(size)));
}

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tf-drain-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A way out of the log that the test opens, segment by segment. */
class Gate implements SegmentCarrier {
  readonly counters = newCounters();
  readonly underWay = new Map<number, { let: () => void; refuse: () => void }>();
  most = 0;

  carry({ seq }: SealedSegment): Promise<'carried'> {
    return new Promise((resolve, reject) => {
      const done = (end: () => void) => () => {
        this.underWay.delete(seq);
        end();
      };
      this.underWay.set(seq, {
        let: done(() => resolve('carried')),
        refuse: done(() => reject(new Error('not yet'))),
      });
      this.most = Math.max(this.most, this.underWay.size);
    });
  }

  async close(): Promise<void> {
    for (const { refuse } of [...this.underWay.values()]) refuse();
  }
}

async function segments(count: number, from = 1): Promise<SealedSegment[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const seq = from + i;
      const path = join(dir, `${seq}.seg`);
      await writeFile(path, 'x');
      return { seq, path, sizeBytes: 1, firstRecordAtMs: seq };
    }),
  );
}

describe('several lanes', () => {
  it('bring out as many as they are, oldest first, and account for each when its file is gone', async () => {
    const gate = new Gate();
    const gone: number[] = [];
    const drain = new Drain({ carrier: gate, lanes: 3, logger: quiet, onGone: ({ seq }) => void gone.push(seq) });
    for (const segment of await segments(6)) drain.push(segment);
    expect([...gate.underWay.keys()]).toEqual([1, 2, 3]);
    gate.underWay.get(2)!.let();
    await vi.waitFor(() => expect([...gate.underWay.keys()]).toEqual([1, 3, 4]), { timeout: 10_000 });
    expect(gone).toEqual([2]);
    expect(drain).toMatchObject({ waiting: 5, oldestAtMs: 1 });
    expect((await readdir(dir)).sort()).toEqual(['1.seg', '3.seg', '4.seg', '5.seg', '6.seg']);
    // What fails is tried again and stays the oldest.
    gate.underWay.get(1)!.refuse();
    await vi.waitFor(() => expect(gate.underWay.has(1)).toBe(true), { timeout: 10_000 });
    expect(drain.oldestAtMs).toBe(1);
    gate.underWay.get(1)!.let();
    await vi.waitFor(() => expect(drain.oldestAtMs).toBe(3), { timeout: 10_000 });
    for (const seq of [3, 4, 5, 6]) {
      await vi.waitFor(() => expect(gate.underWay.has(seq)).toBe(true), { timeout: 10_000 });
      gate.underWay.get(seq)!.let();
    }
    await vi.waitFor(() => expect(drain.waiting).toBe(0), { timeout: 10_000 });
    expect(drain.oldestAtMs).toBeUndefined();
    expect(gone.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(gate.most).toBe(3);
    await drain.stop(100);
  });

  it('leave what is not out in the log when told to stop', async () => {
    const gate = new Gate();
    const drain = new Drain({ carrier: gate, lanes: 2, logger: quiet, onGone: () => {} });
    for (const segment of await segments(3)) drain.push(segment);
    gate.underWay.get(1)!.let();
    await vi.waitFor(() => expect(gate.underWay.has(3)).toBe(true), { timeout: 10_000 });
    await drain.stop(0);
    expect((await readdir(dir)).sort()).toEqual(['2.seg', '3.seg']);
  });
});

/**
 * The store forgets a token after a number of newer blocks, its window, of a table. A block doubles if it is inserted,
 * forgotten, and inserted again because its file was still there. This drains a backlog of three windows in lives that all end in the worst moment:
 * every lane has inserted its segment and not deleted it, and one of them has hung from the beginning while the others went
 * on as far as they may. Between two inserts of one segment the store must not have seen more blocks than it remembers.
 */
it('never repeats a segment that the store may have forgotten, however long the backlog and however it dies', async () => {
  const window = await smallestWindow();
  const backlog = 3 * window;
  const insertedAt = new Map<number, number>();
  let inserts = 0;
  let widest = 0;
  let left = Array.from({ length: backlog }, (_, i) => i + 1);
  for (let life = 0; left.length > 0; life++) {
    const lanes = 1 + (life % 4);
    // Every third life ends early, every third goes as far as a hanging segment lets it, every third to the end of a stretch.
    const lifetime = [50 + (life % 7), Number.POSITIVE_INFINITY, 4_000][life % 3]!;
    const hangs = life % 3 === 1 ? left[0] : undefined;
    const gone = new Set<number>();
    let own = 0;
    const drain = new Drain({
      carrier: {
        counters: newCounters(),
        async close() {},
        async carry({ seq }) {
          const before = insertedAt.get(seq);
          if (before !== undefined) widest = Math.max(widest, inserts - before);
          insertedAt.set(seq, inserts++);
          own += 1;
          if (seq === hangs || own > lifetime) await new Promise<never>(() => {});
          return 'missing'; // there are no files here
        },
      },
      lanes,
      logger: quiet,
      onGone: ({ seq }) => void gone.add(seq),
    });
    for (const seq of left) drain.push({ seq, path: '', sizeBytes: 0, firstRecordAtMs: seq });
    for (let seen = -1; seen !== own;) {
      seen = own;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (hangs !== undefined) expect(Math.max(0, ...gone) - hangs).toBe(lanes === 1 ? -hangs : MAX_OVERTAKING);
    left = left.filter((seq) => !gone.has(seq));
  }
  expect(insertedAt.size).toBe(backlog);
  expect(widest).toBeGreaterThanOrEqual(MAX_OVERTAKING);
  expect(widest).toBeLessThan(window / 4);
}, 60_000);
