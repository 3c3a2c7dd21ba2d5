import { formatTfql, parseTfql, QueryPart, type TfqlExpression } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnsweredGroup, GroupsAnswer, PartRequest, Run, Steps } from '../../engine/part.js';
import type { EvaluatedLog, EvaluatedRecord, EvaluatedSpan } from '../../testing/filter-evaluator.js';
import { evaluateGroups } from '../../testing/record-evaluator.js';
import {
  logRow,
  OTHER_TENANT,
  resourceRow,
  scopeRow,
  spanRow,
  TENANT,
  type TypedAttributes,
} from '../../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../../testing/telemetry-engine.js';
import { RecordPlanner } from './record-planner.js';

const ROWS = 240;
const HOURS = 4;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Six hours ago, on the hour: everything lies before now and within one or two days. */
const START_MS = (Math.floor(Date.now() / HOUR_MS) - 6) * HOUR_MS;
const ns = (ms: number) => BigInt(ms) * 1_000_000n;

const typed = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'Käse', "it's", 'a*b', '5', '2.5', '-3', 'nan', 'inf'),
  fc.constantFrom(5, -3, 0, 1000, 40).map((int) => ({ int })),
  fc.constantFrom(2.5, -0.5, 64).map((double) => ({ double })),
  fc.constant(null),
  fc.boolean(),
);
const KEYS = ['k', 'http.route', 'host', "we'ird ]key"];
const attributes: fc.Arbitrary<TypedAttributes> = fc.dictionary(fc.constantFrom(...KEYS), typed, { maxKeys: 4 });
const hexOf = (byte: number, bytes: number) => byte.toString(16).padStart(2, '0').repeat(bytes);
const common = {
  service: fc.constantFrom('shop', 'cart', 'a', ''),
  attributes,
  resourceId: fc.constantFrom('1', '2', '3'),
  scopeId: fc.constantFrom('1', '2'),
  trace: fc.integer({ min: 1, max: 60 }).map((n) => hexOf(n, 16)),
};
const span = fc.record({
  ...common,
  name: fc.constantFrom('GET /a', 'GET /b', 'work'),
  kind: fc.integer({ min: 0, max: 5 }),
  status: fc.constantFrom(0, 0, 1, 2),
  statusMessage: fc.constantFrom('', 'timeout'),
  durationNs: fc.constantFrom(0n, 1n, 700n, 1_000_000n, 2_500_000n, 90_000_000_000n),
  isRoot: fc.boolean(),
});
const log = fc.record({
  ...common,
  body: fc.constantFrom('', 'timeout', 'a b', '5'),
  severity: fc.constantFrom(0, 1, 5, 9, 13, 17, 21, 24),
  severityText: fc.constantFrom('', 'warn', 'ERROR', 'odd'),
  eventName: fc.constantFrom('', 'click'),
});

let engine: TelemetryEngine;
let spans: EvaluatedSpan[];
let logs: EvaluatedLog[];
const run: Run = (statement) => engine.store.query(statement, { tenantId: TENANT });

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const resources = new Map(['1', '2', '3'].map((id, i) => [id, sample(attributes, 1, 50 + i)[0] ?? {}]));
  const scopes: Record<string, string> = { '1': 'io.http', '2': 'db' };
  const identity = (row: { resourceId: string; scopeId: string }) => ({
    resource: resources.get(row.resourceId) ?? {},
    scopeName: scopes[row.scopeId] ?? '',
  });
  // No two at the same instant: "the newest" is one.
  const at = (i: number) => ns(START_MS + Math.floor((i * HOURS * HOUR_MS) / ROWS)) + BigInt(i);
  spans = sample(span, ROWS, 1).map(({ isRoot, ...s }, i) => ({
    ...s,
    ...identity(s),
    span: Buffer.from(i.toString().padStart(8, '0')).toString('hex'),
    startNs: at(i),
    // Every span its own length: the longest of a trace is one.
    durationNs: s.durationNs + BigInt(i),
    ...(isRoot ? {} : { parent: '01'.repeat(8) }),
  }));
  logs = sample(log, ROWS, 2).map((l, i) => ({ ...l, ...identity(l), id: String(i), timeNs: at(i) }));
  for (const tenant of [TENANT, OTHER_TENANT]) {
    await engine.insert(
      'resources_v3',
      [...resources].map(([id, values]) =>
        resourceRow(id, tenant === TENANT ? values : { k: 'leak', host: 'leak' }, tenant),
      ),
    );
    // In several inserts, so that parts and summaries are not merged.
    for (let i = 0; i < ROWS; i += 100) {
      await engine.insert(
        'spans_v3',
        spans.slice(i, i + 100).map((s) => spanRow({ ...s, tenant })),
      );
      await engine.insert(
        'logs_v3',
        logs.slice(i, i + 100).map((l) => logRow({ ...l, tenant })),
      );
    }
  }
  await engine.insert('scopes_v3', [scopeRow('1', 'io.http', ''), scopeRow('2', 'db', '')]);
});
afterAll(() => engine?.stop());

