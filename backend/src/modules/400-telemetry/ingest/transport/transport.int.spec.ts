import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type TestProcess } from '../../../../bootstrap/testing/processes.js';
import { ClickHouseSegmentStore } from '../drain/clickhouse-segment-store.js';
import { InsertError } from '../drain/store-error.js';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { logRequest } from '../testing/payloads.js';
import { logRecord, segmentFile, spoilt } from '../testing/planted-segments.js';
import { GOOD_KEY, quiet } from '../testing/test-server.js';
import { RedisSegments } from './redis-segments.js';
import type { SegmentReference } from './segment-queue.js';
import { LostSegmentError, SegmentReceiver } from './segment-receiver.js';

const NODE = '00000000-0000-4000-8000-000000000000';
const TOTAL = 'telemetry:segments:bytes';

let redis: TestProcess;
let client: Redis;
let store: StoreHarness;
let segments: RedisSegments;
let receiver: SegmentReceiver;
let jobs: SegmentReference[];
let announced: string[];
let ingested = 0;

beforeAll(async () => {
  [redis, store] = await Promise.all([startRedis('--appendonly', 'yes'), StoreHarness.start()]);
  client = new Redis(redis.url);
});
afterAll(async () => {
  await client.quit();
  await Promise.all([redis.stop(), store.stop()]);
});

beforeEach(async () => {
  await client.flushall();
  jobs = [];
  announced = [];
  await connect(1 << 20);
});
afterEach(async () => {
  await receiver.close();
  segments.close();
});

async function connect(maxBytes: number, maxSegments = 32): Promise<void> {
  segments = new RedisSegments(redis.url, maxBytes, quiet, maxSegments);
  receiver = new SegmentReceiver({
    store: new ClickHouseSegmentStore(store.address),
    bytes: segments,
    quarantine: segments,
    lanes: 1,
    logger: quiet,
    onIngested: (rows) => void (ingested += rows.reduce((sum, { rows: n }) => sum + n, 0)),
    onSetAside: async (entries) => void announced.push(...entries.map(({ token }) => token)),
  });
  await vi.waitFor(() => segments.bytesUnderWay(), { timeout: 10_000 });
}

/** An ingest server whose segments go to `jobs`. */
function sender(name: string): Promise<IngestServer> {
  const addJob = async (reference: SegmentReference) => {
    if (!jobs.some(({ tokenPrefix }) => tokenPrefix === reference.tokenPrefix)) jobs.push(reference);
  };
  return store.server(name, {
    settings: { INGEST_SEGMENT_AGE_MS: 10 },
    options: { queue: { bytes: segments, addJob } },
  });
}

