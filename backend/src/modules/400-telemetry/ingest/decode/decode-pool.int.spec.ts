import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TABLES, type Signal, type TableName } from '@telemetryflow/otlp';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { request, span, text } from '../../../../../../packages/otlp/src/testing/requests.js';
import { readRows } from '../../../../../../packages/otlp/src/testing/rowbinary-reader.js';
import { Deadlines } from '../deadlines.js';
import { IngestStats } from '../ingest-stats.js';
import { Ingest } from '../ingest.js';
import { MemoryBudget } from '../memory-budget.js';
import { scanSegment } from '../segment-log/record.js';
import { SegmentSequence } from '../segment-log/sequence.js';
import { SegmentLog, type SealedSegment } from '../segment-log/segment-log.js';
import { quiet } from '../testing/test-server.js';
import { BodyDecoder } from './body-decoder.js';
import { DecodePool } from './decode-pool.js';

const SEED = 20260412;
const DAY_MS = 86_400_000;
const ids = { organizationId: randomUUID(), workspaceId: randomUUID(), tenantId: randomUUID(), apiKeyId: null };
const principal = { ...ids, permissions: new Set(['traces:write', 'metrics:write', 'logs:write']) };
const TABLE_OF = new Map(Object.entries(TABLES).map(([name, { id }]) => [id, name as TableName]));

interface Setting {
  readonly threads?: number;
  readonly segmentBytes?: number;
  readonly segmentAgeMs?: number;
  readonly jobTimeoutMs?: number;
}

/** Ingest over a log of its own, without a store behind. */
class Bench {
  readonly sealed: SealedSegment[] = [];
  readonly budget = new MemoryBudget(1 << 28);
  readonly pool: DecodePool;
  readonly log: SegmentLog;
  readonly ingest: Ingest;

  constructor(dir: string, { threads = 2, segmentBytes = 1 << 24, segmentAgeMs = 60_000, ...pool }: Setting = {}) {
    const limits = { maxBytes: 64 << 20, maxPastMs: 10_000 * DAY_MS, maxFutureMs: 10_000 * DAY_MS };
    const decoder = new BodyDecoder(limits);
    this.log = new SegmentLog({
      dir: join(dir, randomUUID()),
      segmentBytes,
      segmentAgeMs,
      maxBytes: 1 << 30,
      minFreeBytes: 0,
      logger: quiet,
      onBegin: () => decoder.identities.clear(),
      onSealed: (segment) => this.sealed.push(segment),
      maySeal: () => true,
    });
    const { log } = this;
    this.pool = new DecodePool({ threads, limits, log, deadlines: new Deadlines(), logger: quiet, ...pool });
    this.ingest = new Ingest({ log, decoder, pool: this.pool, stats: new IngestStats(), logger: quiet });
  }

  async start(): Promise<this> {
    await this.log.start();
    this.pool.start();
    return this;
  }

  async send(signal: Signal, body: Uint8Array, coding: 'gzip' | 'identity' = 'identity', encoding = 'protobuf') {
    const lease = this.budget.lease();
    try {
      const receivedAtMs = Date.now();
      return await this.ingest.ingest({
        signal,
        encoding: encoding === 'json' ? 'json' : 'protobuf',
        coding,
        body: Buffer.from(coding === 'gzip' ? gzipSync(body) : body),
        principal,
        receivedAtMs,
        lease,
      });
    } finally {
      lease.release();
    }
  }

  async stop(): Promise<void> {
    await this.pool.close();
    await this.log.close();
  }
}

let dir: string;
const benches: Bench[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'decode-pool-'));
});
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
  await rm(dir, { recursive: true, force: true });
});

async function newBench(setting?: Setting): Promise<Bench> {
  const bench = new Bench(dir, setting);
  benches.push(bench);
  return bench.start();
}

interface Export {
  readonly signal: 'traces' | 'metrics';
  readonly service: number;
  /** Items below this are decoded at once, larger bodies on a thread. */
  readonly items: number;
  readonly gzip: boolean;
}

/** An export whose items all carry `marker`. */
function bodyOf({ signal, service, items }: Export, marker: string): Uint8Array {
  const resource = { attributes: [text('service.name', `service-${service}`)] };
  const scope = { name: `scope-${service}` };
  const padding = text('padding', 'x'.repeat(900));
  const time = `${BigInt(Date.now()) * 1_000_000n}`;
  const all = Array.from({ length: items }, (_, i) =>
    signal === 'traces'
      ? span({ name: marker, attributes: [padding] })
      : {
          name: `metric-${service}`,
          gauge: { dataPoints: [{ timeUnixNano: time, asDouble: i, attributes: [padding, text('marker', marker)] }] },
        },
  );
  return request(signal, all, resource, scope);
}