function sample<T>(arbitrary: fc.Arbitrary<T>, numRuns: number, seed: number): T[] {
  return fc.sample(arbitrary, { numRuns, seed });
}

/* Questions. */

const FIELDS = {
  spans: ['service.name', 'name', 'kind', 'status', 'status.message', 'scope.name', 'trace_id', 'duration'],
  logs: ['service.name', 'severity', 'body', 'event.name', 'scope.name'],
  traces: ['service.name', 'name', 'status', 'trace_id', 'span_count'],
};
const ANY = [...KEYS, 'attributes.k', 'attributes.http.route', 'resource.k', 'resource.host'];
const NUMBERS = {
  spans: ['duration', 'k', 'http.route', 'resource.k'],
  logs: ['k', 'host'],
  traces: ['duration', 'span_count', 'error_count'],
};
const FILTERS = {
  spans: [
    '',
    '',
    'service.name:shop',
    'duration>1ms',
    'status:error',
    'k:5',
    'http.route:*',
    '-kind:server',
    'k>1 OR host:a',
    'timeout',
    'host!=a',
    'name~"^GET"',
  ],
  logs: ['', '', 'service.name:(shop OR cart)', 'severity:>=warn', 'timeout', 'k:5', 'NOT host:*', 'resource.k:*'],
};

type Records = 'spans' | 'logs' | 'traces';
const aggregationOf = (signal: Records) => {
  const filter = fc.constantFrom(...FILTERS[signal === 'logs' ? 'logs' : 'spans']);
  const field = fc.constantFrom(...NUMBERS[signal]);
  return fc.oneof(
    fc.record({ function: fc.constantFrom('count', 'rate'), where: filter }),
    fc.record({
      function: fc.constantFrom('count', 'distinct'),
      where: filter,
      field: fc.constantFrom(...FIELDS[signal]),
    }),
    fc.record({
      function: fc.constantFrom('sum', 'avg', 'min', 'max', 'last', 'p50', 'p75', 'p90', 'p95', 'p99', 'histogram'),
      field,
      where: filter,
    }),
    fc.record({ function: fc.constant('quantile'), level: fc.constantFrom(0.01, 0.33, 0.999), field }),
  );
};
const partOf = (signal: Records) =>
  fc.record({
    signal: fc.constant(signal),
    filter: fc.constantFrom(...FILTERS[signal === 'logs' ? 'logs' : 'spans']),
    aggregations: fc.array(aggregationOf(signal), { minLength: 1, maxLength: 4 }),
    groupBy: fc.uniqueArray(fc.constantFrom(...FIELDS[signal], ...(signal === 'traces' ? [] : ANY)), { maxLength: 3 }),
    limit: fc.constantFrom(1, 3, 1000),
    order: fc.option(fc.record({ by: fc.constant(0), direction: fc.constantFrom('asc', 'desc') }), { nil: undefined }),
  });
