import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TABLES, uuidToRowBinary } from '@telemetryflow/otlp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SegmentLog } from './segment-log/segment-log.js';
import { IngestProcess } from './testing/child-process.js';
import { StoreHarness } from './testing/ingest-harness.js';
import { logRequest, spanProtobuf } from './testing/payloads.js';
import { GOOD_KEY, quiet } from './testing/test-server.js';

let store: StoreHarness;
beforeAll(async () => {
  store = await StoreHarness.start();
});
afterAll(() => store.stop());

const PROTOBUF = 'application/x-protobuf';
const SPANS_PER_REQUEST = 5;
const CLIENTS = 6;

/** Sends spans, each request once, and remembers the ids of those that were acknowledged. */
class Load {
  readonly acknowledged: string[] = [];
  sent = 0;
  #running = true;
  readonly #loops: Promise<void>[];

  constructor(
    readonly service: string,
    private readonly port: () => number,
  ) {
    this.#loops = Array.from({ length: CLIENTS }, () => this.#loop());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    while (this.#running) {
      const traceId = randomBytes(16).toString('hex');
      const spanIds = Array.from({ length: SPANS_PER_REQUEST }, () => randomBytes(8).toString('hex'));
      const service = `${this.service}-${this.sent++ % 50}`;
      const body = Buffer.concat(spanIds.map((spanId) => spanProtobuf(traceId, spanId, service)));
      try {
        const headers = { ...GOOD_KEY, 'content-type': PROTOBUF };
        const response = await fetch(`http://127.0.0.1:${this.port()}/v1/traces`, { method: 'POST', body, headers });
        await response.arrayBuffer();
        if (response.status === 200) this.acknowledged.push(...spanIds);
      } catch {
        await delay(5); // the server is away: nothing was acknowledged
      }
    }
  }
}

/** Every acknowledged span once, nothing twice, views included, and every row's resource is known. */
async function expectExactlyOnce(load: Load): Promise<void> {
  const own = `service_name LIKE '${load.service}-%'`;
  const stored = await store.rows<{ id: string }>(`SELECT lower(hex(span_id)) AS id FROM spans_v3 WHERE ${own}`);
  const ids = new Set(stored.map(({ id }) => id));
  expect(stored.length).toBe(ids.size);
  expect(load.acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  const [traces] = await store.rows<{ spans: string }>(
    `SELECT sum(span_count) AS spans FROM traces_v3 WHERE arrayExists(s -> s LIKE '${load.service}-%', services)`,
  );
  expect(Number(traces?.spans)).toBe(stored.length);
  const [services] = await store.rows<{ spans: string }>(
    `SELECT sum(records) AS spans FROM services_v3 WHERE signal = 'spans' AND ${own}`,
  );
  expect(Number(services?.spans)).toBe(stored.length);
  expect(await store.count(`spans_v3 WHERE ${own} AND resource_id NOT IN (SELECT resource_id FROM resources_v3)`)).toBe(
    0,
  );
}

describe('kill -9', () => {
  it('of the server at any moment loses nothing and doubles nothing', async () => {
    const start = () =>
      IngestProcess.start({
        dataDir: join(store.dir, 'killed'),
        clickhouse: store.address,
        tenantId: store.tenantId,
        settings: { INGEST_SEGMENT_AGE_MS: 30, INGEST_SEGMENT_BYTES: 64 * 1024 },
      });
    let server = await start();
    const load = new Load('killed', () => server.port);
    for (let round = 0; round < 8; round++) {
      const before = load.acknowledged.length;
      await vi.waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(before + 50), {
        timeout: 10_000,
        interval: 1,
      });
      await delay(Math.random() * 100);
      await server.kill();
      server = await start();
    }
    await load.stop();
    await vi.waitFor(() => expect(server.waiting).toBe(0), { timeout: 15_000 });
    await vi.waitFor(
      async () => {
        const left = (await readdir(join(store.dir, 'killed', 'ingest'))).filter((name) => name.endsWith('.seg'));
        expect(left).toEqual([]);
      },
      { timeout: 10_000 },
    );
    expect(load.acknowledged.length).toBeGreaterThan(400);
    await expectExactlyOnce(load);
    await server.kill();
  }, 60_000);

  it('of the store at any moment loses nothing, doubles nothing and refuses nothing', async () => {
    const server = await store.server('store-killed', { settings: { INGEST_SEGMENT_AGE_MS: 30 } });
    const load = new Load('store-killed', () => server.ports.http);
    for (let round = 0; round < 3; round++) {
      const inserted = server.snapshot().segmentsInserted;
      await vi.waitFor(() => expect(server.snapshot().segmentsInserted).toBeGreaterThan(inserted + 1), {
        timeout: 20_000,
      });
      await delay(Math.random() * 100);
      process.kill(store.engine.pid!, 'SIGKILL');
    }
    await load.stop();
    expect(load.acknowledged.length).toBe(load.sent * SPANS_PER_REQUEST);
    await vi.waitFor(() => expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, oldestPendingMs: 0 }), {
      timeout: 20_000,
    });
    await expectExactlyOnce(load);
    expect(server.snapshot().segmentsPoisoned).toBe(0);
  }, 60_000);
});