/** Where a marker is: segment, and record within it. */
type Places = Map<string, { readonly segment: number; readonly record: number }[]>;

/**
 * Reads a segment from its start and demands that whatever a row refers to was written before it or with it. Notes where
 * the markers are.
 */
async function checkSegment({ path, seq }: SealedSegment, places: Places): Promise<void> {
  const known = { resource_id: new Set(), scope_id: new Set(), series_id: new Set() };
  const { records, damagedRegions } = scanSegment(await readFile(path));
  expect(damagedRegions).toBe(0);
  for (const [index, record] of records.entries()) {
    const tables = record.blocks.map(({ tableId, rows, bytes }) => {
      const table = TABLE_OF.get(tableId)!;
      return { table, rows: readRows({ table, rows, bytes }) };
    });
    for (const { table, rows } of tables) {
      for (const row of rows) {
        if (table === 'resources_v3') known.resource_id.add(row['resource_id']);
        if (table === 'scopes_v3') known.scope_id.add(row['scope_id']);
        if (table === 'series_v3') known.series_id.add(row['series_id']);
      }
    }
    for (const { table, rows } of tables) {
      for (const row of rows) {
        for (const id of Object.keys(known) as (keyof typeof known)[]) {
          if (id in row)
            expect(known[id].has(row[id]), `${id} of ${table}, record ${index} of segment ${seq}`).toBe(true);
        }
        const marker = table === 'spans_v3' ? row['name'] : table === 'series_v3' ? markerOf(row) : undefined;
        if (typeof marker === 'string') note(places, marker, { segment: seq, record: index });
      }
    }
  }
}

function markerOf(row: Record<string, unknown>): unknown {
  return new Map(row['attributes'] as [string, unknown][]).get('marker');
}

function note(places: Places, marker: string, place: { segment: number; record: number }): void {
  const found = places.get(marker);
  const last = found?.at(-1);
  if (found === undefined) places.set(marker, [place]);
  else if (last?.segment !== place.segment || last.record !== place.record) found.push(place);
}

describe('segments that are sealed while bodies are decoded on threads', () => {
  const anExport: fc.Arbitrary<Export> = fc.record({
    signal: fc.constantFrom('traces', 'metrics'),
    service: fc.integer({ min: 0, max: 3 }),
    items: fc.constantFrom(1, 3, 80, 300),
    gzip: fc.boolean(),
  });
  const scenario = fc.record({
    threads: fc.integer({ min: 1, max: 3 }),
    segmentBytes: fc.constantFrom(1, 30_000, 200_000),
    segmentAgeMs: fc.constantFrom(10, 60_000),
    clients: fc.array(fc.array(anExport, { minLength: 5, maxLength: 15 }), { minLength: 2, maxLength: 6 }),
  });

  it('hold everything that was acknowledged, once, in order, and never a row without its identities', async () => {
    const check = fc.asyncProperty(scenario, async ({ clients, ...setting }) => {
      const bench = await newBench(setting);
      const sent = clients.map((exports, client) => exports.map((one, i) => ({ ...one, marker: `m-${client}-${i}-` })));
      await Promise.all(
        sent.map(async (exports) => {
          for (const one of exports) {
            const outcome = await bench.send(one.signal, bodyOf(one, one.marker), one.gzip ? 'gzip' : 'identity');
            expect(outcome.rejected).toBe(0);
          }
        }),
      );
      await bench.stop();
      const places: Places = new Map();
      for (const segment of bench.sealed) await checkSegment(segment, places);
      const seqs = bench.sealed.map(({ seq }) => seq);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
      for (const exports of sent) {
        let before = { segment: 0, record: -1 };
        for (const { marker } of exports) {
          const found = places.get(marker) ?? [];
          expect(found, marker).toHaveLength(1);
          const [place] = found;
          const isLater =
            place!.segment > before.segment || (place!.segment === before.segment && place!.record > before.record);
          expect(isLater, `${marker} comes after its predecessor`).toBe(true);
          before = place!;
        }
      }
      expect(bench.budget.usedBytes).toBe(0);
    });
    await fc.assert(check, { seed: SEED, numRuns: 10 });
  }, 60_000);
});

