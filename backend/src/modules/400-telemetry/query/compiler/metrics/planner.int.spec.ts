import { QueryPart, parseTfql } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run, Steps } from '../../engine/part.js';
import { askMetric, between, evenSteps, type MetricPeriod } from '../../testing/metric-questions.js';
import { insertMetrics, NOON } from '../../testing/metrics-scene.js';
import { at, OTHER_TENANT, seriesRow, TENANT } from '../../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../../testing/telemetry-engine.js';
import { MetricPlanner } from './planner.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let engine: TelemetryEngine;
let run: Run;
const planner = new MetricPlanner();
const ask = (part: object, period: MetricPeriod) => askMetric(planner, run, part, period);

beforeAll(async () => {
  engine = await startTelemetryEngine();
  run = (statement) => engine.store.query(statement, { tenantId: TENANT });
  await insertMetrics(engine);
});
afterAll(() => engine?.stop());

const noon = { range: between(NOON, NOON + 3 * MINUTE), steps: evenSteps(NOON, NOON + 3 * MINUTE, MINUTE) };

describe('an answer', () => {
  it('has several aggregations, each with its own condition, over the range and by step', async () => {
    const { groups, columns, totalGroups } = await ask(
      {
        metric: 'mem',
        groupBy: ['service.name'],
        aggregations: [
          { function: 'max' },
          { function: 'count', where: 'state:used', alias: 'used' },
          { function: 'quantile', level: 0.5 },
          { function: 'delta' },
          { function: 'distinct' },
        ],
      },
      noon,
    );
    expect(columns).toEqual([
      { name: 'max', unit: 'By' },
      { name: 'used', unit: '{count}' },
      { name: 'quantile(0.5)', unit: 'By' },
      { name: 'delta', unit: 'By' },
      { name: 'distinct', unit: '{value}' },
    ]);
    expect(totalGroups).toBe(2);
    expect(groups).toEqual([
      {
        labels: ['b'],
        values: [100, null, 100, 0, 1],
        series: [
          [100, null, null],
          [null, null, null],
          [100, null, null],
          [0, null, null],
          [1, null, null],
        ],
      },
      {
        labels: ['a'],
        values: [40, 3, 20, 30, 3],
        series: [
          [20, 40, null],
          [2, 1, null],
          [15, 40, null],
          [10, 20, null],
          [2, 1, null],
        ],
      },
    ]);
  });

  it('keeps the first groups by the order, or those that were named', async () => {
    const first = await ask(
      {
        metric: 'many',
        groupBy: ['k'],
        aggregations: [{ function: 'max' }],
        limit: 2,
        order: { by: 'k', direction: 'asc' },
      },
      noon,
    );
    expect(first.groups.map(({ labels }) => labels)).toEqual([['0'], ['1']]);
    expect(first.totalGroups).toBe(105);
    const named = await ask(
      { metric: 'many', groupBy: ['k'], aggregations: [{ function: 'max' }], limit: 1 },
      { ...noon, onlyGroups: [['77'], ['9'], ['no such']] },
    );
    expect(named.groups.map(({ labels }) => labels)).toEqual([['77'], ['9']]);
  });

  it('shows distributions as counts by bucket', async () => {
    const of = async (metric: string, steps: Steps | null) =>
      (await ask({ metric, aggregations: [{ function: 'histogram' }] }, { ...noon, steps })).groups[0];
    expect(await of('lat', noon.steps)).toMatchObject({
      values: [null],
      distributions: [
        {
          bounds: [0, 10, 20, 40, 80],
          counts: [
            [2, 4, 2, 0],
            [0, 0, 0, 1],
            [0, 0, 0, 0],
          ],
        },
      ],
    });
    expect(await of('exp', null)).toMatchObject({ distributions: [{ bounds: [1, 2, 4], counts: [[4, 4]] }] });
    const gauge = (await of('mem', noon.steps))?.distributions?.[0];
    expect(gauge?.bounds).toEqual(Array.from({ length: 19 }, (_, i) => 10 + i * 5));
    expect(gauge?.counts.map((step) => step.reduce((sum, count) => sum + count, 0))).toEqual([3, 1, 0]);
    // 10 and 20 lie in the first two buckets, 100 in the last.
    expect(gauge?.counts[0]).toEqual([1, 1, ...Array.from({ length: 15 }, () => 0), 1]);
  });

  it('refuses what a type cannot say', async () => {
    const refused = (metric: string, name: string) => ask({ metric, aggregations: [{ function: name }] }, noon);
    await expect(refused('lat', 'last')).rejects.toMatchObject({ errors: [{ path: 'aggregations.0.function' }] });
    await expect(refused('sum', 'histogram')).rejects.toMatchObject({ errors: [{ path: 'aggregations.0.function' }] });
    await expect(refused('mem', 'quantile')).rejects.toMatchObject({ errors: [{ path: 'aggregations.0.function' }] });
  });

  it('lists points', async () => {
    const query = QueryPart.parse({ signal: 'metrics', metric: 'mem', fields: ['state', 'host.name'], limit: 2 });
    const filter = parseTfql('');
    const planned = await planner.plan({ tenantId: TENANT, part: query, filter, wheres: [], ...noon }, run);
    const ns = (seconds: number) => String(BigInt(NOON + seconds * 1000) * 1_000_000n);
    expect(await planned.answer(run)).toEqual({
      kind: 'rows',
      columns: [
        { name: 'time', unit: '' },
        { name: 'state', unit: '' },
        { name: 'host.name', unit: '' },
        { name: 'value', unit: 'By' },
      ],
      rows: [
        [ns(60), 'used', 'web-1', 40],
        [ns(30), 'used', 'web-1', 20],
      ],
      truncated: true,
      notes: [],
    });
  });
});

