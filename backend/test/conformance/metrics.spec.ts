/** OTLP lines 15 to 18: data points, temporality, histograms, summaries, exemplars, read back from the store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObservedPlatform } from '../support/observed-platform.js';
import { TRANSPORTS, type Message, type OtlpReply } from '../support/otlp-client.js';
import type { Item } from '../support/stored-rows.js';
import { attribute, gauge, id, newService, nowNano, requestOf, sum, text } from './requests.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

const UNSPECIFIED = 0;
const DELTA = 1;
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;

const point = (over: Message = {}): Message => ({ startTimeUnixNano: nowNano(), timeUnixNano: nowNano(), ...over });
const histogram = (over: Message, aggregationTemporality = CUMULATIVE): Message => ({
  name: 'request.duration',
  histogram: { aggregationTemporality, dataPoints: [point(over)] },
});
const exponential = (over: Message, aggregationTemporality = DELTA): Message => ({
  name: 'request.size',
  exponentialHistogram: { aggregationTemporality, dataPoints: [point(over)] },
});
const summary = (over: Message): Message => ({ name: 'gc.pause', summary: { dataPoints: [point(over)] } });
const plain = { count: '3', sum: 6, explicitBounds: [1, 2], bucketCounts: ['1', '1', '1'] };

describe.concurrent.each(TRANSPORTS)('%s', (transport) => {
  async function send(
    metrics: Message[],
    items = metrics.length,
    exemplars = 0,
  ): Promise<{ items: Item[]; exemplars: Item[] }> {
    const service = newService();
    const reply = await server.client.send(transport, 'metrics', requestOf('metrics', service, metrics));
    expect(reply).toMatchObject({ ok: true, partial: undefined });
    return server.read('metrics', service, items, exemplars);
  }
  /** Sends what must be refused, with one good point beside it, which must not. */
  async function refused(metric: Message): Promise<OtlpReply> {
    const service = newService();
    const reply = await server.client.send(transport, 'metrics', requestOf('metrics', service, [metric, gauge()]));
    await server.stored('metrics', [service], 1);
    return reply;
  }

  it('otlp 15: a data point without a time is refused, of every kind, and costs the others nothing', async () => {
    const at = { timeUnixNano: '0' };
    const metrics = [
      gauge(at),
      sum({ ...at, asInt: '1' }),
      histogram({ ...plain, ...at }),
      exponential(at),
      summary(at),
    ];
    for (const metric of metrics) {
      const reply = await refused(metric);
      expect(reply.partial).toMatchObject({
        rejected: 1,
        message: expect.stringContaining('time_unix_nano') as string,
      });
    }
  });

  it('otlp 15: temporality UNSPECIFIED is refused for each of the points, wherever there is a temporality', async () => {
    const points = { dataPoints: [point({ asInt: '1' }), point({ asInt: '2' })] };
    for (const aggregationTemporality of [UNSPECIFIED, 3]) {
      const reply = await refused(sum({}, { ...points, aggregationTemporality }));
      expect(reply.partial).toMatchObject({
        rejected: 2,
        message: expect.stringContaining('aggregation_temporality') as string,
      });
    }
    expect((await refused(histogram(plain, UNSPECIFIED))).partial).toMatchObject({ rejected: 1 });
    expect((await refused(exponential({}, UNSPECIFIED))).partial).toMatchObject({ rejected: 1 });
  });

  it('otlp 15: both temporalities are kept, and say what a sum is', async () => {
    const { items } = await send(
      [
        sum({ asInt: '1' }, { aggregationTemporality: DELTA }),
        sum({ asInt: '2' }, { aggregationTemporality: CUMULATIVE }),
        sum({ asInt: '3' }, { aggregationTemporality: CUMULATIVE, isMonotonic: false }),
      ].map((metric, i) => ({ ...metric, name: `sum.${i}` })),
    );
    const kinds = items.map(({ value, series }) => [value, series['temporality'], series['metric_type']]);
    expect(kinds.toSorted()).toEqual([
      [1, 'delta', 'counter'],
      [2, 'cumulative', 'counter'],
      [3, 'cumulative', 'up_down_counter'],
    ]);
  });

  it('otlp 15: flag bit 0 means that there is no recorded value; the point and its flags are kept', async () => {
    const flags = NO_RECORDED_VALUE | 0x80;
    const { items } = await send([
      { ...gauge({ flags, asDouble: 0 }), name: 'stale.gauge' },
      {
        name: 'stale.sum',
        sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: [point({ flags })] },
      },
      { ...histogram({ flags }), name: 'stale.histogram' },
    ]);
    expect(items.map((item) => item['flags'])).toEqual([flags, flags, flags]);
    const numbers = items.filter((item) => 'value_kind' in item);
    expect(numbers.map((item) => item['value_kind'])).toEqual(['none', 'none']);
  });

  it('otlp 15: a point with neither value nor that flag is refused', async () => {
    const metric = { name: 'empty', gauge: { dataPoints: [point()] } };
    expect((await refused(metric)).partial).toMatchObject({ rejected: 1 });
  });

  it('otlp fault 8: asInt 0 and asDouble 0 are values', async () => {
    const { items } = await send([sum({ asInt: '0' }), { ...gauge({ asDouble: 0 }), name: 'zero' }]);
    expect(items.map((item) => [item['value_kind'], item['value'], item['value_int']]).toSorted()).toEqual([
      ['double', 0, 0n],
      ['int', 0, 0n],
    ]);
  });

  it('otlp fault 11: an up-down counter may be negative, as int and as double', async () => {
    const { items } = await send([
      sum({ asInt: '-5' }, { isMonotonic: false }),
      { ...sum({ asDouble: -2.5 }, { isMonotonic: false }), name: 'queue.change' },
    ]);
    expect(items.map((item) => item['value']).toSorted()).toEqual([-2.5, -5]);
    expect(items.every((item) => item['series']['metric_type'] === 'up_down_counter')).toBe(true);
  });

  it('otlp 16: a histogram keeps its bounds and counts, and sum, min and max only where they were sent', async () => {
    const { items } = await send([
      { ...histogram({ ...plain, min: -1, max: 0 }), name: 'all' },
      { ...histogram({ ...plain, sum: 0 }), name: 'sum of zero' },
      { ...histogram({ count: '0', explicitBounds: [], bucketCounts: [] }), name: 'none' },
    ]);
    const byName = Object.fromEntries(items.map((item) => [item['metric_name'], item]));
    const buckets = { count: 3n, explicit_bounds: [1, 2], bucket_counts: [1n, 1n, 1n] };
    expect(byName['all']).toMatchObject({ ...buckets, sum: 6, min: -1, max: 0, kind: 'histogram' });
    expect(byName['sum of zero']).toMatchObject({ ...buckets, sum: 0, min: null, max: null });
    expect(byName['none']).toMatchObject({ count: 0n, explicit_bounds: [], bucket_counts: [], sum: null });
  });

  it('otlp 16: bucket counts that do not fit the bounds are refused', async () => {
    for (const over of [
      { explicitBounds: [1, 2], bucketCounts: ['1', '1'] },
      { explicitBounds: [1], bucketCounts: [] },
      { explicitBounds: [], bucketCounts: ['1', '2'] },
    ]) {
      const reply = await refused(histogram({ count: '2', ...over }));
      expect(reply.partial).toMatchObject({
        rejected: 1,
        message: expect.stringContaining('explicit_bounds') as string,
      });
    }
    const { items } = await send([histogram({ count: '4', sum: 1, explicitBounds: [], bucketCounts: ['4'] })]);
    expect(items).toMatchObject([{ explicit_bounds: [], bucket_counts: [4n] }]);
  });

  it('otlp 16: an upper bound is inclusive: what lies on it is counted in its bucket', async () => {
    // Ten values on the first bound: a quantile of them is within (-inf, 1], never above.
    const service = newService();
    const metric = histogram(
      { count: '10', explicitBounds: [1, 2], bucketCounts: ['10', '0', '0'], min: 1, max: 1, sum: 10 },
      DELTA,
    );
    const request = requestOf('metrics', service, [{ ...metric, name: service }]);
    expect(await server.client.send(transport, 'metrics', request)).toMatchObject({ ok: true });
    await server.stored('metrics', [service], 1);
    const query = new URLSearchParams({ metricName: service, aggregation: 'p99', step: '1m' });
    const { body } = await server.platform.api<{ series: { points: [number, number | null][] }[] }>(
      'GET',
      `/api/v2/telemetry/metrics/timeseries?${query}`,
    );
    const value = body.series[0]?.points.map(([, v]) => v).find((v) => v !== null);
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(1);
  });

  it('otlp 17: an exponential histogram keeps scale, offsets, zero count and threshold, and both ranges', async () => {
    const { items } = await send([
      exponential({
        count: '18446744073709551615',
        sum: -1.5,
        min: -4,
        max: 8,
        scale: -3,
        zeroCount: '2',
        zeroThreshold: 1e-9,
        positive: { offset: -7, bucketCounts: ['1', '0', '9007199254740993'] },
        negative: { offset: 4, bucketCounts: ['5'] },
      }),
      { ...exponential({ count: '0', scale: 20 }, CUMULATIVE), name: 'empty.size' },
    ]);
    const byName = Object.fromEntries(items.map((item) => [item['metric_name'], item]));
    expect(byName['request.size']).toMatchObject({
      kind: 'exponential_histogram',
      count: 18446744073709551615n,
      sum: -1.5,
      min: -4,
      max: 8,
      scale: -3,
      zero_count: 2n,
      zero_threshold: 1e-9,
      positive_offset: -7,
      positive_bucket_counts: [1n, 0n, 9007199254740993n],
      negative_offset: 4,
      negative_bucket_counts: [5n],
      series: { temporality: 'delta' },
    });
    expect(byName['empty.size']).toMatchObject({
      scale: 20,
      sum: null,
      positive_bucket_counts: [],
      negative_bucket_counts: [],
      series: { temporality: 'cumulative' },
    });
  });

  it('otlp 18: a summary keeps its quantiles, and needs no temporality', async () => {
    const quantileValues = [
      { quantile: 0, value: -1 },
      { quantile: 0.5, value: 2.5 },
      { quantile: 1, value: 100 },
    ];
    const { items } = await send([summary({ count: '7', sum: 12.5, quantileValues })]);
    expect(items).toMatchObject([
      {
        kind: 'summary',
        count: 7n,
        sum: 12.5,
        quantiles: [0, 0.5, 1],
        quantile_values: [-1, 2.5, 100],
        series: { metric_type: 'summary', temporality: 'unspecified' },
      },
    ]);
  });

  it('otlp 18: a gauge needs no start time, and one with a start time is the same series', async () => {
    const { items } = await send(
      [{ name: 'g', gauge: { dataPoints: [{ timeUnixNano: nowNano(), asInt: '1' }, point({ asInt: '2' })] } }],
      2,
    );
    expect(items.map((item) => item['value']).toSorted()).toEqual([1, 2]);
    expect(items[0]!['series']).toEqual(items[1]!['series']);
  });

  it('otlp 18: exemplars are kept with value, time, ids and filtered attributes, for every kind that has them', async () => {
    const [traceId, spanId, timeUnixNano] = [id(16), id(8), nowNano()];
    const exemplars = [
      {
        timeUnixNano,
        asDouble: 0.5,
        traceId,
        spanId,
        filteredAttributes: [text('user', 'u1'), attribute('n', { intValue: '1' })],
      },
      { timeUnixNano, asInt: '-7' },
    ];
    const expected = [
      {
        value: -7,
        value_int: -7n,
        value_kind: 'int',
        trace_id: '00'.repeat(16),
        span_id: '00'.repeat(8),
        attributes: {},
      },
      {
        value: 0.5,
        value_kind: 'double',
        trace_id: traceId.toString('hex'),
        span_id: spanId.toString('hex'),
        attributes: { user: 'u1', n: 1n },
        timestamp: BigInt(timeUnixNano),
      },
    ];
    for (const metric of [
      gauge({ exemplars }),
      sum({ asInt: '1', exemplars }),
      histogram({ ...plain, exemplars }),
      exponential({ count: '1', exemplars }),
    ]) {
      const found = await send([metric], 1, 2);
      const sorted = found.exemplars.toSorted((a, b) => (a['value'] as number) - (b['value'] as number));
      expect(sorted).toMatchObject(expected);
      expect(found.exemplars[0]!['series']).toEqual(found.items[0]!['series']);
    }
  });

  it('otlp 18: name, unit, description and metadata of a metric are kept', async () => {
    const metadata = [
      text('prometheus.type', 'gauge'),
      attribute('list', { arrayValue: { values: [{ intValue: '1' }] } }),
    ];
    const over = { name: 'http/server.duration', unit: 'ms', description: 'How long', metadata };
    const { items } = await send([gauge({}, over)]);
    expect(items).toMatchObject([
      {
        metric_name: 'http/server.duration',
        series: {
          unit: 'ms',
          description: 'How long',
          metadata: { 'prometheus.type': 'gauge', list: { json: '[1]' } },
        },
      },
    ]);
  });
});