async function send(server: IngestServer, service: string, bodies: readonly string[]): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.ports.http}/v1/logs`, {
    method: 'POST',
    body: JSON.stringify(logRequest(bodies, service)),
    headers: { ...GOOD_KEY, 'content-type': 'application/json' },
  });
  await response.arrayBuffer();
  return response.status;
}

async function work(): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await receiver.receive(job, 1, false);
}

const rows = (service: string) => store.count(`logs_v3 WHERE service_name = '${service}'`);
const nothingWaits = (server: IngestServer) =>
  vi.waitFor(() => expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, logBytes: 0 }), { timeout: 15_000 });

describe('segments in Redis', () => {
  it('leave the log when Redis has them, and Redis when they are inserted', async () => {
    const server = await sender('straight');
    expect(await send(server, 'straight', ['a', 'b'])).toBe(200);
    await nothingWaits(server);
    expect(await rows('straight')).toBe(0);
    const [{ tokenPrefix, sizeBytes }] = jobs as [SegmentReference];
    expect(await client.strlen(`telemetry:segments:${tokenPrefix}`)).toBe(sizeBytes);
    expect(await client.get(TOTAL)).toBe(String(sizeBytes));
    const before = ingested;
    await work();
    expect(ingested - before).toBe(2);
    expect(await rows('straight')).toBe(2);
    expect(await client.get(TOTAL)).toBe('0');
    expect(await client.strlen(`telemetry:segments:${tokenPrefix}`)).toBe(0);
    expect(server.snapshot()).toMatchObject({ segmentsInserted: 0, segmentsSent: 1 });
  });

  it('are inserted once, whatever is repeated: sending, working, both after the end', async () => {
    const file = segmentFile([logRecord(store.tenantId, ['once'], 'repeated')]);
    const tokenPrefix = `${NODE}-1`;
    const job = { tokenPrefix, nodeId: NODE, segment: '1', sizeBytes: file.length, firstRecordAtMs: 0 };
    expect(await segments.put(tokenPrefix, file)).toBe('stored');
    expect(await segments.put(tokenPrefix, file)).toBe('stored');
    expect(await client.get(TOTAL)).toBe(String(file.length));
    await Promise.all([receiver.receive(job, 1, false), receiver.receive(job, 1, false)]);
    await receiver.receive(job, 1, false);
    expect(await segments.put(tokenPrefix, file)).toBe('inserted');
    // The memory of it ends; the store still knows the tokens.
    await client.del(`telemetry:segments:${tokenPrefix}`);
    expect(await segments.put(tokenPrefix, file)).toBe('stored');
    await receiver.receive(job, 1, false);
    expect(await rows('repeated')).toBe(1);
    expect(await client.get(TOTAL)).toBe('0');
  });

  it('wait in the log beyond the limit, while clients are still acknowledged', async () => {
    segments.close();
    await connect(4_000);
    const server = await sender('full');
    const body = 'x'.repeat(1_000);
    for (let i = 0; i < 12; i++) {
      expect(await send(server, 'full', [body])).toBe(200);
      // Each request a segment of its own while they leave.
      await vi.waitFor(() => expect(server.snapshot().segmentsWaiting + jobs.length).toBeGreaterThan(0), {
        timeout: 10_000,
      });
    }
    await vi.waitFor(async () => expect(server.snapshot().segmentsWaiting).toBeGreaterThan(0), { timeout: 10_000 });
    expect(Number(await client.get(TOTAL))).toBeLessThanOrEqual(4_000);
    expect(server.snapshot().logBytes).toBeGreaterThan(0);
    await vi.waitFor(
      async () => {
        await work();
        expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, logBytes: 0 });
      },
      { timeout: 20_000, interval: 50 },
    );
    await work();
    await vi.waitFor(async () => expect(await rows('full')).toBe(12), { timeout: 10_000 });
  }, 40_000);

  it('grow instead of becoming many while the workers are behind', async () => {
    segments.close();
    await connect(1 << 20, 4);
    const server = await sender('behind');
    for (let i = 0; i < 60; i++) {
      expect(await send(server, 'behind', [`${i}`])).toBe(200);
      await vi.waitFor(() => expect(jobs.length === 4 || server.snapshot().segmentsWaiting === 0).toBe(true), {
        timeout: 10_000,
      });
    }
    // Each was a segment of its own until as many waited as may.
    await vi.waitFor(() => expect(jobs).toHaveLength(4), { timeout: 10_000 });
    let worked = 0;
    await vi.waitFor(
      async () => {
        worked += jobs.length;
        await work();
        expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, logBytes: 0 });
      },
      { timeout: 20_000, interval: 50 },
    );
    worked += jobs.length;
    await work();
    expect(worked).toBeLessThan(12);
    expect(await rows('behind')).toBe(60);
  }, 40_000);

  it('wait in the log while Redis has no memory, and go when it has', async () => {
    const server = await sender('oom');
    await client.config('SET', 'maxmemory', '1mb');
    try {
      expect(await send(server, 'oom', ['kept'])).toBe(200);
      await vi.waitFor(() => expect(server.snapshot().segmentsWaiting).toBe(1), { timeout: 10_000 });
      expect(jobs).toEqual([]);
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
    await nothingWaits(server);
    await work();
    expect(await rows('oom')).toBe(1);
  });

  it('are not given to a Redis that throws keys away', async () => {
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      await expect(segments.put(`${NODE}-9`, Buffer.from('x'))).rejects.toThrow(
        /maxmemory-policy allkeys-lru.*noeviction/,
      );
    } finally {
      await client.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  it('wait in the log while Redis is away', async () => {
    const server = await sender('away');
    expect(await send(server, 'away', ['before'])).toBe(200);
    await nothingWaits(server);
    const crashed = redis.crash();
    expect(await send(server, 'away', ['meanwhile'])).toBe(200);
    await crashed;
    await nothingWaits(server);
    await vi.waitFor(() => segments.bytesUnderWay(), { timeout: 10_000 });
    await work();
    expect(await rows('away')).toBe(2);
  });

  it('that are too large for Redis are inserted by their own node', async () => {
    segments.close();
    await connect(500);
    const server = await sender('large');
    expect(await send(server, 'large', ['x'.repeat(2_000)])).toBe(200);
    await nothingWaits(server);
    expect(jobs).toEqual([]);
    expect(await rows('large')).toBe(1);
  });

  it('that are gone are missed, not forgotten', async () => {
    const job = { tokenPrefix: `${NODE}-77`, nodeId: NODE, segment: '77', sizeBytes: 1, firstRecordAtMs: 0 };
    await expect(receiver.receive(job, 1, false)).rejects.toBeInstanceOf(LostSegmentError);
  });

  it('give their neighbours to the store when some rows can’t be read, and keep those', async () => {
    const bad = spoilt(logRecord(store.tenantId, ['bad'], 'spoilt'), 'logs_v3');
    const file = segmentFile([logRecord(store.tenantId, ['good'], 'spoilt'), bad]);
    const tokenPrefix = `${NODE}-55`;
    await segments.put(tokenPrefix, file);
    const job = { tokenPrefix, nodeId: NODE, segment: '55', sizeBytes: file.length, firstRecordAtMs: 0 };
    await expect(receiver.receive(job, 1, false)).rejects.toThrow('logs_v3');
    expect(await client.get(TOTAL)).toBe(String(file.length));
    await receiver.receive(job, 3, true);
    expect(await rows('spoilt')).toBe(1);
    expect(announced).toEqual([`${tokenPrefix}-logs_v3-rest`]);
    // What is kept aside is not under way: it holds back no other segment.
    expect(await client.get(TOTAL)).toBe('0');
    expect(await segments.find(announced[0]!)).toMatchObject({ entry: { table: 'logs_v3', rows: 1, records: [1] } });
    await expect(receiver.replay(announced[0]!)).rejects.toBeInstanceOf(InsertError);
    await segments.drop(announced[0]!);
    expect(await receiver.replay(announced[0]!)).toBe(false);
    expect(await client.keys('telemetry:segments:aside*')).toEqual([]);
  });
});
