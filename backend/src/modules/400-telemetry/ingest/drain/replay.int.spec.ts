import { SegmentIdentities, Transcoder, uuidToRowBinary, type Signal, type TableName } from '@telemetryflow/otlp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreHarness } from '../testing/ingest-harness.js';
import { ClickHouseSegmentStore } from './clickhouse-segment-store.js';

let store: StoreHarness;
let segments: ClickHouseSegmentStore;
beforeAll(async () => {
  store = await StoreHarness.start();
  segments = new ClickHouseSegmentStore(store.address);
});
afterAll(async () => {
  await segments?.close();
  await store?.stop();
});

const NANOS = String(BigInt(Date.now()) * 1_000_000n);
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resource = { attributes: [text('service.name', 'shop'), text('host.name', 'web-1')] };
const ids = (n: number) => ({ traceId: `${n}`.padStart(32, '1'), spanId: `${n}`.padStart(16, '2') });
const ten = Array.from({ length: 10 }, (_, n) => n);
const exemplar = { timeUnixNano: NANOS, asDouble: 1, ...ids(1) };
const point = { startTimeUnixNano: NANOS, timeUnixNano: NANOS, attributes: [text('k', 'v')] };

const REQUESTS: Record<Signal, object> = {
  traces: {
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            scope: { name: 's' },
            spans: ten.map((n) => ({
              ...ids(n),
              name: 'op',
              startTimeUnixNano: NANOS,
              endTimeUnixNano: NANOS,
              attributes: [text('http.route', '/cart')],
            })),
          },
        ],
      },
    ],
  },
  logs: {
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            logRecords: ten.map((n) => ({
              ...ids(n),
              timeUnixNano: NANOS,
              body: { stringValue: 'paid' },
              attributes: [text('thread', 'main')],
            })),
          },
        ],
      },
    ],
  },
  metrics: {
    resourceMetrics: [
      {
        resource,
        scopeMetrics: [
          {
            metrics: [
              { name: 'g', gauge: { dataPoints: [{ ...point, asDouble: 2.5, exemplars: [exemplar] }] } },
              {
                name: 'h',
                histogram: {
                  aggregationTemporality: 1,
                  dataPoints: [{ ...point, count: 3, sum: 6, bucketCounts: [1, 2], explicitBounds: [2] }],
                },
              },
            ],
          },
        ],
      },
    ],
  },
};

/** One segment of all signals. */
function blocks(): Map<TableName, Buffer> {
  const transcoder = new Transcoder();
  const identities = new SegmentIdentities();
  const found = new Map<TableName, Buffer>();
  for (const [signal, request] of Object.entries(REQUESTS) as [Signal, object][]) {
    const options = { tenantId: uuidToRowBinary(store.tenantId), receivedAtMs: Date.now(), identities };
    const body = Buffer.from(JSON.stringify(request));
    for (const { table, bytes } of transcoder.transcode(signal, 'json', body, options).blocks) {
      found.set(table, Buffer.concat([found.get(table) ?? Buffer.alloc(0), bytes]));
    }
  }
  return found;
}

/** Rows and a checksum of each table that holds telemetry. */
async function contents(tables: readonly string[]): Promise<Record<string, unknown>> {
  const found = await Promise.all(
    tables.map((table) => store.rows(`SELECT count() AS rows, sum(cityHash64(*)) AS checksum FROM ${table}`)),
  );
  return Object.fromEntries(tables.map((table, i) => [table, found[i]?.[0]]));
}

it('adds a segment once to every table and to every rollup that hangs on one, however often it is sent', async () => {
  const tables = (
    await store.rows<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name LIKE '%\\_v3%'`,
    )
  ).map(({ name }) => name);
  // Merges would change how many rows an aggregate has.
  for (const table of tables) await store.exec(`SYSTEM STOP MERGES ${table}`);
  const segment = blocks();
  const send = async (node: string) => {
    for (const [table, rows] of segment) await segments.insert(table, rows, `${node}-${table}`);
  };
  await send('one');
  const once = await contents(tables);
  const empty = Object.entries(once).filter(([, found]) => Number((found as { rows: string }).rows) === 0);
  expect(empty).toEqual([]);
  await send('one');
  await send('one');
  expect(await contents(tables)).toEqual(once);
  await send('two');
  const twice = await contents(tables);
  for (const table of tables) expect(twice[table], table).not.toEqual(once[table]);
  const [spans] = await store.rows(`SELECT sum(records) AS n FROM services_v3 WHERE signal = 'spans'`);
  expect(spans).toEqual({ n: 20 });
  const [keys] = await store.rows(
    `SELECT sumIf(seen, value = '') AS keys, sumIf(seen, value = '/cart') AS carts FROM attribute_values_v3 WHERE key = 'http.route'`,
  );
  expect(keys).toEqual({ keys: 20, carts: 20 });
});