const big: Export = { signal: 'traces', service: 1, items: 80, gzip: false };

describe('a decode thread', () => {
  it('tells what is wrong with a body as the main thread would', async () => {
    const bench = await newBench({ threads: 1 });
    const body = bodyOf(big, 'm');
    await expect(bench.send('traces', body.subarray(0, -1))).rejects.toMatchObject({
      reason: 'bad_data',
      message: expect.stringContaining('truncated'),
    });
    await expect(bench.send('traces', Buffer.alloc((64 << 20) + 1))).rejects.toMatchObject({ reason: 'too_large' });
    expect(bench.budget.usedBytes).toBe(0);
    await bench.stop();
    expect(bench.sealed).toEqual([]);
  });

  it('that takes too long fails its requests with a time to retry, and is replaced', async () => {
    const bench = await newBench({ threads: 1, jobTimeoutMs: 1 });
    // These are fast, but may be caught by the clock all the same.
    const store = (marker: string) => vi.waitFor(() => bench.send('traces', bodyOf(big, marker)), { timeout: 10_000 });
    await store('before');
    const slow = Buffer.alloc(60 << 20);
    const sent = Array.from({ length: 6 }, () => bench.send('traces', slow, 'gzip'));
    const outcomes = await Promise.allSettled(sent);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toContainEqual(expect.objectContaining({ reason: 'overloaded', retryAfterSeconds: 1 }));
    expect(bench.pool.crashes).toBeGreaterThan(0);
    await store('after');
    await bench.stop();
    const places: Places = new Map();
    for (const segment of bench.sealed) await checkSegment(segment, places);
    expect([...places.keys()].sort()).toEqual(['after', 'before']);
  }, 30_000);

  it('serves tenants by turns: nobody waits behind all that another one sent', async () => {
    const bench = await newBench({ threads: 1 });
    const order: string[] = [];
    const store = async (tenant: number, marker: string) => {
      const { durable } = await bench.pool.store({
        signal: 'traces',
        encoding: 'protobuf',
        coding: 'identity',
        body: Buffer.from(bodyOf(big, marker)),
        tenantId: new Uint8Array(16).fill(tenant),
        receivedAtMs: Date.now(),
      });
      order.push(marker);
      await durable;
    };
    await Promise.all([...Array.from({ length: 20 }, (_, i) => store(1, `many-${i}`)), store(2, 'one')]);
    expect(order.indexOf('one')).toBeLessThan(5);
  });

  it('is not waited for when the server stops: what it has is refused, what is stored stays', async () => {
    const bench = await newBench({ threads: 1 });
    await bench.send('traces', bodyOf(big, 'stored'));
    const late = Array.from({ length: 5 }, (_, i) =>
      bench.send('traces', bodyOf({ ...big, items: 2000 }, `late-${i}`)),
    );
    const settled = Promise.allSettled(late);
    await bench.stop();
    const places: Places = new Map();
    for (const segment of bench.sealed) await checkSegment(segment, places);
    const outcomes = await settled;
    for (const [i, { status }] of outcomes.entries()) expect(places.has(`late-${i}`)).toBe(status === 'fulfilled');
    expect(places.has('stored')).toBe(true);
    expect(bench.budget.usedBytes).toBe(0);
  });
});

describe('a segment that the disk refuses', () => {
  it('takes nothing that was decoded for it, and the next one repeats what it needs', async () => {
    const bench = await newBench({ threads: 1 });
    await bench.send('traces', bodyOf(big, 'first'));
    const held = bench.log.hold();
    const full = vi.spyOn(SegmentSequence.prototype, 'reserved').mockRejectedValueOnce(new Error('ENOSPC'));
    await expect(bench.send('traces', bodyOf({ ...big, service: 2 }, 'lost'))).rejects.toMatchObject({
      reason: 'overloaded',
    });
    full.mockRestore();
    let isFree = false;
    const refused = held.append(new Uint8Array(100), () => (isFree = true));
    await expect(refused).rejects.toMatchObject({ reason: 'overloaded' });
    expect(isFree).toBe(true);
    await vi.waitFor(() => bench.send('traces', bodyOf({ ...big, service: 2 }, 'second')), { timeout: 5_000 });
    await bench.stop();
    const places: Places = new Map();
    for (const segment of bench.sealed) await checkSegment(segment, places);
    expect([...places.keys()].sort()).toEqual(['first', 'second']);
  }, 20_000);
});
