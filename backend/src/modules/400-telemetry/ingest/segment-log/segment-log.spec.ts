import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scanSegment, type SegmentRecord } from './record.js';
import { SegmentLog, type SealedSegment, type SegmentLogOptions } from './segment-log.js';

const logger = { info() {}, warn() {}, error() {} };
const tenantId = Uint8Array.from({ length: 16 }, (_, i) => i);
let dir: string;
let sealed: SealedSegment[];
let logs: SegmentLog[];

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'segment-log-')), 'ingest');
  sealed = [];
  logs = [];
});
afterEach(async () => {
  await Promise.all(logs.map((log) => log.close()));
  await rm(join(dir, '..'), { recursive: true, force: true });
});

function newLog(options: Partial<SegmentLogOptions> = {}): SegmentLog {
  const log = new SegmentLog({
    dir,
    segmentBytes: 1 << 20,
    segmentAgeMs: 60_000,
    maxBytes: 1 << 30,
    minFreeBytes: 0,
    logger,
    onBegin: () => {},
    onSealed: (segment) => sealed.push(segment),
    maySeal: () => true,
    ...options,
  });
  logs.push(log);
  return log;
}

function record(text: string): SegmentRecord {
  const half = Math.floor(text.length / 2);
  return {
    tenantId,
    signal: 'logs',
    items: 1,
    services: ['shop', 'naïve'],
    blocks: [
      { tableId: 1, rows: 1, bytes: Buffer.from(text.slice(0, half)) },
      { tableId: 4, rows: 2, bytes: Buffer.from(text.slice(half)) },
    ],
  };
}

async function append(log: SegmentLog, text: string): Promise<void> {
  log.prepare();
  await log.append(record(text));
}

const textOf = (r: SegmentRecord) => r.blocks.map((b) => Buffer.from(b.bytes).toString()).join('');
const textsOf = (bytes: Buffer) => scanSegment(bytes).records.map(textOf);

