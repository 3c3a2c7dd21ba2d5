import { describe, expect, it } from 'vitest';
import { OtlpDecodeError, SegmentIdentities, Transcoder } from '../index.js';
import { REASONS } from '../rejections.js';
import { nestedValue, options, request, run, text, TIME, wire } from '../testing/requests.js';
import { rowsByTable } from '../testing/rowbinary-reader.js';

type Msg = Record<string, unknown>;
const at = { timeUnixNano: TIME };
const gauge = (...dataPoints: Msg[]): Msg => ({ name: 'm', gauge: { dataPoints } });
const sum = (over: Msg, ...dataPoints: Msg[]): Msg => ({
  name: 'm',
  sum: { aggregationTemporality: 2, dataPoints, ...over },
});
const histogram = (...dataPoints: Msg[]): Msg => ({ name: 'm', histogram: { aggregationTemporality: 1, dataPoints } });
const metrics = (...items: Msg[]) => run('metrics', request('metrics', items));

describe('metrics', () => {
  it('keeps zero values apart from missing ones', () => {
    const { tables, result } = metrics(gauge({ ...at, asInt: 0 }, { ...at, asDouble: 0 }, at, { ...at, flags: 1 }));
    expect(tables.metrics_v3.map((row) => [row['value'], row['value_int'], row['value_kind']])).toEqual([
      [0, 0n, 'int'],
      [0, 0n, 'double'],
      [0, 0n, 'none'],
    ]);
    expect(result.rejections).toEqual(new Map([[REASONS.pointValue, 1]]));
  });

  it('keeps the exact bits of an integer beside its nearest double', () => {
    const { tables } = metrics(gauge({ ...at, asInt: '9007199254740993' }, { ...at, asInt: '-9223372036854775808' }));
    expect(tables.metrics_v3).toMatchObject([
      { value_int: 9007199254740993n, value: 9007199254740992 },
      { value_int: -(2n ** 63n), value: -(2 ** 63) },
    ]);
  });

  it('writes zero for a point without recorded value, whatever it carries', () => {
    const { tables } = metrics(gauge({ ...at, asDouble: Number.NaN, flags: 1 }));
    expect(tables.metrics_v3).toMatchObject([{ value: 0, value_kind: 'none', flags: 1 }]);
  });

  it('takes a monotonic sum for a counter and a non-monotonic one for an up-down counter', () => {
    const { tables } = metrics(sum({ isMonotonic: true }, { ...at, asInt: 1 }), sum({}, { ...at, asInt: -1 }));
    expect(tables.series_v3.map((row) => row['metric_type'])).toEqual(['counter', 'up_down_counter']);
  });

  it('counts refused data points, each with its reason', () => {
    const long = 'n'.repeat(256);
    const { result } = metrics(
      gauge({ asInt: 1 }),
      sum({ aggregationTemporality: 0 }, { ...at, asInt: 1 }, { ...at, asInt: 2 }),
      sum({ isMonotonic: true }, { ...at, asInt: -1 }, { ...at, asDouble: -0.5 }, { ...at, asDouble: 1 }),
      { ...gauge({ ...at, asInt: 1 }), name: '' },
      { ...gauge({ ...at, asInt: 1 }), name: long },
      { ...gauge({ ...at, asInt: 1 }), name: 'é'.repeat(255) },
      histogram({ ...at, bucketCounts: [1, 2], explicitBounds: [] }, { ...at, explicitBounds: [1] }, at),
      gauge({ ...at, asInt: 1, startTimeUnixNano: String(2n ** 63n) }),
    );
    expect(result.rejections).toEqual(
      new Map([
        [REASONS.pointTime, 1],
        [REASONS.temporality, 2],
        [REASONS.negativeSum, 2],
        [REASONS.metricName, 1],
        [REASONS.metricNameLength, 1],
        [REASONS.buckets, 2],
        [REASONS.timeOverflow, 1],
      ]),
    );
    expect(result).toMatchObject({ accepted: 3, rejected: 10 });
  });

  it('tells absent sum, min and max of a histogram from zero', () => {
    const { tables } = metrics(histogram({ ...at, sum: 0, min: 0 }, at));
    expect(tables.histograms_v3).toMatchObject([
      { sum: 0, min: 0, max: null },
      { sum: null, min: null, max: null },
    ]);
  });

  it('writes exemplars with their series, time and ids', () => {
    const exemplar = {
      asInt: 7,
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 2),
      filteredAttributes: [text('a', 'b')],
    };
    const { tables } = metrics(
      gauge({ ...at, asInt: 1, exemplars: [exemplar, { ...exemplar, traceId: Buffer.alloc(2), timeUnixNano: '5' }] }),
    );
    expect(tables.exemplars_v3).toMatchObject([
      {
        timestamp: BigInt(TIME),
        value_int: 7n,
        trace_id: '01'.repeat(16),
        span_id: '02'.repeat(8),
        attributes: [['a', 'b']],
      },
      { timestamp: 5n, trace_id: '00'.repeat(16), span_id: '00'.repeat(8) },
    ]);
    expect(tables.exemplars_v3[0]!['series_id']).toBe(tables.series_v3[0]!['series_id']);
  });

  it('gives one series to equal attributes in any order, another to any difference', () => {
    const point = (...attributes: Msg[]): Msg => ({ ...at, asInt: 1, attributes });
    const [a, b] = [text('a', '1'), text('b', '2')];
    const series = (...items: Msg[]): number => metrics(...items).tables.series_v3.length;
    expect(series(gauge(point(a, b), point(b, a)))).toBe(1);
    expect(
      series(
        gauge(
          point(a, b),
          point(a),
          point(text('a', '2'), text('b', '1')),
          point({ key: 'a', value: { intValue: 1 } }, b),
        ),
      ),
    ).toBe(4);
    expect(series(gauge(point()), { ...gauge(point()), unit: 's' }, { ...gauge(point()), name: 'n' })).toBe(3);
    expect(
      series(sum({}, point()), sum({ aggregationTemporality: 1 }, point()), sum({ isMonotonic: true }, point())),
    ).toBe(3);
    expect(series(gauge(point()), { ...gauge(point()), description: 'other' })).toBe(1);
  });

  it('refuses a point whose attribute is nested too deep', () => {
    const { message, text: string, fixed64 } = wire;
    const point = (value: Buffer): Buffer =>
      message(1, fixed64(3, 5), fixed64(6, 1), message(7, string(1, 'x'), message(2, value)));
    const body = (value: Buffer): Buffer =>
      message(1, message(2, message(2, string(1, 'm'), message(5, point(value)))));
    const identities = new SegmentIdentities();
    expect(run('metrics', body(nestedValue(64)), { identities }).result.accepted).toBe(1);
    expect(run('metrics', body(nestedValue(65)), { identities }).result.rejections).toEqual(
      new Map([[REASONS.tooDeep, 1]]),
    );
  });
});

