import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { logRecord, plantSegments, segmentFile, spoilt } from '../testing/planted-segments.js';
import { ClickHouseSegmentStore } from './clickhouse-segment-store.js';
import { PoisonBox, type SetAside } from './poison.js';
import { RefusedError, SegmentInserter } from './segment-inserter.js';
import { InsertError } from './store-error.js';

let store: StoreHarness;
beforeAll(async () => {
  store = await StoreHarness.start();
});
afterAll(() => store.stop());

const other = randomUUID();

async function bodies(service: string): Promise<string[]> {
  const rows = await store.rows<{ body: string }>(`SELECT body FROM logs_v3 WHERE service_name = '${service}'`);
  return rows.map(({ body }) => body).sort();
}

async function settled(server: IngestServer): Promise<void> {
  await vi.waitFor(() => expect(server.snapshot()).toMatchObject({ segmentsWaiting: 0, logBytes: 0 }), {
    timeout: 15_000,
  });
}

const numbered = (text: string, count: number) => Array.from({ length: count }, (_, i) => `${text} ${i}`);

describe('rows that can’t be read', () => {
  it('are set aside alone, and hold back nobody else’s', async () => {
    const service = 'mixed';
    const good = Array.from({ length: 9 }, (_, i) => logRecord(store.tenantId, [`a${i}`, `b${i}`], service));
    const bad = [3, 7].map((i) => spoilt(logRecord(other, numbered(`lost ${i}`, 3), service), 'logs_v3'));
    const records = [...good.slice(0, 3), bad[0]!, ...good.slice(3, 6), bad[1]!, ...good.slice(6)];
    const setAside: SetAside[] = [];
    await plantSegments(join(store.dir, service), records);
    const server = await store.server(service, {
      options: { onSetAside: (entries) => void setAside.push(...entries) },
    });
    await settled(server);
    expect(await bodies(service)).toEqual(good.flatMap((_, i) => [`a${i}`, `b${i}`]).sort());
    expect(setAside).toMatchObject([
      { table: 'logs_v3', segment: '1', rows: 6, items: 6, attempts: 3, records: [3, 7] },
    ]);
    expect(setAside[0]!.token).toBe(`${server.nodeId}-1-logs_v3-rest`);
    expect(server.snapshot().segmentsPoisoned).toBe(1);
    // What the refused rows refer to is there: they are understood when they come.
    const resources = `resources_v3 WHERE tenant_id = '${other}' AND service_name = '${service}'`;
    expect(await store.count(resources)).toBeGreaterThan(0);

    // The bytes are still no rows: a replay is refused and keeps them.
    await expect(server.replay(setAside[0]!.token)).rejects.toBeInstanceOf(InsertError);
    expect(await readdir(join(store.dir, service, 'ingest', 'poison'))).toHaveLength(2);
    await server.stop();

    // The next start still knows them.
    const again: SetAside[] = [];
    await store.server(service, { options: { onSetAside: (entries) => void again.push(...entries) } });
    expect(again).toEqual(setAside);
  });

  it('decide once: a crash in the middle ends as no crash would', async () => {
    const service = 'crashed';
    const address = new ClickHouseSegmentStore(store.address);
    const file = segmentFile([
      logRecord(store.tenantId, ['first'], service),
      spoilt(logRecord(store.tenantId, ['spoilt'], service), 'logs_v3'),
      logRecord(store.tenantId, ['last'], service),
    ]);
    const order = { file, tokenPrefix: `${randomUUID()}-1`, attempt: 3, isLast: true };
    const dir = join(store.dir, service);
    for (let crash = 0; crash < 3; crash++) {
      const box = new PoisonBox(dir);
      await box.open();
      const { setAside } = await new SegmentInserter(address, box).insert(order);
      expect(setAside.map(({ records }) => records)).toEqual([[1]]);
    }
    expect(await bodies(service)).toEqual(['first', 'last']);
    await address.close();
  });
});

describe('a table that refuses what it can read', () => {
  it('keeps all of its rows under their token until it takes them, and no other table waits', async () => {
    const service = 'constrained';
    const records = [logRecord(store.tenantId, ['one', 'forbidden'], service), logRecord(other, ['two'], service)];
    await plantSegments(join(store.dir, service), records, [logRecord(other, ['next segment'], service)]);
    await store.exec(`ALTER TABLE logs_v3 ADD CONSTRAINT no_forbidden CHECK body != 'forbidden'`);
    try {
      const setAside: SetAside[] = [];
      const server = await store.server(service, {
        options: { onSetAside: (entries) => void setAside.push(...entries) },
      });
      await settled(server);
      expect(setAside).toMatchObject([
        { table: 'logs_v3', records: 'all', rows: 3, token: `${server.nodeId}-1-logs_v3` },
      ]);
      expect(await bodies(service)).toEqual(['next segment']);

      await store.exec('ALTER TABLE logs_v3 DROP CONSTRAINT no_forbidden');
      expect(await server.replay(setAside[0]!.token)).toBe(true);
      expect(await bodies(service)).toEqual(['forbidden', 'next segment', 'one', 'two']);
      // It is gone, and so it stays.
      expect(await server.replay(setAside[0]!.token)).toBe(false);
      expect(server.snapshot().segmentsPoisoned).toBe(0);
    } finally {
      await store.exec('ALTER TABLE logs_v3 DROP CONSTRAINT IF EXISTS no_forbidden');
    }
  });

  it('is tried again before anything is set aside', async () => {
    const address = new ClickHouseSegmentStore(store.address);
    const box = new PoisonBox(join(store.dir, 'patient'));
    const file = segmentFile([spoilt(logRecord(store.tenantId, ['x'], 'patient'), 'logs_v3')]);
    const order = { file, tokenPrefix: `${randomUUID()}-1`, attempt: 1, isLast: false };
    await expect(new SegmentInserter(address, box).insert(order)).rejects.toBeInstanceOf(RefusedError);
    expect(box.count).toBe(0);
    await address.close();
  });
});