const part = fc.oneof(partOf('spans'), partOf('logs'), partOf('traces'));
const range = fc
  .tuple(fc.integer({ min: 0, max: 239 }), fc.integer({ min: 1, max: 240 }))
  .map(([from, length]) => ({
    fromMs: START_MS + from * MINUTE_MS + (from % 3) * 500,
    toMs: START_MS + (from + length) * MINUTE_MS,
  }))
  .filter(({ fromMs, toMs }) => fromMs < toMs);
const steps = fc.constantFrom<'none' | 'uneven' | number>(
  'none',
  'none',
  'uneven',
  7 * MINUTE_MS,
  20 * MINUTE_MS,
  HOUR_MS,
);

function stepsOf(kind: 'none' | 'uneven' | number, fromMs: number, toMs: number): Steps | null {
  if (kind === 'none') return null;
  const starts: number[] = [];
  if (kind === 'uneven') {
    for (let at = fromMs - 90_000, i = 1; at < toMs; at += i++ * 11 * MINUTE_MS) starts.push(at);
    return { stepMs: 11 * MINUTE_MS, timeZone: 'Asia/Jakarta', starts };
  }
  for (let at = Math.floor(fromMs / kind) * kind; at < toMs; at += kind) starts.push(at);
  return { stepMs: kind, timeZone: 'UTC', starts };
}

function requestOf(
  input: unknown,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  kind: 'none' | 'uneven' | number,
): PartRequest {
  const parsed = QueryPart.parse(input);
  return {
    tenantId: TENANT,
    part: parsed,
    filter: parseTfql(parsed.filter),
    wheres: parsed.aggregations.map((a): TfqlExpression => parseTfql(a.where)),
    range: { fromNs: ns(fromMs), toNs: ns(toMs) },
    steps: stepsOf(kind, fromMs, toMs),
  };
}

async function answered(request: PartRequest): Promise<{ answer: GroupsAnswer; table: string }> {
  const plan = await new RecordPlanner().plan(request, run);
  const answer = await plan.answer(run);
  if (answer.kind !== 'groups') throw new Error('expected groups');
  return { answer, table: plan.table };
}

/* Comparison. */

const rowsOf = ({ part: { signal } }: PartRequest): readonly EvaluatedRecord[] => (signal === 'logs' ? logs : spans);
const near = (a: number | null, b: number | null) =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1));

function expectSame(request: PartRequest, answer: GroupsAnswer): void {
  const expected = evaluateGroups(request, rowsOf(request));
  const question = `${JSON.stringify(request.part)} ${formatTfql(request.filter)} ${JSON.stringify(request.steps)}`;
  expect(answer.totalGroups, question).toBe(expected.length);
  const limit = request.onlyGroups?.length ?? request.part.limit;
  const top = expected.slice(0, limit);
  expect(
    answer.groups.map((g) => g.labels.join('|')),
    question,
  ).toEqual(top.map((g) => g.labels.join('|')));
  answer.groups.forEach((group, i) => {
    const wanted = top[i];
    expect(
      group.values.every((value, a) => near(value, wanted?.values[a] ?? null)),
      `${question}\n${JSON.stringify(group)}\n${JSON.stringify(wanted)}`,
    ).toBe(true);
    group.series?.forEach((line, a) => {
      expect(
        line.every((value, s) => near(value, wanted?.series?.[a]?.[s] ?? null)),
        `${question}\n${JSON.stringify(line)}\n${JSON.stringify(wanted?.series?.[a])}`,
      ).toBe(true);
    });
    expect(group.series?.length, question).toBe(wanted?.series?.length);
    expectSameBuckets(group, wanted, question);
  });
}

/** The counts of the evaluator, which are by value, put into the buckets of the answer. */
function expectSameBuckets(group: AnsweredGroup, wanted: AnsweredGroup | undefined, question: string): void {
  group.distributions?.forEach((found, a) => {
    const values = wanted?.distributions?.[a];
    if (found === null || values === null || values === undefined) return expect(found, question).toBe(values ?? null);
    const counts = found.counts.map((_, step) =>
      found.bounds.slice(1).map((high, bucket) => {
        const low = found.bounds[bucket] ?? 0;
        // A bucket has that of its ends which is nearer to zero.
        const holds = (v: number) => (low < 0 ? v > low : v >= low) && (high > 0 ? v < high : v <= high);
        return values.bounds.reduce((sum, v, i) => sum + (holds(v) ? (values.counts[step]?.[i] ?? 0) : 0), 0);
      }),
    );
    expect(found.counts, `${question} ${JSON.stringify(found.bounds)} ${JSON.stringify(values)}`).toEqual(counts);
  });
}