describe('identities of a segment', () => {
  const body = request('metrics', [gauge({ ...at, asInt: 1, attributes: [text('a', 'b')] })], {
    attributes: [text('service.name', 's')],
  });
  const tablesOf = (transcoder: Transcoder, over: Parameters<typeof options>[0]): string[] =>
    Object.entries(rowsByTable(transcoder.transcode('metrics', 'protobuf', body, options(over)).blocks))
      .filter(([, rows]) => rows.length > 0)
      .map(([table]) => table);
  const all = ['resources_v3', 'scopes_v3', 'series_v3', 'metrics_v3'];

  it('are written once per segment and tenant', () => {
    const transcoder = new Transcoder();
    const identities = new SegmentIdentities();
    expect(tablesOf(transcoder, { identities })).toEqual(all);
    expect(tablesOf(transcoder, { identities })).toEqual(['metrics_v3']);
    expect(tablesOf(transcoder, { identities, tenantId: new Uint8Array(16).fill(7) })).toEqual(all);
    identities.clear();
    expect(tablesOf(transcoder, { identities })).toEqual(all);
  });

  it('stay as they were when a body is malformed', () => {
    const transcoder = new Transcoder();
    const identities = new SegmentIdentities();
    const broken = Buffer.concat([body, Buffer.from([0x0a, 0x7f])]);
    expect(() => transcoder.transcode('metrics', 'protobuf', broken, options({ identities }))).toThrow(OtlpDecodeError);
    expect(tablesOf(transcoder, { identities })).toEqual(all);
  });
});
