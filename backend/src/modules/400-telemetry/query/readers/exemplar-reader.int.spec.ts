import { ExemplarsQuery } from '@telemetryflow/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, OTHER_TENANT, seriesRow, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { ExemplarReader } from './exemplar-reader.js';

const NOW_MS = Date.now();
const bytes = (hex: string) => Buffer.from(hex, 'hex').toString('latin1');
const TRACE = '1a'.repeat(16);

let engine: TelemetryEngine;

function exemplar(series: string, secondsAgo: number, more: object = {}): object {
  return {
    tenant_id: TENANT,
    metric_name: 'latency',
    series_id: series,
    timestamp: at(BigInt(NOW_MS - secondsAgo * 1000) * 1_000_000n),
    value: 12.5,
    value_kind: 'double',
    trace_id: bytes(TRACE),
    span_id: bytes('2b'.repeat(8)),
    attributes: { 'user.id': '7' },
    attribute_types: 'i',
    ...more,
  };
}

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const series = (id: string, route: string, more: object = {}) =>
    seriesRow({ id, metric: 'latency', type: 'histogram', lastSeenMs: NOW_MS, attributes: { route }, ...more });
  await engine.insert('series_v3', [
    series('1', '/cart'),
    series('1', '/cart'),
    series('2', '/pay', { service: 'bank' }),
    series('3', '/cart', { tenant: OTHER_TENANT }),
  ]);
  await engine.insert('exemplars_v3', [
    exemplar('1', 20),
    exemplar('2', 10, { value_kind: 'none', trace_id: bytes('00'.repeat(16)), span_id: bytes('00'.repeat(8)) }),
    exemplar('1', 7200),
    exemplar('3', 5, { tenant_id: OTHER_TENANT }),
  ]);
});
afterAll(() => engine?.stop());

const list = async (query: object) =>
  (
    await new ExemplarReader(engine.store).list(
      ExemplarsQuery.parse({ metricName: 'latency', ...query }),
      { tenantId: TENANT },
      NOW_MS,
    )
  ).data;

it('leads from a metric to its traces, newest first, in the range, for the tenant alone', async () => {
  expect(await list({})).toEqual([
    {
      timeNs: `${NOW_MS - 10_000}000000`,
      value: null,
      traceId: '',
      spanId: '',
      serviceName: 'bank',
      seriesAttributes: { route: '/pay' },
      attributes: { 'user.id': 7 },
    },
    {
      timeNs: `${NOW_MS - 20_000}000000`,
      value: 12.5,
      traceId: TRACE,
      spanId: '2b'.repeat(8),
      serviceName: 'shop',
      seriesAttributes: { route: '/cart' },
      attributes: { 'user.id': 7 },
    },
  ]);
});

it('takes a filter of the series and a limit', async () => {
  expect((await list({ filter: 'route:/cart' })).map(({ traceId }) => traceId)).toEqual([TRACE]);
  expect(await list({ filter: 'route:/none' })).toEqual([]);
  expect(await list({ from: 'now-3h', limit: 1 })).toHaveLength(1);
  expect(await list({ from: 'now-3h' })).toHaveLength(3);
  expect(await list({ metricName: 'other' })).toEqual([]);
});

it('takes the highest of every fiftieth of the range', async () => {
  const metric = 'spread';
  await engine.insert('series_v3', [seriesRow({ id: '9', metric, type: 'gauge', lastSeenMs: NOW_MS })]);
  // A hundred in the last minute, and one in each of the nine before it.
  const last = Array.from({ length: 100 }, (_, i) => exemplar('9', i / 2 + 1, { metric_name: metric, value: i }));
  const before = Array.from({ length: 9 }, (_, i) => exemplar('9', 60 * i + 90, { metric_name: metric, value: -i }));
  await engine.insert('exemplars_v3', [...last, ...before]);
  const values = async (query: object) =>
    (await list({ metricName: metric, from: 'now-10m', ...query })).map(({ value }) => value);
  const spread = await values({ spread: 'range', limit: 50 });
  for (const value of [99, 0, -1, -8]) expect(spread).toContain(value);
  expect(spread.length).toBeLessThanOrEqual(9 + 6);
  expect(await values({ limit: 50 })).not.toContain(-1);
});