describe("names as Prometheus' exporters spell them", () => {
  const metric = 'http.server.request.duration';
  beforeAll(async () => {
    await engine.insert('series_v3', [
      seriesRow({
        id: '7001',
        metric,
        type: 'counter',
        temporality: 'delta',
        lastSeenMs: NOON,
        attributes: { 'http.route': '/x' },
      }),
      seriesRow({
        id: '7002',
        metric,
        type: 'counter',
        temporality: 'delta',
        lastSeenMs: NOON,
        attributes: { 'http.route': '/y' },
      }),
      seriesRow({ id: '7003', metric: 'http.server', type: 'gauge', lastSeenMs: NOON }),
      // The newest type is read, the other one named.
      seriesRow({ id: '7004', metric, type: 'gauge', lastSeenMs: NOON - HOUR }),
    ]);
    const point = (id: string) => ({
      tenant_id: TENANT,
      metric_name: metric,
      series_id: id,
      timestamp: at(BigInt(NOON) * 1_000_000n),
      value: Number(id),
    });
    await engine.insert('metrics_v3', ['7001', '7002', '7004'].map(point));
  });

  it.each([
    'http.server.request.duration',
    'http_server_request_duration',
    'http_server_request_duration_seconds',
    'http_server_request_duration_seconds_bucket',
    'http_server_request_duration_total',
  ])('%s finds the metric and its labels', async (name) => {
    const { groups, notes } = await ask(
      {
        metric: name,
        filter: 'http_route:"/x" service_name:shop job:shop',
        groupBy: ['http_route'],
        aggregations: [{ function: 'sum' }],
      },
      { ...noon, steps: null },
    );
    expect(groups).toEqual([{ labels: ['/x'], values: [7001] }]);
    expect(notes).toMatchObject([{ code: 'mixed_types' }]);
  });

  it.each(['http_server_request_duration_of_nothing', 'http_server_request', 'nope'])(
    '%s finds nothing',
    async (name) => {
      expect((await ask({ metric: name, aggregations: [{ function: 'sum' }] }, noon)).groups).toEqual([]);
    },
  );
});

/** A generator of numbers that is the same in every run. */

describe('what is known of a metric', () => {
  const part = QueryPart.parse({ signal: 'metrics', metric: 'mem', aggregations: [{ function: 'avg' }] });
  const request = { tenantId: TENANT, part, filter: parseTfql(''), wheres: [parseTfql('')], ...noon };

  it('is looked up once for a while', async () => {
    const own = new MetricPlanner();
    const asked: string[] = [];
    const recorded: Run = (statement) => {
      asked.push(statement.sql);
      return run(statement);
    };
    const intervalMs = await own.sampleIntervalMs(request, recorded);
    await own.plan(request, recorded);
    expect(intervalMs).toBeGreaterThan(0);
    expect(asked).toHaveLength(2);
    expect(await own.sampleIntervalMs(request, recorded)).toBe(intervalMs);
    expect(asked).toHaveLength(2);
    await own.sampleIntervalMs({ ...request, filter: parseTfql('state:used') }, recorded);
    expect(asked).toHaveLength(3);
    await own.sampleIntervalMs({ ...request, filter: parseTfql('  state:used') }, recorded);
    expect(asked).toHaveLength(3);
    await own.plan({ ...request, tenantId: OTHER_TENANT }, recorded);
    expect(asked.length).toBeGreaterThan(3);
  });

  it('is of its tenant alone: another has sent the metric once', async () => {
    const own = new MetricPlanner();
    const foreign = { ...request, tenantId: OTHER_TENANT };
    const runForeign: Run = (statement) => engine.store.query(statement, { tenantId: OTHER_TENANT });
    expect(await own.sampleIntervalMs(request, run)).toBeGreaterThan(0);
    expect(await own.sampleIntervalMs(foreign, runForeign)).toBeUndefined();
  });

  it('is not remembered of one that is not there yet', async () => {
    const own = new MetricPlanner();
    const late = { ...request, part: { ...part, metric: 'late' } };
    const notes = async () => (await (await own.plan(late, run)).answer(run)).notes ?? [];
    expect(await notes()).toMatchObject([{ code: 'unknown_metric' }]);
    await engine.insert('series_v3', [seriesRow({ id: '990', metric: 'late', type: 'gauge', lastSeenMs: NOON })]);
    expect(await notes()).toEqual([]);
  });
});
