import { parseTfql, QueryPart } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnsweredGroup, GroupsAnswer, PartRequest, Run, Steps } from '../../engine/part.js';
import { evaluateMetric, levelOf, type EvaluatedPoint, type EvaluatedSeries } from '../../testing/metric-evaluator.js';
import { DAY, insertMetrics, NOON } from '../../testing/metrics-scene.js';
import { at, OTHER_TENANT, seriesRow, TENANT } from '../../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../../testing/telemetry-engine.js';
import { MetricPlanner } from './planner.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Generated points lie in these 40 hours. */
const BEGIN = DAY - 20 * HOUR;
const END = DAY + 20 * HOUR;

let engine: TelemetryEngine;
let run: Run;
const planner = new MetricPlanner();

beforeAll(async () => {
  engine = await startTelemetryEngine();
  run = (statement) => engine.store.query(statement, { tenantId: TENANT });
  await insertMetrics(engine);
  for (const type of Object.keys(METRICS)) await insertGenerated(METRICS[type] ?? []);
});
afterAll(() => engine?.stop());

async function ask(part: object, period: Pick<PartRequest, 'range' | 'steps' | 'onlyGroups'>): Promise<GroupsAnswer> {
  const query = QueryPart.parse({ signal: 'metrics', ...part });
  const planned = await planner.plan(
    {
      tenantId: TENANT,
      part: query,
      filter: parseTfql(query.filter),
      wheres: query.aggregations.map(({ where }) => parseTfql(where)),
      ...period,
    },
    run,
  );
  const answer = await planned.answer(run);
  if (answer.kind !== 'groups') throw new Error('expected groups');
  return answer;
}

const between = (fromMs: number, toMs: number) => ({
  fromNs: BigInt(fromMs) * 1_000_000n,
  toNs: BigInt(toMs) * 1_000_000n,
});

function evenSteps(fromMs: number, toMs: number, stepMs: number, offsetMs = 0): Steps {
  const starts: number[] = [];
  for (let start = Math.floor((fromMs - offsetMs) / stepMs) * stepMs + offsetMs; start < toMs; start += stepMs)
    starts.push(start);
  return { stepMs, timeZone: 'UTC', starts };
}

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
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SERVICES = ['a', 'b', "o'c"];
const ROUTES = ['/x', '/y', ''];
const BOUNDS = [
  [10, 20, 40],
  [5, 20],
];

function generated(type: string, seed: number): EvaluatedSeries[] {
  const random = randomNumbers(seed);
  return Array.from({ length: 9 }, (_, i): EvaluatedSeries => {
    const temporality = type === 'gauge' ? 'unspecified' : i % 3 === 0 ? 'delta' : 'cumulative';
    const route = ROUTES[random(3)] ?? '';
    const points: EvaluatedPoint[] = [];
    let [atMs, startMs] = [BEGIN + random(5 * HOUR), BEGIN - HOUR];
    let previousMs = atMs - 1;
    const bounds = BOUNDS[i % 2] ?? [];
    let before = { value: 0, buckets: [0, 0, 0, 0] };
    while (atMs < END) {
      if (random(8) === 0)
        [before, startMs] = [{ value: 0, buckets: [0, 0, 0, 0] }, previousMs + random(atMs - previousMs)];
      if (temporality === 'delta') before = { value: 0, buckets: [0, 0, 0, 0] };
      const added = before.buckets
        .map((count) => count + random(4))
        .slice(0, type === 'histogram' ? bounds.length + 1 : 4);
      const value =
        type === 'gauge'
          ? random(100) - 20
          : before.value + random(type === 'counter' ? 20 : 31) - (type === 'counter' ? 0 : 10);
      before = { value, buckets: added };
      const count = added.reduce((sum, n) => sum + n, 0);
      const distribution = { atMs, startMs, count, sum: count * 3, buckets: added };
      if (type === 'histogram') points.push({ ...distribution, bounds });
      else if (type === 'exponential_histogram') points.push({ ...distribution, scale: 1, offset: i % 4 });
      else points.push({ atMs, startMs, value });
      previousMs = atMs;
      atMs += 1 + random(20 * MINUTE);
    }
    return {
      id: String(seed * 100 + i),
      type,
      temporality,
      service: SERVICES[random(3)] ?? 'a',
      attributes: { ...(route === '' ? {} : { route }), code: String(200 + random(4) * 100) },
      points,
    };
  });
}