describe('segment log', () => {
  it('gives back what was appended, with its meaning', async () => {
    const log = newLog();
    await log.start();
    await append(log, 'first record');
    await log.close();
    const [segment] = sealed;
    const { records, damagedRegions } = scanSegment(await readFile(segment!.path));
    expect(damagedRegions).toBe(0);
    expect(records).toHaveLength(1);
    expect(textOf(records[0]!)).toBe('first record');
    expect(records[0]).toMatchObject({ signal: 'logs', items: 1, services: ['shop', 'naïve'] });
    expect(Buffer.from(records[0]!.tenantId)).toEqual(Buffer.from(tenantId));
    expect(records[0]!.blocks.map((b) => [b.tableId, b.rows])).toEqual([
      [1, 1],
      [4, 2],
    ]);
    expect(segment!.sizeBytes).toBe((await readFile(segment!.path)).length);
    expect(log.space.usedBytes).toBe(segment!.sizeBytes);
  });

  it('shares one fdatasync among all that wait', async () => {
    const log = newLog();
    await log.start();
    await Promise.all(Array.from({ length: 500 }, (_, i) => append(log, `record ${i}`)));
    expect(log.counters.appends).toBe(500);
    expect(log.counters.syncs).toBeLessThanOrEqual(3);
    await log.close();
    expect(textsOf(await readFile(sealed[0]!.path))).toHaveLength(500);
  });

  it('acknowledges only what is in the file', async () => {
    const log = newLog();
    await log.start();
    for (let i = 0; i < 20; i++) {
      await append(log, `record ${i}`);
      const [name] = (await readdir(dir)).filter((n) => n.endsWith('.seg'));
      expect(textsOf(await readFile(join(dir, name!)))).toContain(`record ${i}`);
    }
  });

  it('tells of what is pending until it is handed on, while its file is closed too', async () => {
    const log = newLog();
    await log.start();
    await append(log, 'a record');
    const closed = log.close();
    while (sealed.length === 0) {
      expect(log.oldestOpenAtMs).toBeDefined();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    expect(log.oldestOpenAtMs).toBeUndefined();
  });

  it('has the file of the next segment there before anybody waits for it, and takes it away at the end', async () => {
    const log = newLog();
    await log.start();
    await append(log, 'a record');
    const files = async () => (await readdir(dir)).filter((n) => n.endsWith('.seg'));
    await vi.waitFor(async () => expect(await files()).toHaveLength(2), { timeout: 10_000 });
    await log.close();
    expect((await files()).map((name) => join(dir, name))).toEqual(sealed.map(({ path }) => path));
  });

  it('passes over files that a crash left empty, but not over their numbers', async () => {
    const first = newLog();
    await first.start();
    await append(first, 'a record');
    await first.close();
    const empty = sealed[0]!.seq + 5_000_000;
    await writeFile(join(dir, `${String(empty).padStart(16, '0')}.seg`), '');
    const log = newLog();
    expect((await log.start()).map(({ seq }) => seq)).toEqual([sealed[0]!.seq]);
    await append(log, 'another record');
    await log.close();
    expect(sealed[1]!.seq).toBeGreaterThan(empty);
  });

  it('begins a new segment, with new identities, when one is large enough', async () => {
    let begun = 0;
    const log = newLog({ segmentBytes: 1000, onBegin: () => begun++ });
    await log.start();
    for (let i = 0; i < 5; i++) await append(log, `${i}`.repeat(600));
    await log.close();
    expect(sealed.map((s) => s.seq)).toEqual([...sealed.map((s) => s.seq)].sort((a, b) => a - b));
    expect(sealed).toHaveLength(3);
    expect(begun).toBe(3);
  });

  it('seals by age, and waits while the drain is behind', async () => {
    let may = false;
    let asked = 0;
    const maySeal = () => (asked++, may);
    const log = newLog({ segmentAgeMs: 10, maySeal });
    await log.start();
    await append(log, 'a');
    await vi.waitFor(() => expect(asked).toBe(1), { timeout: 10_000 });
    await append(log, 'b');
    expect(sealed).toEqual([]);
    may = true;
    log.sealIfDue();
    await vi.waitFor(() => expect(sealed).toHaveLength(1), { timeout: 10_000 });
    expect(log.oldestOpenAtMs).toBeUndefined();
  });

  it('hands over what an earlier process left, never writes to it, and never repeats a number', async () => {
    const first = newLog();
    await first.start();
    await append(first, 'left behind');
    const second = newLog();
    const left = await second.start();
    expect(left).toHaveLength(1);
    const before = await readFile(left[0]!.path);
    await append(second, 'new');
    await second.close();
    expect(await readFile(left[0]!.path)).toEqual(before);
    expect(sealed[0]!.seq).toBeGreaterThan(left[0]!.seq);
    expect(second.nodeId).toBe(first.nodeId);

    await rm(left[0]!.path);
    await rm(sealed[0]!.path);
    const third = newLog();
    expect(await third.start()).toEqual([]);
    await append(third, 'newer');
    await third.close();
    expect(sealed.at(-1)!.seq).toBeGreaterThan(sealed[0]!.seq);
  });

  it('takes a new node id when the old one is unreadable', async () => {
    const first = newLog();
    await first.start();
    await writeFile(join(dir, 'node-id'), '{"nodeId":');
    const second = newLog();
    await second.start();
    expect(second.nodeId).not.toBe(first.nodeId);
  });

  it('refuses beyond its size and takes again once there is room', async () => {
    const log = newLog({ maxBytes: 3000 });
    await log.start();
    for (let i = 0; i < 2; i++) await append(log, 'x'.repeat(1500));
    expect(() => log.admit()).toThrowError(expect.objectContaining({ reason: 'overloaded', retryAfterSeconds: 5 }));
    log.space.shrink(1600);
    expect(() => log.admit()).not.toThrow();
  });

  it('refuses below the reserve of free disk space', async () => {
    const log = newLog({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    await log.start();
    expect(() => log.admit()).toThrowError(expect.objectContaining({ reason: 'overloaded' }));
  });

  it('refuses when the disk does, and recovers by itself', async () => {
    const log = newLog();
    await log.start();
    await append(log, 'before');
    await log.close();
    const broken = newLog();
    await broken.start();
    await rm(dir, { recursive: true });
    const refused = await Promise.allSettled([append(broken, 'a'), append(broken, 'b')]);
    expect(refused.map((r) => r.status === 'rejected' && r.reason.reason)).toEqual(['overloaded', 'overloaded']);
    expect(() => broken.admit()).toThrowError(/disk/);
    expect(broken.space.usedBytes).toBe(sealed[0]!.sizeBytes);
    await newLog().start();
    await append(broken, 'after');
  });
});

describe('reading a damaged segment', () => {
  async function segmentOf(texts: string[]): Promise<Buffer> {
    const log = newLog();
    await log.start();
    for (const text of texts) await append(log, text);
    await log.close();
    return readFile(sealed.at(-1)!.path);
  }

  it('loses at most one record for any flipped byte', async () => {
    const texts = ['alpha '.repeat(5), 'beta '.repeat(5), 'gamma '.repeat(5)];
    const bytes = await segmentOf(texts);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      const { records, damagedRegions } = scanSegment(flipped);
      const kept = records.map(textOf);
      expect(kept.length).toBe(at < 20 ? 3 : 2);
      expect(damagedRegions).toBe(at < 20 ? 0 : 1);
      expect(texts.filter((t) => kept.includes(t))).toEqual(kept);
    }
  });

  it('loses only the torn record at any length', async () => {
    const bytes = await segmentOf(['alpha', 'beta', 'gamma']);
    const ends: number[] = [];
    for (let length = 0; length <= bytes.length; length++) {
      const { records, damagedRegions } = scanSegment(bytes.subarray(0, length));
      if (damagedRegions === 0 && records.length === ends.length + 1) ends.push(length);
      expect(records.length).toBe(ends.length);
    }
    expect(ends).toHaveLength(3);
    expect(ends[2]).toBe(bytes.length);
  });

  it('never takes bytes of a client for a record', async () => {
    const inner = await segmentOf(['forged']);
    const outer = await segmentOf([inner.toString('latin1'), 'next']);
    const flipped = Buffer.from(outer);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    expect(textsOf(flipped)).toEqual(['next']);
  });
});
