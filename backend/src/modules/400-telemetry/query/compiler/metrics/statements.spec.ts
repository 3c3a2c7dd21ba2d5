import { Aggregation, parseTfql } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import type { Statement } from '../parameters.js';
import { compileExponentialSeries, compileHistogramSeries } from './distributions.js';
import { compileKeysOf, compileNamesBehind } from './metric.js';
import { compileNumberGroups, numberTable, type NumberQuestion } from './numbers.js';
import { compilePointBuckets } from './point-buckets.js';
import { compileMetricTypes, compileSampleInterval, type Selection } from './selection.js';

/*
 * The SQL of a fixed set of questions, committed for review: `vitest -u` writes it anew, the diff shows what a change
 * of the compiler does to it.
 */
const tenantId = '019a0000-0000-7000-8000-000000000001';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 2026-03-10T00:00Z. */
const midnight = 1_773_100_800_000;
const between = (fromMs: number, toMs: number) => ({
  fromNs: BigInt(fromMs) * 1_000_000n,
  toNs: BigInt(toMs) * 1_000_000n,
});
const starts = (stepMs: number, count: number) => Array.from({ length: count }, (_, i) => midnight + i * stepMs);
const stepsOf = (stepMs: number, count: number) => ({ stepMs, timeZone: 'UTC', starts: starts(stepMs, count) });

const selection: Selection = {
  tenantId,
  metricName: 'http.server.request.duration',
  type: 'counter',
  filter: parseTfql('http.route:/cart'),
  groupBy: ['service.name', 'http.route', 'resource.host.name'],
  range: between(midnight, midnight + HOUR),
};
const all = parseTfql('');

function numbers(functions: readonly string[], more: Partial<NumberQuestion> = {}): NumberQuestion {
  return {
    selection,
    steps: stepsOf(60_000, 60),
    aggregations: functions.map((name) => Aggregation.parse({ function: name, level: 0.9 })),
    wheres: functions.map(() => all),
    order: { aggregation: 0 },
    direction: 'desc',
    limit: 20,
    ...more,
  };
}

const gauge = { ...selection, type: 'gauge' };
const QUESTIONS: Record<string, Statement> = {
  'types of a metric': compileMetricTypes(tenantId, selection.metricName),
  "metrics behind a name as Prometheus' exporters spell it": compileNamesBehind(tenantId, 'http_server_requests_total'),
  'attribute keys of a metric': compileKeysOf(tenantId, selection.metricName),
  'distance of samples': compileSampleInterval(selection),
  'rate of a counter by minute': compileNumberGroups(numbers(['rate'])),
  'rate of a counter, all and failed, over the range': compileNumberGroups(
    numbers(['rate', 'rate'], { steps: null, wheres: [all, parseTfql('http.response.status_code>=500')] }),
  ),
  'average and percentile of a gauge by minute': compileNumberGroups(numbers(['avg', 'p95'], { selection: gauge })),
  'average of all series of a gauge by minute': compileNumberGroups(
    numbers(['avg'], { selection: { ...gauge, filter: all, hasOneType: true } }),
  ),
  'average of a gauge by hour, from the middle of one to the middle of another': compileNumberGroups(
    numbers(['avg'], {
      selection: { ...gauge, range: between(midnight + HOUR / 2, midnight + 9 * HOUR + HOUR / 2) },
      steps: stepsOf(HOUR, 10),
    }),
  ),
  'sum of a counter by day': compileNumberGroups(
    numbers(['sum'], {
      selection: { ...selection, groupBy: [], range: between(midnight, midnight + 7 * DAY) },
      steps: stepsOf(DAY, 7),
    }),
  ),
  'given groups of a gauge across a change of the clock': compileNumberGroups(
    numbers(['max'], {
      selection: {
        ...gauge,
        onlyGroups: [['checkout', '/pay', 'web-1']],
        range: between(midnight, midnight + 2 * DAY),
      },
      steps: { stepMs: DAY, timeZone: 'Europe/Berlin', starts: [midnight - HOUR, midnight + 22 * HOUR] },
    }),
  ),
  'heatmap of a gauge': compilePointBuckets({ selection: gauge, steps: stepsOf(60_000, 60) }, [0, 1, 2, 3]),
  'percentile of a histogram': compileHistogramSeries({
    selection: { ...selection, type: 'histogram' },
    steps: stepsOf(60_000, 60),
  }),
  'percentile of an exponential histogram': compileExponentialSeries({
    selection: { ...selection, type: 'exponential_histogram' },
    steps: null,
  }),
};

it('compiles the fixed questions to the reviewed SQL', async () => {
  const text = Object.entries(QUESTIONS).map(
    ([name, { sql, params }]) => `-- ${name}\n${sql};\n-- ${JSON.stringify(params)}\n`,
  );
  await expect(text.join('\n')).toMatchFileSnapshot('statements.sql');
});

it.each(Object.entries(QUESTIONS))(
  '%s: names the tenant in every table it reads, and holds no literal of the question',
  (_, { sql }) => {
    const reads = sql.match(/FROM \w+_v3\w*/g) ?? [];
    const guards = sql.match(/tenant_id = \{tenant:UUID\}/g) ?? [];
    expect(guards.length).toBeGreaterThanOrEqual(reads.length);
    for (const word of ['checkout', 'http.route', 'http.server', 'http_server', '/cart', 'web-1', 'host.name'])
      expect(sql).not.toContain(word);
  },
);

const week = between(midnight, midnight + 7 * DAY);
it.each([
  ['avg', stepsOf(60_000, 10), 'metrics_v3'],
  ['avg', stepsOf(HOUR, 10), 'metrics_v3_hourly'],
  ['max', stepsOf(2 * HOUR, 10), 'metrics_v3_hourly'],
  ['sum', stepsOf(DAY, 7), 'metrics_v3_daily'],
  ['count', null, 'metrics_v3_daily'],
  ['sum', { ...stepsOf(DAY, 7), starts: starts(DAY, 7).map((start) => start - 5.5 * HOUR) }, 'metrics_v3'],
  ['sum', { ...stepsOf(DAY, 7), starts: starts(DAY, 7).map((start) => start - 7 * HOUR) }, 'metrics_v3_hourly'],
  ['rate', stepsOf(DAY, 7), 'metrics_v3'],
  ['p95', stepsOf(HOUR, 10), 'metrics_v3'],
  ['last', stepsOf(HOUR, 10), 'metrics_v3'],
] as const)('answers %s in steps of %o from %s', (name, steps, table) => {
  expect(numberTable(numbers([name], { steps, selection: { ...gauge, range: week } }))).toBe(table);
});