it('shares commits and inserts among small requests while the store is behind', async () => {
  let open = () => {};
  const storeReady = new Promise<void>((resolve) => (open = resolve));
  const server = await store.server('behind', { settings: { INGEST_SEGMENT_AGE_MS: 10 }, options: { storeReady } });
  const load = new Load('behind', () => server.ports.http);
  await vi.waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(2000), { timeout: 20_000 });
  await load.stop();
  // One takes the lane, few may be sealed while it is being closed; the rest went into the one that grows.
  expect(server.snapshot().segmentsWaiting).toBeLessThanOrEqual(3);
  open();
  await vi.waitFor(() => expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, oldestPendingMs: 0 }), {
    timeout: 10_000,
  });
  expect(server.snapshot().segmentsInserted).toBeLessThan(10);
  await expectExactlyOnce(load);
});

describe('a segment of an earlier run', () => {
  const tenantId = () => uuidToRowBinary(store.tenantId);

  /** A log with three segments, of which `middle` is the second one's only block. */
  async function leaveSegments(dataDir: string, middle: Buffer): Promise<void> {
    const log = new SegmentLog({
      dir: join(store.dir, dataDir, 'ingest'),
      segmentBytes: 1,
      segmentAgeMs: 60_000,
      maxBytes: 1 << 30,
      minFreeBytes: 0,
      logger: quiet,
      onBegin: () => {},
      onSealed: () => {},
      maySeal: () => true,
    });
    await log.start();
    const lastSeen = Buffer.alloc(4);
    lastSeen.writeUInt32LE(Math.floor(Date.now() / 1000));
    const scope = (name: string) =>
      Buffer.concat([
        tenantId(),
        randomBytes(8),
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.alloc(8),
        lastSeen,
      ]);
    for (const bytes of [scope(`${dataDir}-first`), middle, scope(`${dataDir}-last`)]) {
      log.prepare();
      const block = { tableId: TABLES.scopes_v3.id, rows: 1, bytes };
      await log.append({ tenantId: tenantId(), signal: 'traces', items: 1, services: [], blocks: [block] });
    }
    await log.close();
  }
  const scopes = (dataDir: string) => store.count(`scopes_v3 WHERE startsWith(name, '${dataDir}-')`);

  it('that the store refuses for good is set aside with its reason and blocks nothing', async () => {
    await leaveSegments('poisoned', Buffer.from('no row'));
    const server = await store.server('poisoned');
    await vi.waitFor(
      () => expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, segmentsPoisoned: 1, logBytes: 0 }),
      {
        timeout: 10_000,
      },
    );
    expect(await scopes('poisoned')).toBe(2);
    const dir = join(store.dir, 'poisoned', 'ingest', 'poison');
    const [json, segment] = (await readdir(dir)).sort();
    expect(segment).toMatch(/\.seg$/);
    expect(JSON.parse(await readFile(join(dir, json!), 'utf8'))).toMatchObject({ table: 'scopes_v3', attempts: 3 });
  });

  it('that was damaged on the disk loses the damaged record alone, and that is counted', async () => {
    await leaveSegments('damaged', Buffer.alloc(50));
    const dir = join(store.dir, 'damaged', 'ingest');
    const [, name] = (await readdir(dir)).filter((file) => file.endsWith('.seg')).sort();
    const bytes = await readFile(join(dir, name!));
    bytes[bytes.length - 10] = 1;
    await writeFile(join(dir, name!), bytes);
    const server = await store.server('damaged');
    await vi.waitFor(
      () => expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, damagedRegions: 1, segmentsPoisoned: 0 }),
      { timeout: 10_000 },
    );
    expect(await scopes('damaged')).toBe(2);
  });
});

// How soon is a figure of `npm run bench ingest`.
it('makes what it acknowledged visible, also when nothing follows', async () => {
  const server = await store.server('prompt', { settings: { INGEST_SEGMENT_AGE_MS: 150 } });
  for (let i = 0; i < 5; i++) {
    const marker = `prompt ${randomBytes(8).toString('hex')}`;
    const body = JSON.stringify(logRequest([marker]));
    const headers = { ...GOOD_KEY, 'content-type': 'application/json' };
    await fetch(`http://127.0.0.1:${server.ports.http}/v1/logs`, { method: 'POST', body, headers });
    await vi.waitFor(async () => expect(await store.count(`logs_v3 WHERE body = '${marker}'`)).toBe(1), {
      timeout: 10_000,
      interval: 10,
    });
  }
});
