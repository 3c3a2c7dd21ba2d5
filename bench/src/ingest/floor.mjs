/**
 * The floor: what it costs the store alone to take the same rows, already encoded, into the same tables with the same
 * views, in blocks as large as those that the server really made. Nothing that stores can cost less.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { rmSync } from 'node:fs';
import { startEmbeddedClickHouse } from '@telemetryflow/embedded';
import { SegmentIdentities, Transcoder, uuidToRowBinary } from '@telemetryflow/otlp';
import { ClickHouseSegmentStore } from '../../../backend/dist/modules/400-telemetry/ingest/drain/clickhouse-segment-store.js';
import { migrateClickHouse } from '../../../backend/dist/shared/clickhouse/migrator.js';
import { newDataDir } from '../platform.mjs';
import { Store } from '../store.mjs';
import { cpuOfProcess } from '../usage.mjs';
import { makeBodies } from './bodies.mjs';

const DATABASE = 'telemetryflow';
const TENANT = '01890a5d-ac96-774b-bcce-b302099a8057';
const IDENTITIES = ['resources_v3', 'scopes_v3', 'series_v3'];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Segments of the rows of `bodies`: per table one RowBinary block, identities first, as the drain sends them. */
function encode(signal, bodies, requestsPerSegment) {
  const transcoder = new Transcoder();
  const tenantId = uuidToRowBinary(TENANT);
  const segments = [];
  let items = 0;
  for (let from = 0; from < bodies.length; from += requestsPerSegment) {
    const identities = new SegmentIdentities();
    const blocks = new Map();
    for (const body of bodies.slice(from, from + requestsPerSegment)) {
      const result = transcoder.transcode(signal, 'protobuf', body, { tenantId, receivedAtMs: Date.now(), identities });
      items += result.accepted;
      for (const { table, bytes } of result.blocks) {
        if (!blocks.has(table)) blocks.set(table, []);
        blocks.get(table).push(Buffer.from(bytes));
      }
    }
    const tables = [...blocks].map(([table, parts]) => ({ table, bytes: Buffer.concat(parts) }));
    segments.push(tables.toSorted((a, b) => IDENTITIES.includes(b.table) - IDENTITIES.includes(a.table)));
  }
  return { segments, items };
}

/**
 * Resolves with items per CPU second of the store's process, merges included, and bytes on disk per item.
 *
 * @param load as the load generator's: signal, items per request, requests, templates
 */
export async function measureFloor(load, requestsPerSegment) {
  const { bodies } = await makeBodies({ ...load, encoding: 'protobuf', compression: 'none' });
  const { segments, items } = encode(load.signal, bodies, requestsPerSegment);
  const warmUp = await makeBodies({ ...load, encoding: 'protobuf', compression: 'none', requests: 20 });
  const dataDir = newDataDir();
  const engine = await startEmbeddedClickHouse({ dataDir, logger: silent });
  let segmentStore;
  try {
    const address = { url: engine.url, username: engine.username, password: engine.password, database: DATABASE };
    await migrateClickHouse({ clickhouse: address, config: { CLICKHOUSE_CLUSTER: '' } }, silent);
    const store = new Store(address);
    // Handed over as the server hands it over; that is not the store's work and is not counted.
    segmentStore = new ClickHouseSegmentStore({ ...address, handover: engine.handover });
    const insertAll = async (list, prefix) => {
      for (const [n, tables] of list.entries()) {
        for (const { table, bytes } of tables) {
          await segmentStore.insert(table, bytes, `${prefix}-${n}-${table}`);
        }
      }
    };
    await insertAll(encode(load.signal, warmUp.bodies, 2).segments, 'warm-up');
    await store.empty();
    await wait(500);
    const before = cpuOfProcess(engine.pid);
    const started = performance.now();
    await insertAll(segments, 'floor');
    const seconds = (performance.now() - started) / 1000;
    const stored = await store.items(load.signal);
    if (stored !== items) throw new Error(`the floor stored ${stored} of ${items} items`);
    const fresh = await store.onDisk();
    await store.untilMerged();
    const cpuSeconds = cpuOfProcess(engine.pid) - before;
    const merged = await store.onDisk();
    return {
      signal: load.signal,
      items,
      segments: segments.length,
      itemsPerSecond: items / seconds,
      cpuSeconds,
      itemsPerCpuSecond: items / cpuSeconds,
      bytesPerItemFresh: fresh.bytes / items,
      bytesPerItemMerged: merged.bytes / items,
    };
  } finally {
    await segmentStore?.close();
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