/* Properties. */

const MERGED: Record<string, () => Promise<void>> = {
  'as they were inserted': async () => {},
  'after a merge': async () => {
    for (const table of ['spans_v3', 'logs_v3']) {
      await engine.exec(`ALTER TABLE ${table} MODIFY SETTING min_bytes_for_wide_part = 0, map_buckets_coefficient = 4`);
      await engine.exec(`OPTIMIZE TABLE ${table} FINAL`);
    }
  },
};

it.each(Object.entries(MERGED))(
  'groups as the evaluator in memory does, %s',
  { timeout: 120_000 },
  async (_, reach) => {
    await reach();
    await fc.assert(
      fc.asyncProperty(part, range, steps, async (asked, between, kind) => {
        const request = requestOf(asked, between, kind);
        expectSame(request, (await answered(request)).answer);
      }),
      { numRuns: 120 },
    );
  },
);

const word = fc.constantFrom('shop', 'cart', 'a', '');
const counting = fc.record({
  signal: fc.constantFrom('spans', 'logs'),
  filter: fc.oneof(
    fc.constant(''),
    word.map((w) => `service.name="${w}"`),
    word.map((w) => `NOT service:"${w}"`),
  ),
  aggregations: fc.array(fc.record({ function: fc.constantFrom('count', 'rate') }), { minLength: 1, maxLength: 2 }),
  groupBy: fc.constantFrom([], ['service.name'], ['service']),
});
const errors = { function: 'count', where: 'status:error' };

it('answers counts of whole hours from the rollup as from the records', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      counting,
      fc.boolean(),
      fc.integer({ min: 0, max: HOURS - 1 }),
      fc.integer({ min: 1, max: HOURS }),
      fc.constantFrom<'none' | number>('none', HOUR_MS, 2 * HOUR_MS),
      async (asked, withErrors, from, length, kind) => {
        const aggregations =
          withErrors && asked.signal === 'spans' ? [...asked.aggregations, errors] : asked.aggregations;
        const between = { fromMs: START_MS + from * HOUR_MS, toMs: START_MS + (from + length) * HOUR_MS };
        const request = requestOf({ ...asked, aggregations }, between, kind);
        const { answer, table } = await answered(request);
        expect(table).toBe('services_v3');
        expectSame(request, answer);
      },
    ),
    { numRuns: 40 },
  );
});

it('adds the records beside the whole hours', async () => {
  const between = { fromMs: START_MS + 17 * MINUTE_MS, toMs: START_MS + 3 * HOUR_MS + 1 };
  const input = { signal: 'spans', aggregations: [{ function: 'count' }, errors], groupBy: ['service.name'] };
  const request = requestOf(input, between, HOUR_MS);
  const { answer, table } = await answered(request);
  expect(table).toBe('services_v3');
  expectSame(request, answer);
});

it.each([
  ['a step finer than an hour', { signal: 'spans', aggregations: [{ function: 'count' }] }, 20 * MINUTE_MS],
  ['another field', { signal: 'spans', aggregations: [{ function: 'count' }], filter: 'name:work' }, HOUR_MS],
  ['another key', { signal: 'spans', aggregations: [{ function: 'count' }], groupBy: ['kind'] }, HOUR_MS],
  ['a measure', { signal: 'spans', aggregations: [{ function: 'max', field: 'duration' }] }, HOUR_MS],
  ['a severity', { signal: 'logs', aggregations: [{ function: 'count', where: 'severity:error' }] }, HOUR_MS],
  ['free text', { signal: 'logs', aggregations: [{ function: 'count' }], filter: 'timeout' }, HOUR_MS],
] as const)('reads the records for %s', async (_, input, step) => {
  const request = requestOf(input, { fromMs: START_MS, toMs: START_MS + HOURS * HOUR_MS }, step);
  const { answer, table } = await answered(request);
  expect(table).toBe(input.signal === 'spans' ? 'spans_v3' : 'logs_v3');
  expectSame(request, answer);
});

