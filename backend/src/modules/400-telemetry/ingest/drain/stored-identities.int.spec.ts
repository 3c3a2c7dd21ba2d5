import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SegmentIdentities, TABLES, Transcoder, uuidToRowBinary, type TableName } from '@telemetryflow/otlp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreHarness } from '../testing/ingest-harness.js';
import { logRecord, segmentFile, spoilt } from '../testing/planted-segments.js';
import { ClickHouseSegmentStore, type SegmentStore } from './clickhouse-segment-store.js';
import { PoisonBox } from './poison.js';
import { SegmentInserter } from './segment-inserter.js';
import { StoredIdentities } from './stored-identities.js';

let store: StoreHarness;
let address: ClickHouseSegmentStore;
beforeAll(async () => {
  store = await StoreHarness.start();
  address = new ClickHouseSegmentStore(store.address);
});
afterAll(async () => {
  await address.close();
  await store.stop();
});

/** The real store, with the tables that it was given. */
function watched(): SegmentStore & { readonly tables: TableName[] } {
  const tables: TableName[] = [];
  return {
    tables,
    insert: async (table, rows, token) => {
      await address.insert(table, rows, token);
      tables.push(table);
    },
    reads: (table, rows, count) => address.reads(table, rows, count),
    close: () => Promise.resolve(),
  };
}

const number = (table: string, service: string) =>
  store.count(`${table} WHERE service_name = '${service}' AND tenant_id = '${store.tenantId}'`);

function inserterOf(to: SegmentStore, clock: { ms: number }, box = new PoisonBox(join(store.dir, randomUUID()))) {
  return new SegmentInserter(to, box, new StoredIdentities(() => clock.ms));
}
const orderOf = (file: Buffer, isLast = false) => ({ file, tokenPrefix: `${randomUUID()}-1`, attempt: 1, isLast });

describe('identities that the store has', () => {
  it('are not brought again for a minute, and then are', async () => {
    const [to, clock] = [watched(), { ms: 0 }];
    const inserter = inserterOf(to, clock);
    const send = (...bodies: string[]) =>
      inserter.insert(orderOf(segmentFile([logRecord(store.tenantId, bodies, 'steady')])));
    await send('one');
    expect(to.tables).toEqual(['resources_v3', 'scopes_v3', 'logs_v3']);
    clock.ms = 59_999;
    await send('two', 'three');
    expect(to.tables.splice(0)).toEqual(['resources_v3', 'scopes_v3', 'logs_v3', 'logs_v3']);
    clock.ms = 60_000;
    await send('four');
    expect(to.tables).toEqual(['resources_v3', 'scopes_v3', 'logs_v3']);
    expect(await number('logs_v3', 'steady')).toBe(4);
  });

  it('are those of their tenant: another’s are brought', async () => {
    const to = watched();
    const inserter = inserterOf(to, { ms: 0 });
    await inserter.insert(orderOf(segmentFile([logRecord(store.tenantId, ['mine'], 'shared')])));
    to.tables.length = 0;
    await inserter.insert(orderOf(segmentFile([logRecord(randomUUID(), ['theirs'], 'shared')])));
    expect(to.tables).toContain('resources_v3');
    to.tables.length = 0;
    // One that is new among known ones: all of the segment's are brought.
    const mixed = [logRecord(store.tenantId, ['mine'], 'shared'), logRecord(store.tenantId, ['new'], 'newcomer')];
    await inserter.insert(orderOf(segmentFile(mixed)));
    expect(to.tables).toContain('resources_v3');
    expect(await number('resources_v3', 'newcomer')).toBe(1);
  });

  it('are not believed to be there when their insert failed', async () => {
    const to = watched();
    let isAway = true;
    const flaky: SegmentStore = {
      ...to,
      insert: (table, rows, token) =>
        isAway && table === 'resources_v3'
          ? address.insert('nowhere' as TableName, rows, token)
          : to.insert(table, rows, token),
    };
    const inserter = inserterOf(flaky, { ms: 0 });
    const file = segmentFile([logRecord(store.tenantId, ['late'], 'late')]);
    await expect(inserter.insert(orderOf(file))).rejects.toBeInstanceOf(Error);
    isAway = false;
    await inserter.insert(orderOf(file));
    expect(to.tables).toContain('resources_v3');
  });

  it('are brought as they are when their bytes are no rows', async () => {
    const to = watched();
    const inserter = inserterOf(to, { ms: 0 });
    const file = segmentFile([spoilt(logRecord(store.tenantId, ['x'], 'spoilt'), 'resources_v3')]);
    const { setAside } = await inserter.insert(orderOf(file, true));
    expect(setAside).toMatchObject([{ table: 'resources_v3', rows: 1 }]);
  });
});

it('reads the rows of every table of identities to their ends', () => {
  const attributes = [
    { key: 'k', value: { stringValue: 'v'.repeat(300) } },
    { key: 'n', value: { intValue: '7' } },
  ];
  const point = { timeUnixNano: `${Date.now()}000000`, asDouble: 1, attributes };
  const metric = (name: string) => ({ name, unit: 'ms', description: 'd'.repeat(200), gauge: { dataPoints: [point] } });
  const request = {
    resourceMetrics: [1, 2, 3].map((n) => ({
      resource: { attributes: [...attributes, { key: 'service.name', value: { stringValue: `s${n}` } }] },
      schemaUrl: 'https://example.com/schema',
      scopeMetrics: [{ scope: { name: `scope ${n}`, version: '1', attributes }, metrics: [metric('a'), metric('b')] }],
    })),
  };
  const { blocks } = new Transcoder().transcode('metrics', 'json', Buffer.from(JSON.stringify(request)), {
    tenantId: uuidToRowBinary(randomUUID()),
    receivedAtMs: Date.now(),
    identities: new SegmentIdentities(),
  });
  const stored = new StoredIdentities();
  const keys = Object.fromEntries(
    blocks.map(({ table, rows, bytes }) => [
      table,
      stored.keysOf({ table, pieces: [{ record: 0, rows, bytes: Buffer.from(bytes) }] }),
    ]),
  );
  expect(TABLES.resources_v3.columns).toHaveLength(8);
  expect(keys['metrics_v3']).toBeUndefined();
  for (const [table, count] of [
    ['resources_v3', 3],
    ['scopes_v3', 3],
    ['series_v3', 6],
  ] as const) {
    expect(new Set(keys[table]).size, table).toBe(count);
  }
});