const METRICS: Readonly<Record<string, EvaluatedSeries[]>> = {
  gauge: generated('gauge', 11),
  counter: generated('counter', 22),
  up_down_counter: generated('up_down_counter', 33),
  histogram: generated('histogram', 44),
  exponential_histogram: generated('exponential_histogram', 55),
};

async function insertGenerated(series: readonly EvaluatedSeries[]): Promise<void> {
  for (const one of series) {
    const { id, type, temporality, service, attributes } = one;
    const row = { id, metric: `gen.${type}`, type, temporality, service, attributes, lastSeenMs: END };
    await engine.insert('series_v3', [seriesRow(row), seriesRow({ ...row, tenant: OTHER_TENANT })]);
    const rows = one.points.map((point) => pointRow(one, point));
    const foreign = rows.map((inserted) => ({ ...inserted, tenant_id: OTHER_TENANT, value: 1e6, count: 1_000_000 }));
    const table = one.points[0]?.value === undefined ? 'histograms_v3' : 'metrics_v3';
    await engine.insert(
      table,
      [...rows, ...foreign].map(({ value, count, ...rest }) =>
        table === 'metrics_v3' ? { ...rest, value } : { ...rest, count },
      ),
    );
  }
}

function pointRow({ id, type }: EvaluatedSeries, point: EvaluatedPoint) {
  const time = (ms: number) => at(BigInt(ms) * 1_000_000n);
  const common = {
    tenant_id: TENANT,
    metric_name: `gen.${type}`,
    series_id: id,
    timestamp: time(point.atMs),
    start_timestamp: time(point.startMs),
    value: point.value,
    count: point.count,
  };
  const { sum, buckets, bounds, scale, offset } = point;
  if (type === 'histogram') return { ...common, kind: type, sum, explicit_bounds: bounds, bucket_counts: buckets };
  if (type !== 'exponential_histogram') return common;
  return { ...common, kind: type, sum, scale, positive_offset: offset, positive_bucket_counts: buckets };
}

/** Filters, and the same as a predicate. */
const FILTERS: readonly (readonly [text: string, (series: EvaluatedSeries) => boolean])[] = [
  ['', () => true],
  ['route:/x', ({ attributes }) => attributes.route === '/x'],
  ['NOT route:/x', ({ attributes }) => attributes.route !== '/x'],
  ['code>=400', ({ attributes }) => Number(attributes.code) >= 400],
  [`service:"o'c" OR code:200`, ({ service, attributes }) => service === "o'c" || attributes.code === '200'],
  ['exists(route)', ({ attributes }) => attributes.route !== undefined],
];
const KEYS: Readonly<Record<string, (series: EvaluatedSeries) => string>> = {
  'service.name': ({ service }) => service,
  route: ({ attributes }) => attributes.route ?? '',
  'attributes.code': ({ attributes }) => attributes.code ?? '',
};
const NUMBER_FUNCTIONS = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'last',
  'distinct',
  'increase',
  'delta',
  'p50',
  'p99',
  'quantile',
];
const OBSERVED_FUNCTIONS = ['count', 'sum', 'avg', 'increase', 'p50', 'p75', 'p95'];

const moment = fc.oneof(
  fc.integer({ min: BEGIN - HOUR, max: END + HOUR }),
  fc.integer({ min: -21, max: 21 }).map((hours) => DAY + hours * HOUR),
);
const steps = fc.constantFrom(
  null,
  [20 * MINUTE, 0],
  [HOUR, 0],
  [3 * HOUR, 0],
  [24 * HOUR, 0],
  [24 * HOUR, -7 * HOUR],
  [24 * HOUR, -5.5 * HOUR],
);
const question = fc.record({
  type: fc.constantFrom(...Object.keys(METRICS)),
  ends: fc.tuple(moment, moment).filter(([one, other]) => one !== other),
  step: steps,
  filter: fc.constantFrom(...FILTERS),
  chosen: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...FILTERS)), { minLength: 1, maxLength: 3 }),
  groupBy: fc.uniqueArray(fc.constantFrom(...Object.keys(KEYS)), { maxLength: 2 }),
  limit: fc.integer({ min: 1, max: 9 }),
  direction: fc.constantFrom('asc' as const, 'desc' as const),
});