const ALL = { fromMs: START_MS, toMs: START_MS + HOURS * HOUR_MS };

it.each([
  [['service.name'], [['cart'], ['nobody']]],
  [
    ['kind', 'http.route', 'trace_id'],
    [
      ['server', '5', hexOf(1, 16)],
      ['client', '', hexOf(2, 16)],
    ],
  ],
  [
    ['status', 'scope.name', 'host'],
    [
      ['ok', 'db', "it's"],
      ['unset', 'io.http', ''],
    ],
  ],
])('answers only the asked groups of %j', async (groupBy, onlyGroups) => {
  const aggregations = [{ function: 'count' }, { function: 'p95', field: 'duration' }];
  for (const kind of ['none', 20 * MINUTE_MS] as const) {
    const request = { ...requestOf({ signal: 'spans', groupBy, aggregations, limit: 1 }, ALL, kind), onlyGroups };
    expectSame(request, (await answered(request)).answer);
  }
});

it.each([
  "' OR 1=1 --",
  '\\',
  "') OR tenant_id != toUUID('",
  '{tenant:UUID}',
  'a\u0000b',
  '`x`',
  '%',
  '🦊',
  '*/ SELECT 1 /*',
])('finds nothing of another tenant, and nothing else, for the name and value %j', async (hostile) => {
  const quoted = JSON.stringify(hostile.replaceAll('\u0000', '0'));
  const input = {
    signal: 'spans',
    filter: `k:${quoted} OR attributes.${quoted}:x`,
    aggregations: [
      { function: 'count', alias: hostile },
      { function: 'p95', field: hostile, where: `resource.${quoted}:*` },
      { function: 'histogram', field: `attributes.${hostile}` },
    ],
    groupBy: [hostile, `resource.${hostile}`],
  };
  for (const kind of ['none', HOUR_MS] as const) {
    const request = { ...requestOf(input, ALL, kind), onlyGroups: [[hostile, hostile]] };
    expect((await answered(request)).answer.groups).toEqual([]);
    expect((await answered(requestOf(input, ALL, kind))).answer.groups).toEqual([]);
  }
  const rows = await (
    await new RecordPlanner().plan(requestOf({ signal: 'logs', fields: [hostile] }, ALL, 'none'), run)
  ).answer(run);
  expect(rows.kind === 'rows' && rows.rows.every(([value]) => value === null)).toBe(true);
});

it('estimates percentiles between their neighbours where the values may not all be kept', async () => {
  const input = { signal: 'spans', aggregations: [{ function: 'p50', field: 'duration' }], groupBy: ['status'] };
  const request = requestOf(input, ALL, HOUR_MS);
  const many: Run = async <T>(statement: Parameters<Run>[0]) =>
    statement.sql.includes('FROM services_v3') ? ([{ records: '20000001' }] as T[]) : run<T>(statement);
  const plan = await new RecordPlanner().plan(request, many);
  const answer = await plan.answer(run);
  expect(plan.statements[0]?.sql).toContain('quantilesTDigest');
  if (answer.kind !== 'groups') throw new Error('expected groups');
  for (const group of answer.groups) {
    const durations = spans
      .filter((s) => ['unset', 'ok', 'error'][s.status ?? 0] === group.labels[0])
      .map((s) => Number(s.durationNs))
      .sort((a, b) => a - b);
    const middle = durations.length / 2;
    expect(group.values[0]).toBeGreaterThanOrEqual(durations[Math.floor(middle * 0.9)] ?? NaN);
    expect(group.values[0]).toBeLessThanOrEqual(durations[Math.ceil(middle * 1.1)] ?? NaN);
    expect(group.series?.[0]).toHaveLength(HOURS);
  }
});
