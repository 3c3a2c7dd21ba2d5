import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IngestServer } from '../ingest-server.js';
import { StoreHarness } from '../testing/ingest-harness.js';
import { spanRequest } from '../testing/payloads.js';
import { GOOD_KEY } from '../testing/test-server.js';
import { CANARY_TENANT_ID, newCanaryTelemetry, type CanaryTelemetry } from './canary-telemetry.js';
import { Canary } from './canary.js';
import { ClickHouseCanaryStore } from './clickhouse-canary-store.js';

let harness: StoreHarness;
let server: IngestServer;
let client: ClickHouseClient;
let store: ClickHouseCanaryStore;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  harness = await StoreHarness.start();
  // The bounds of a careful operator: the canary has to pass them too.
  server = await harness.server('node', { options: { maxPastMs: 60_000, maxFutureMs: 1_000 } });
  const { url, username, password, database } = harness.address;
  client = createClient({ url, username, password, database });
  store = new ClickHouseCanaryStore({
    query: async <T>(query: string, query_params: Record<string, unknown>) => {
      const answer = await client.query({ query, query_params, format: 'JSONEachRow' });
      return { rows: await answer.json<T>() };
    },
    exec: async (query, query_params) => void (await client.command({ query, query_params })),
  });
});
afterAll(async () => {
  await client?.close();
  await harness?.stop();
});

async function send(signal: 'traces' | 'logs' | 'metrics', body: Uint8Array, receivedAtMs: number): Promise<void> {
  const ids = { tenantId: CANARY_TENANT_ID, organizationId: CANARY_TENANT_ID, workspaceId: CANARY_TENANT_ID };
  const principal = { ...ids, apiKeyId: null, permissions: new Set<string>() };
  expect(await server.takeOwn({ signal, body, principal, receivedAtMs })).toMatchObject({ rejected: 0 });
}

/** The machine may be busy: what comes about has time. */
const PATIENT = { timeout: 20_000 };
const rowsOf = (tenantId: string, table: string) => harness.count(`${table} WHERE tenant_id = '${tenantId}'`);

it('is there once all three of its signals are, and not before', async () => {
  const telemetry = newCanaryTelemetry();
  const { bodies, timeMs } = telemetry;
  const another: CanaryTelemetry = newCanaryTelemetry();
  await send('traces', bodies.traces, timeMs);
  await send('logs', bodies.logs, timeMs);
  await expect.poll(() => rowsOf(CANARY_TENANT_ID, 'logs_v3'), PATIENT).toBe(1);
  expect(await store.isThere(telemetry)).toBe(false);
  await send('metrics', bodies.metrics, timeMs);
  await expect.poll(() => store.isThere(telemetry), PATIENT).toBe(true);
  expect(await store.isThere(another)).toBe(false);
});

it('leaves nothing behind and touches nobody else’s rows', async () => {
  const { json } = spanRequest(3);
  const answer = await fetch(`http://127.0.0.1:${server.ports.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...GOOD_KEY },
    body: JSON.stringify(json),
  });
  expect(answer.status).toBe(200);
  await expect.poll(() => rowsOf(harness.tenantId, 'spans_v3'), PATIENT).toBe(3);
  await store.tidy();
  for (const table of ['spans_v3', 'logs_v3', 'logs_v3_by_trace', 'metrics_v3', 'metrics_v3_hourly', 'traces_v3']) {
    await expect.poll(() => rowsOf(CANARY_TENANT_ID, table), PATIENT).toBe(0);
  }
  expect(await rowsOf(harness.tenantId, 'spans_v3')).toBe(3);
  expect(await rowsOf(harness.tenantId, 'traces_v3')).toBe(1);
});

it('measures its way, counts nowhere, and says what is wrong once it fails', async () => {
  const canary = new Canary({ everyMs: 100, limitMs: 30_000, send, store, logger: quiet });
  canary.start();
  await expect.poll(() => canary.status.succeeded, PATIENT).toBeGreaterThanOrEqual(2);
  expect(canary.status).toMatchObject({ failed: 0, fault: undefined, roundTripMs: expect.any(Number) });
  expect(server.snapshot().acceptedItems.reduce((sum, { value }) => sum + value, 0)).toBe(3);
  await canary.stop();

  const unheard = new Canary({ everyMs: 100, limitMs: 100, send: async () => {}, store, logger: quiet });
  unheard.start();
  await expect.poll(() => unheard.status.fault, PATIENT).toBe('not_back_in_time');
  await unheard.stop();
  const refused = async () => Promise.reject(new Error('no room'));
  const homeless = new Canary({ everyMs: 100, send: refused, store, logger: quiet });
  homeless.start();
  await expect.poll(() => homeless.status.fault, PATIENT).toBe('not_taken');
  await homeless.stop();
  expect(homeless.status).toMatchObject({ succeeded: 0, roundTripMs: undefined });
});

it('is five times as rare while nothing else comes in, but neither when something does nor when it fails', async () => {
  /** Rounds, and the pauses between the first and the last of them. */
  const run = async (activity: () => number, send: () => Promise<void>) => {
    let asked = 0;
    const pauses: number[] = [];
    const canary = new Canary({
      everyMs: 5,
      activity: () => {
        asked += 1;
        return activity();
      },
      send: async (signal) => {
        if (signal === 'traces') pauses.push(asked);
        return send();
      },
      store: { isThere: async () => true, tidy: async () => {} },
      logger: quiet,
    });
    canary.start();
    await expect.poll(() => pauses.length, PATIENT).toBeGreaterThanOrEqual(5);
    await canary.stop();
    return pauses.slice(1, 5).map((at, i) => at - (pauses[i] ?? 0));
  };
  // Once to remember, and once before each interval that is waited for on top.
  expect(
    await run(
      () => 0,
      async () => {},
    ),
  ).toEqual([5, 5, 5, 5]);
  let taken = 0;
  expect(
    await run(
      () => (taken += 1),
      async () => {},
    ),
  ).toEqual([2, 2, 2, 2]);
  expect(
    await run(
      () => 0,
      async () => Promise.reject(new Error('no room')),
    ),
  ).toEqual([1, 1, 1, 1]);
});
