import { TimeseriesQuery, TimeseriesResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, insertMetrics, NOON } from '../testing/metrics-scene.js';
import { TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { MetricNameReader } from './metric-name-reader.js';
import { TimeseriesReader } from './timeseries-reader.js';

const scope = { tenantId: TENANT };

let engine: TelemetryEngine;
let reader: TimeseriesReader;

async function read(metricName: string, aggregation: string, more: object = {}): Promise<TimeseriesResponse> {
  const query = TimeseriesQuery.parse({
    metricName,
    aggregation,
    from: String(NOON),
    to: String(NOON + 180_000),
    step: '1m',
    ...more,
  });
  return TimeseriesResponse.parse(await reader.read(query, scope, NOON + 180_000));
}

/** Values of the one series that is answered. */
async function values(metricName: string, aggregation: string, more: object = {}): Promise<(number | null)[]> {
  const { series } = await read(metricName, aggregation, more);
  expect(series).toHaveLength(1);
  return (series[0]?.points ?? []).map(([, value]) => value);
}

beforeAll(async () => {
  engine = await startTelemetryEngine();
  reader = new TimeseriesReader(engine.store);
  await insertMetrics(engine);
});
afterAll(() => engine?.stop());

describe('gauges', () => {
  it.each([
    ['avg', [(10 + 20 + 100) / 3, 40, null]],
    ['sum', [15 + 100, 40, null]],
    ['min', [10, 40, null]],
    ['max', [100, 40, null]],
    ['count', [3, 1, null]],
    ['last', [20, 40, null]],
    ['p50', [20, 40, null]],
    ['p90', [20 + 0.8 * 80, 40, null]],
  ])('%s', async (aggregation, expected) => {
    const actual = await values('mem', aggregation);
    expected.forEach((value, i) =>
      value === null ? expect(actual[i]).toBeNull() : expect(actual[i]).toBeCloseTo(value, 9),
    );
  });

  it('groups by service, attribute and resource', async () => {
    const { series, unit, type } = await read('mem', 'max', {
      groupBy: 'service.name, state,resource.host.name,host.name',
    });
    expect({ unit, type }).toEqual({ unit: 'By', type: 'gauge' });
    expect(series.map((s) => s.labels)).toEqual([
      { 'service.name': 'a', state: 'used', 'resource.host.name': 'web-1', 'host.name': 'web-1' },
      { 'service.name': 'b', state: 'free', 'resource.host.name': 'web-2', 'host.name': 'web-2' },
    ]);
    expect(series[1]?.points).toEqual([
      [NOON, 100],
      [NOON + 60_000, null],
      [NOON + 120_000, null],
    ]);
  });

  it('filters', async () => {
    expect(await values('mem', 'max', { filter: 'state:used' })).toEqual([20, 40, null]);
    expect(await values('mem', 'max', { filter: 'host.name:web-2' })).toEqual([100, null, null]);
    expect((await read('mem', 'max', { filter: 'service:spy' })).series).toEqual([]);
  });

  it('answers an unknown metric with nothing', async () => {
    expect(await read('nope', 'avg')).toEqual({ series: [], stepMs: 60_000, unit: '', type: null, truncated: false });
  });

  it('answers at most 100 series and says so', async () => {
    expect((await read('many', 'avg', { groupBy: 'k' })).truncated).toBe(true);
    expect((await read('mem', 'avg', { groupBy: 'state' })).truncated).toBe(false);
  });
});

describe('counters', () => {
  it('increase by their growth, over a reset, from the point before the range', async () => {
    const { series } = await read('req', 'increase', { groupBy: 'service' });
    expect(series.map((s) => [s.labels.service, s.points.map(([, v]) => v)])).toEqual([
      ['a', [10, 7, 13]],
      ['b', [0, 10, null]],
    ]);
    expect(await values('req', 'increase')).toEqual([10, 17, 13]);
    expect(await values('req', 'rate')).toEqual([10 / 60, 17 / 60, 13 / 60]);
  });

  it('divide growth by no less time than it took', async () => {
    // Samples come every minute: neither a step that the range cuts short nor a finer step makes them grow faster.
    const rate = await values('req', 'rate', { to: String(NOON + 150_000) });
    expect(rate[2]).toBeCloseTo(13 / 60, 9);
    const fine = await values('req', 'rate', { step: '10s' });
    expect(
      fine.filter((value) => value !== null).reduce((most, value) => Math.max(most, value), 0),
    ).toBeLessThanOrEqual(17 / 60);
  });

  it('choose no automatic step finer than their samples', async () => {
    const range = { from: String(NOON - 600_000), to: String(NOON + 180_000), step: 'auto' };
    expect((await read('req', 'rate', range)).stepMs).toBe(60_000);
    expect((await read('nope', 'rate', range)).stepMs).toBe(5_000);
  });

  it('count from 0 when they start within the range, and at every new start', async () => {
    expect(await values('fresh', 'increase')).toEqual([8, 9, null]);
  });

  it('add delta points', async () => {
    expect(await values('jobs', 'increase')).toEqual([3, 4, null]);
    expect(await values('jobs', 'sum')).toEqual([3, 4, null]);
    expect(await values('jobs', 'rate')).toEqual([3 / 60, 4 / 60, null]);
  });

  it('add up the last values of cumulative ones', async () => {
    expect(await values('req', 'sum')).toEqual([110 + 1000, 7 + 1010, 20]);
  });

  it('may fall when they are not monotonic', async () => {
    expect(await values('conn', 'increase')).toEqual([-3, 2, null]);
  });
});

describe('histograms', () => {
  it('interpolate percentiles in explicit buckets', async () => {
    // Minute 0: 2 in (0,10], 4 in (10,20], 2 in (20,40]; rank 4 of 8 is half through the second bucket.
    expect(await values('lat', 'p50')).toEqual([15, 40, null]);
    // Rank 7.2 of 8: 1.2 of 2 through the third.
    expect((await values('lat', 'p90'))[0]).toBeCloseTo(32, 9);
  });

  it.each([
    ['count', [8, 1, null]],
    ['sum', [160, 500, null]],
    ['avg', [20, 500, null]],
    ['min', [4, null, null]],
    ['max', [39, null, null]],
    ['rate', [8 / 60, 1 / 60, null]],
  ])('%s', async (aggregation, expected) => {
    expect(await values('lat', aggregation)).toEqual(expected);
  });

  it('count observations per second, whatever was observed', async () => {
    const units = await Promise.all(
      (['rate', 'p95', 'count'] as const).map(async (aggregation) => (await read('lat', aggregation)).unit),
    );
    expect(units).toEqual(['{observation}/s', 'ms', '{count}']);
  });

  it('take the difference of cumulative points, and start anew after a restart', async () => {
    expect(await values('latc', 'count')).toEqual([4, 2, null]);
    expect(await values('latc', 'sum')).toEqual([60, 60, null]);
    expect(await values('latc', 'p50')).toEqual([15, 30, null]);
  });

  it('merge exponential buckets of different scales', async () => {
    // 4 in (1,2], 4 in (2,4].
    expect((await values('exp', 'p50'))[0]).toBeCloseTo(2, 9);
    expect((await values('exp', 'p95'))[0]).toBeCloseTo(2 + 2 * (3.6 / 4), 9);
    expect(await values('exp', 'avg')).toEqual([2.5, null, null]);
  });

  it('take the difference of cumulative exponential points', async () => {
    expect(await values('expc', 'count')).toEqual([4, null, null]);
    expect((await values('expc', 'p50'))[0]).toBeCloseTo(3, 9);
  });

  it('read the quantiles and totals of summaries', async () => {
    expect(await values('sum', 'p95')).toEqual([6, null, null]);
    expect(await values('sum', 'count')).toEqual([7, null, null]);
    expect(await values('sum', 'avg')).toEqual([80 / 7, null, null]);
  });
});

describe('rollups', () => {
  const day = { from: String(DAY), to: String(DAY + 86_400_000) };
  it.each(['avg', 'sum', 'min', 'max', 'count'])('answer %s like the points they stand for', async (aggregation) => {
    const hourly = await values('day', aggregation, { ...day, step: '1h' });
    const daily = await values('day', aggregation, { ...day, step: '1d' });
    const all = Array.from({ length: 144 }, (_, i) => ({ series: i % 2, minute: i * 10, value: i * i }));
    all.push({ series: 0, minute: 0, value: 7 }, { series: 0, minute: 0, value: 9 });
    const expected = (points: typeof all): number => {
      const total = (of: typeof all) => of.reduce((sum, p) => sum + p.value, 0);
      const bySeries = [...Map.groupBy(points, (p) => p.series).values()];
      switch (aggregation) {
        case 'avg':
          return total(points) / points.length;
        case 'sum':
          return bySeries.reduce((sum, own) => sum + total(own) / own.length, 0);
        case 'min':
          return Math.min(...points.map((p) => p.value));
        case 'max':
          return Math.max(...points.map((p) => p.value));
        default:
          return points.length;
      }
    };
    expect(daily).toHaveLength(1);
    expect(daily[0]).toBeCloseTo(expected(all), 6);
    expect(hourly).toHaveLength(24);
    hourly.forEach((value, hour) => {
      expect(value).toBeCloseTo(expected(all.filter((p) => Math.floor(p.minute / 60) === hour)), 6);
    });
  });
});

describe('metric names', () => {
  it('describe the catalogue of the tenant', async () => {
    const { data } = await new MetricNameReader(engine.store).list({ search: 'ME' }, scope);
    expect(data).toEqual([
      {
        name: 'mem',
        type: 'gauge',
        unit: 'By',
        description: '',
        temporality: 'unspecified',
        seriesCount: 2,
        services: ['a', 'b'],
        attributeKeys: ['state'],
        lastSeen: new Date(NOON).toISOString(),
      },
    ]);
    const own = await new MetricNameReader(engine.store).list({ search: '', service: 'a' }, scope);
    expect(own.data.map((m) => m.name)).toEqual(['mem', 'req']);
  });
});

describe('bad input', () => {
  it.each([
    [{ step: '0s' }, 'step'],
    [{ step: '1y' }, 'step'],
    [{ from: String(NOON - 30 * 86_400_000), step: '1s' }, 'step'],
    [{ groupBy: 'a,b,c,d,e,f,g,h,i,j,k' }, 'groupBy'],
    [{ from: 'yesterday' }, 'from'],
  ])('%o names the field', async (query, path) => {
    await expect(read('mem', 'avg', query)).rejects.toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] });
  });

  it('asks for the metric name', () => {
    const issues = TimeseriesQuery.safeParse({}).error?.issues ?? [];
    expect(issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([['metricName', 'is required']]);
  });
});
