import { at, OTHER_TENANT, resourceRow, seriesRow, TENANT } from './rows.js';
import type { TelemetryEngine } from './telemetry-engine.js';

/** The day before yesterday: rows beyond the tables' TTL would vanish. */
export const DAY = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000;
/** The range of most cases: [12:00, 12:03) in steps of a minute. */
export const NOON = DAY + 12 * 3_600_000;
const ns = (ms: number) => at(BigInt(ms) * 1_000_000n);

/** [seconds after noon, value] */
type Points = readonly (readonly [second: number, value: number])[];

function points(metric: string, series: string, values: Points, startSecond = -86_400, tenant = TENANT) {
  return values.map(([second, value]) => ({
    tenant_id: tenant,
    metric_name: metric,
    series_id: series,
    timestamp: ns(NOON + second * 1000),
    start_timestamp: ns(NOON + startSecond * 1000),
    value,
    value_kind: 'double',
  }));
}

function distribution(metric: string, series: string, second: number, columns: object, startSecond = -86_400) {
  return {
    tenant_id: TENANT,
    metric_name: metric,
    series_id: series,
    timestamp: ns(NOON + second * 1000),
    start_timestamp: ns(NOON + startSecond * 1000),
    kind: 'histogram',
    ...columns,
  };
}

/** One metric of every type, with values that are easily reckoned by hand. */
export async function insertMetrics(engine: TelemetryEngine): Promise<void> {
  const lastSeenMs = NOON;
  const series = (id: string, metric: string, type: string, more: object = {}) =>
    seriesRow({ id, metric, type, lastSeenMs, ...more });
  await engine.insert('resources_v3', [
    resourceRow('1', { 'host.name': 'web-1' }),
    resourceRow('2', { 'host.name': 'web-2' }),
  ]);
  await engine.insert('series_v3', [
    series('1', 'mem', 'gauge', { unit: 'By', service: 'a', resourceId: '1', attributes: { state: 'used' } }),
    series('2', 'mem', 'gauge', { unit: 'By', service: 'b', resourceId: '2', attributes: { state: 'free' } }),
    series('3', 'req', 'counter', { temporality: 'cumulative', service: 'a' }),
    series('4', 'req', 'counter', { temporality: 'cumulative', service: 'b' }),
    series('5', 'jobs', 'counter', { temporality: 'delta' }),
    series('6', 'lat', 'histogram', { temporality: 'delta', unit: 'ms' }),
    series('7', 'latc', 'histogram', { temporality: 'cumulative', unit: 'ms' }),
    series('8', 'exp', 'exponential_histogram', { temporality: 'delta' }),
    series('9', 'expc', 'exponential_histogram', { temporality: 'cumulative' }),
    series('10', 'sum', 'summary'),
    series('11', 'conn', 'up_down_counter', { temporality: 'cumulative' }),
    series('12', 'day', 'gauge'),
    series('13', 'day', 'gauge'),
    series('14', 'fresh', 'counter', { temporality: 'cumulative' }),
    ...Array.from({ length: 105 }, (_, i) =>
      series(String(1000 + i), 'many', 'gauge', { attributes: { k: String(i) } }),
    ),
    seriesRow({ tenant: OTHER_TENANT, id: '1', metric: 'mem', type: 'gauge', lastSeenMs, service: 'spy' }),
  ]);
  // A replaced row of a series is not counted twice.
  await engine.insert('series_v3', [
    series('1', 'mem', 'gauge', { unit: 'By', service: 'a', resourceId: '1', attributes: { state: 'used' } }),
  ]);
  await engine.insert('metrics_v3', [
    ...points('mem', '1', [
      [0, 10],
      [30, 20],
      [60, 40],
    ]),
    ...points('mem', '2', [[10, 100]]),
    ...points('mem', '1', [[5, 1e6]], 0, OTHER_TENANT),
    // 100 before the range; +5 +5 | reset to 3, then +4 | +13
    ...points('req', '3', [
      [-30, 100],
      [10, 105],
      [50, 110],
      [70, 3],
      [110, 7],
      [130, 20],
    ]),
    // No point before the range and started long ago: the first point is only a base.
    ...points('req', '4', [
      [20, 1000],
      [80, 1010],
    ]),
    // Restarted between two points although the value grew: its start time says so.
    ...points('fresh', '14', [[20, 8]], 5),
    ...points('fresh', '14', [[80, 9]], 70),
    ...points('jobs', '5', [
      [-10, 50],
      [0, 1],
      [59, 2],
      [60, 4],
    ]),
    ...points('conn', '11', [
      [-5, 10],
      [5, 7],
      [65, 9],
    ]),
    ...Array.from({ length: 105 }, (_, i) => points('many', String(1000 + i), [[1, 1]])).flat(),
    ...Array.from({ length: 24 * 6 }, (_, i) => points('day', i % 2 ? '12' : '13', [[i * 600 - 43_200, i * i]])).flat(),
    ...points('day', '13', [
      [-43_199, 7],
      [-43_198, 9],
    ]),
  ]);
  const bounds = [10, 20, 40];
  await engine.insert('histograms_v3', [
    distribution('lat', '6', 5, {
      count: 4,
      sum: 50,
      min: 4,
      max: 18,
      explicit_bounds: bounds,
      bucket_counts: [2, 2, 0, 0],
    }),
    distribution('lat', '6', 35, {
      count: 4,
      sum: 110,
      min: 12,
      max: 39,
      explicit_bounds: bounds,
      bucket_counts: [0, 2, 2, 0],
    }),
    distribution('lat', '6', 65, { count: 1, sum: 500, explicit_bounds: bounds, bucket_counts: [0, 0, 0, 1] }),
    distribution('latc', '7', -10, { count: 10, sum: 100, explicit_bounds: bounds, bucket_counts: [10, 0, 0, 0] }),
    distribution('latc', '7', 10, { count: 14, sum: 160, explicit_bounds: bounds, bucket_counts: [10, 4, 0, 0] }),
    // A restart: counts from 0.
    distribution('latc', '7', 70, { count: 2, sum: 60, explicit_bounds: bounds, bucket_counts: [0, 0, 2, 0] }, 65),
    distribution('exp', '8', 5, {
      kind: 'exponential_histogram',
      count: 4,
      sum: 10,
      scale: 0,
      zero_count: 0,
      positive_offset: 0,
      positive_bucket_counts: [2, 2],
      negative_offset: 0,
      negative_bucket_counts: [],
    }),
    // Scale 1, offset 0: buckets (1, √2], (√2, 2], (2, 2√2], (2√2, 4]; at scale 0 the pairs are (1, 2] and (2, 4].
    distribution('exp', '8', 15, {
      kind: 'exponential_histogram',
      count: 4,
      sum: 10,
      scale: 1,
      zero_count: 0,
      positive_offset: 0,
      positive_bucket_counts: [1, 1, 1, 1],
      negative_offset: 0,
      negative_bucket_counts: [],
    }),
    distribution('expc', '9', -5, {
      kind: 'exponential_histogram',
      count: 5,
      sum: 10,
      scale: 0,
      zero_count: 1,
      positive_offset: 0,
      positive_bucket_counts: [4],
      negative_offset: 0,
      negative_bucket_counts: [],
    }),
    distribution('expc', '9', 5, {
      kind: 'exponential_histogram',
      count: 9,
      sum: 22,
      scale: 0,
      zero_count: 1,
      positive_offset: 0,
      positive_bucket_counts: [4, 4],
      negative_offset: 0,
      negative_bucket_counts: [],
    }),
    distribution('sum', '10', -5, {
      kind: 'summary',
      count: 10,
      sum: 100,
      quantiles: [0.5, 0.95],
      quantile_values: [1, 2],
    }),
    distribution('sum', '10', 5, {
      kind: 'summary',
      count: 15,
      sum: 150,
      quantiles: [0.5, 0.95],
      quantile_values: [3, 4],
    }),
    distribution('sum', '10', 50, {
      kind: 'summary',
      count: 17,
      sum: 180,
      quantiles: [0.5, 0.95],
      quantile_values: [5, 6],
    }),
  ]);
}
