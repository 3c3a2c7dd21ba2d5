import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnsweredGroup, Run, Steps } from '../../engine/part.js';
import { evaluateMetric, levelOf, type EvaluatedPoint, type EvaluatedSeries } from '../../testing/metric-evaluator.js';
import { askMetric, between, evenSteps, type MetricPeriod } from '../../testing/metric-questions.js';
import { DAY } from '../../testing/metrics-scene.js';
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
const ask = (part: object, period: MetricPeriod) => askMetric(planner, run, part, period);

beforeAll(async () => {
  engine = await startTelemetryEngine();
  run = (statement) => engine.store.query(statement, { tenantId: TENANT });
  for (const type of Object.keys(METRICS)) await insertGenerated(METRICS[type] ?? []);
});
afterAll(() => engine?.stop());

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
    { numRuns: 100 },
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