it('answers generated questions as the evaluator does', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(question, async ({ type, ends, step, filter, chosen, groupBy, limit, direction }) => {
      const [fromMs, toMs] = [Math.min(...ends), Math.max(...ends)];
      const period = {
        range: between(fromMs, toMs),
        steps: step === null ? null : evenSteps(fromMs, toMs, step[0] ?? HOUR, step[1]),
      };
      const functions = type.includes('histogram') ? OBSERVED_FUNCTIONS : NUMBER_FUNCTIONS;
      const aggregations = chosen.map(([n, [where]]) => ({
        function: functions[n % functions.length],
        where,
        level: 0.3,
      }));
      const answer = await ask(
        { metric: `gen.${type}`, filter: filter[0], aggregations, groupBy, limit, order: { by: 0, direction } },
        period,
      );
      const series = (METRICS[type] ?? []).filter(filter[1]);
      const expected = expectedGroups(
        series,
        { groupBy, fromMs, toMs, steps: period.steps },
        chosen.map(([n, [, matches]]) => ({ name: functions[n % functions.length] ?? '', matches })),
      );
      expect(answer.totalGroups).toBe(expected.size);
      expect(answer.groups).toHaveLength(Math.min(limit, expected.size));
      for (const group of answer.groups) expectSame(group, expected.get(JSON.stringify(group.labels)));
      expectOrder(answer.groups, [...expected.values()], direction);
    }),
    { numRuns: 100, ...(process.env.FC_SEED === undefined ? {} : { seed: Number(process.env.FC_SEED) }) },
  );
});

function expectedGroups(
  series: readonly EvaluatedSeries[],
  { groupBy, fromMs, toMs, steps: asked }: { groupBy: string[]; fromMs: number; toMs: number; steps: Steps | null },
  columns: readonly { name: string; matches: (series: EvaluatedSeries) => boolean }[],
): Map<string, AnsweredGroup> {
  const labelsOf = (one: EvaluatedSeries) => groupBy.map((key) => KEYS[key]?.(one) ?? '');
  const groups = Map.groupBy(series, (one) => JSON.stringify(labelsOf(one)));
  const answered = [...groups].flatMap(([key, members]): [string, AnsweredGroup][] => {
    const value = (column: (typeof columns)[number], from: number, to: number) =>
      evaluateMetric(column.name, members.filter(column.matches), {
        rangeFromMs: fromMs,
        fromMs: Math.max(from, fromMs),
        toMs: Math.min(to, toMs),
      });
    const isThere = columns.some(({ name, matches }) =>
      name === ''
        ? false
        : evaluateMetric('count', existing(members, matches), { rangeFromMs: fromMs, fromMs, toMs }) !== null,
    );
    if (!isThere) return [];
    const values = columns.map((column) => value(column, fromMs, toMs));
    const lines = columns.map((column) =>
      (asked?.starts ?? []).map((start, i) =>
        value(column, start, asked?.starts[i + 1] ?? start + (asked?.stepMs ?? 0)),
      ),
    );
    return [[key, { labels: JSON.parse(key) as string[], values, ...(asked === null ? {} : { series: lines }) }]];
  });
  return new Map(answered);

  /** Numbers are grouped before conditions are looked at, distributions after. */
  function existing(members: readonly EvaluatedSeries[], matches: (one: EvaluatedSeries) => boolean) {
    return members[0]?.points[0]?.value === undefined ? members.filter(matches) : members;
  }
}

function expectSame(actual: AnsweredGroup, expected: AnsweredGroup | undefined): void {
  if (expected === undefined) throw new Error(`unexpected group ${JSON.stringify(actual.labels)}`);
  actual.values.forEach((value, i) => expectClose(value, expected.values[i]));
  expect(actual.series?.length).toBe(expected.series?.length);
  actual.series?.forEach((line, i) => line.forEach((value, step) => expectClose(value, expected.series?.[i]?.[step])));
}

function expectClose(actual: number | null, expected: number | null | undefined): void {
  if (actual === null || expected == null) expect(actual).toBe(expected);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

/** No group that was left out is ahead of one that was kept. */
function expectOrder(kept: readonly AnsweredGroup[], all: readonly AnsweredGroup[], direction: 'asc' | 'desc'): void {
  const rank = (group: AnsweredGroup) => {
    const value = group.values[0] ?? null;
    if (value === null) return Number.NEGATIVE_INFINITY;
    return direction === 'desc' ? value : -value;
  };
  const best = all.map(rank).sort((a, b) => b - a);
  kept.forEach((group, i) => expectClose(finite(rank(group)), finite(best[i] ?? Number.NEGATIVE_INFINITY)));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

it('knows every level it asks for', () => {
  expect(levelOf('quantile')).toBe(0.3);
});
