import { formatTfql, parseTfql, type CompareOperator, type TfqlExpression } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluate, type EvaluatedLog } from '../testing/filter-evaluator.js';
import { logRow, resourceRow, scopeRow, TENANT, type Typed, type TypedAttributes } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { compileFilter } from './filter.js';
import { Parameters } from './parameters.js';

const ROWS = 150;
const BATCH = 20;

const word = fc.constantFrom(
  '',
  'a',
  'A',
  'ab',
  'abc',
  'a_c',
  'a%c',
  'x\\y',
  "it's",
  '5',
  '5.0',
  '10',
  '-3',
  '2.5',
  '1e3',
  'Käse',
  'a\nb',
  'true',
);
const typed: fc.Arbitrary<Typed> = fc.oneof(
  word,
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(5, -3, 10, 2000, 1000).map((int) => ({ int })),
  fc.constantFrom('9007199254740993', '9007199254740992').map((int) => ({ int })),
  fc.constantFrom(5, 2.5, -3, 0.5).map((double) => ({ double })),
  fc.constantFrom('[1,"a"]', '{"a":5}').map((json) => ({ json })),
);
const key = fc.constantFrom('k', 'http.route', 'status', "we'ird ]key", 'host');
const attributes: fc.Arbitrary<TypedAttributes> = fc.dictionary(key, typed, { maxKeys: 4 });
const resources = ['1', '2', '3'];
const body = fc
  .array(fc.constantFrom('timeout', 'Timeout', 'timeouts', 'to', 'db-1', 'a_c', '100%', 'Käse', '5'), { maxLength: 4 })
  .map((words) => words.join(' '));

const field = fc.oneof(
  key,
  key.map((k) => `attributes.${k}`),
  key.map((k) => `resource.${k}`),
  fc.constantFrom('service', 'severity', 'body', 'event.name', 'scope.name'),
);
const literal = fc.oneof(
  fc.record({ text: word, quoted: fc.constant(true) }),
  fc.record({
    text: fc.constantFrom(
      '5',
      '10',
      '-3',
      '2.5',
      '2KB',
      '1e3',
      '2500ms',
      'a',
      'a*',
      '*c',
      'a*c',
      'a_c',
      'abc',
      'true',
      'warn',
      'ERROR',
      'timeout',
      'to',
      'db-1',
      '9007199254740993',
      'käse',
      'svc1',
      'svc*',
    ),
    quoted: fc.constant(false),
  }),
);
const at = fc.constant({ from: 0, to: 0 });
const comparison = fc.oneof(
  fc.record({
    kind: fc.constant('compare' as const),
    field,
    operator: fc.constantFrom<CompareOperator>(':', '=', '!=', '>', '>=', '<', '<='),
    value: literal,
    at,
  }),
  fc.record({
    kind: fc.constant('compare' as const),
    field,
    operator: fc.constantFrom<CompareOperator>('~', '!~'),
    value: fc.constantFrom('^a', 'b$', 'a.c', '[0-9]+', 'time').map((text) => ({ text, quoted: true })),
    at,
  }),
);
const leaf: fc.Arbitrary<TfqlExpression> = fc.oneof(
  { weight: 6, arbitrary: comparison },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('exists' as const), field, at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('text' as const), value: literal, at }) },
);
const expression: fc.Arbitrary<TfqlExpression> = fc.letrec<{ node: TfqlExpression }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      items: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
    }),
    tie('node').map((item): TfqlExpression => ({ kind: 'not', item })),
  ),
})).node;

let engine: TelemetryEngine;
let rows: EvaluatedLog[];

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const resourceAttributes = new Map(
    resources.map((id, i) => [id, fc.sample(attributes, { numRuns: 1, seed: 100 + i })[0] ?? {}]),
  );
  const log = fc.record({
    body,
    severity: fc.constantFrom(0, 1, 5, 9, 12, 13, 17, 24),
    severityText: fc.constantFrom('', 'warn', 'ERROR', 'odd', 'a'),
    service: fc.constantFrom('svc1', 'svc2', 'a', ''),
    eventName: fc.constantFrom('', 'a', 'abc'),
    attributes,
    resourceId: fc.constantFrom(...resources),
    scopeId: fc.constantFrom('1', '2'),
  });
  const startNs = BigInt(Date.now() - 3_600_000) * 1_000_000n;
  rows = fc.sample(log, { numRuns: ROWS, seed: 1 }).map((input, i) => ({
    ...input,
    id: String(i),
    timeNs: startNs + BigInt(i),
    resource: resourceAttributes.get(input.resourceId) ?? {},
    scopeName: input.scopeId === '1' ? 'abc' : 'io.http',
  }));
  await engine.insert(
    'resources_v3',
    [...resourceAttributes].map(([id, values]) => resourceRow(id, values)),
  );
  await engine.insert('scopes_v3', [scopeRow('1', 'abc', ''), scopeRow('2', 'io.http', '')]);
  await engine.insert('logs_v3', rows.map(logRow));
});
afterAll(() => engine?.stop());

/** Merged on files of its own, the map is kept in buckets, of which a filter reads one. */
const STATES: Record<string, () => Promise<void>> = {
  'as they were inserted': async () => {},
  'after a merge': async () => {
    await engine.exec('ALTER TABLE logs_v3 MODIFY SETTING min_bytes_for_wide_part = 0, map_buckets_coefficient = 4');
    await engine.exec('OPTIMIZE TABLE logs_v3 FINAL');
  },
};

it.each(Object.entries(STATES))('selects the same records as the evaluator in memory, %s', async (_, reach) => {
  await reach();
  await fc.assert(
    fc.asyncProperty(fc.array(expression, { minLength: 1, maxLength: BATCH }), async (expressions) => {
      const params = new Parameters(TENANT);
      const columns = expressions.map(
        (e, i) => `groupArrayIf(toUInt32(id), ${compileFilter(e, 'logs', params)}) AS c${i}`,
      );
      const sql = `SELECT ${columns.join(',\n')} FROM logs_v3 WHERE ${params.tenantFilter}`;
      const [found] = await engine.store.query<Record<string, number[]>>(params.statement(sql), { tenantId: TENANT });
      expressions.forEach((e, i) => {
        const expected = rows.filter((row) => evaluate(e, row)).map((row) => Number(row.id));
        expect(
          [...(found?.[`c${i}`] ?? [])].sort((a, b) => a - b),
          formatTfql(e),
        ).toEqual(expected);
      });
    }),
    { numRuns: 40 },
  );
});

it.each(['k:5', 'k=5', 'http.route:a*c', 'status>2KB', 'NOT host:a OR body:timeout'])(
  'also from its text: %s',
  async (text) => {
    const params = new Parameters(TENANT);
    const sql = `SELECT toUInt32(id) AS n FROM logs_v3 WHERE ${params.tenantFilter} AND ${compileFilter(parseTfql(text), 'logs', params)} ORDER BY id`;
    const found = await engine.store.query<{ n: number }>(params.statement(sql), { tenantId: TENANT });
    const expected = rows.filter((row) => evaluate(parseTfql(text), row)).map((row) => Number(row.id));
    expect(found.map((row) => row.n)).toEqual(expected);
  },
);
