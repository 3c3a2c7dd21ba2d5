import { parseTfql, QueryPart } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import type { PartRequest, Run, Steps } from '../../engine/part.js';
import type { Statement } from '../parameters.js';
import { RecordPlanner } from './record-planner.js';

/*
 * The SQL of a fixed set of questions about records, committed for review: `vitest -u` writes it anew.
 */
const FROM_MS = 1_773_100_800_000;
const HOUR_MS = 3_600_000;
const count = { function: 'count' };
const errors = { function: 'count', where: 'status:error', alias: 'errors' };
const p95 = { function: 'p95', field: 'duration' };

const QUESTIONS: Record<string, [part: object, step: number | 'none' | 'calendar']> = {
  'p95 of duration by route, in steps': [{ signal: 'spans', aggregations: [p95], groupBy: ['http.route'] }, 60_000],
  'rate, errors and percentiles by operation': [
    {
      signal: 'spans',
      filter: 'service.name:checkout duration>500ms',
      aggregations: [{ function: 'rate' }, errors, { function: 'p50', field: 'duration' }, p95],
      groupBy: ['service.name', 'name'],
      order: { by: 1 },
    },
    'none',
  ],
  'a facet of an attribute, also of resources': [
    { signal: 'spans', filter: 'card.type:visa', aggregations: [count], groupBy: ['host.name'], limit: 10 },
    'none',
  ],
  'top customers, in steps': [
    { signal: 'spans', aggregations: [count, { function: 'sum', field: 'cart.total' }], groupBy: ['customer.id'] },
    60_000,
  ],
  'a heatmap': [{ signal: 'spans', aggregations: [{ function: 'histogram', field: 'duration' }] }, 60_000],
  'log volume by severity': [
    { signal: 'logs', filter: 'timeout', aggregations: [count], groupBy: ['severity'] },
    60_000,
  ],
  'log volume by day of a time zone': [
    { signal: 'logs', aggregations: [{ function: 'distinct', field: 'user.id' }], groupBy: ['scope.name'] },
    'calendar',
  ],
  'spans by service and hour': [{ signal: 'spans', aggregations: [count, errors], groupBy: ['service'] }, HOUR_MS],
  'duration of traces that touch a service': [
    { signal: 'traces', filter: 'service.name:checkout', aggregations: [count, p95], groupBy: ['name'] },
    60_000,
  ],
  records: [{ signal: 'logs', filter: 'severity:error', fields: ['timestamp', 'body', 'user.id'], limit: 100 }, 'none'],
};

function requestOf(input: object, step: number | 'none' | 'calendar'): PartRequest {
  const part = QueryPart.parse(input);
  const even = step === 'none' ? 0 : step === 'calendar' ? 24 * HOUR_MS : step;
  const starts =
    step === 'none'
      ? []
      : Array.from({ length: (4 * HOUR_MS) / Math.min(even, 4 * HOUR_MS) }, (_, i) => FROM_MS + i * even);
  const steps: Steps | null = step === 'none' ? null : { stepMs: even, timeZone: 'UTC', starts };
  const uneven = { stepMs: even, timeZone: 'Asia/Jakarta', starts: [FROM_MS - 7 * HOUR_MS, FROM_MS + HOUR_MS] };
  return {
    tenantId: '019a0000-0000-7000-8000-000000000001',
    part,
    filter: parseTfql(part.filter),
    wheres: part.aggregations.map((a) => parseTfql(a.where)),
    range: { fromNs: BigInt(FROM_MS) * 1_000_000n, toNs: BigInt(FROM_MS + 4 * HOUR_MS) * 1_000_000n },
    steps: step === 'calendar' ? uneven : steps,
  };
}

/** A store where resources carry `host.name` only, and which has few records. */
const lookUp: Run = async <T>({ params }: Statement) =>
  [{ carried: [Number(Object.values(params).includes('host.name'))], records: '1' }] as T[];

async function statementsOf(name: string): Promise<readonly Statement[]> {
  const [part, step] = QUESTIONS[name] ?? [{}, 'none'];
  const { statements } = await new RecordPlanner().plan(requestOf(part, step), lookUp);
  // The windows of records differ in their ends only.
  return statements.slice(0, 2);
}

it('compiles the fixed questions to the reviewed SQL', async () => {
  const texts = Object.keys(QUESTIONS).map(async (name) => {
    const statements = await statementsOf(name);
    return statements.map(({ sql, params }) => `-- ${name}\n${sql};\n-- ${JSON.stringify(params)}\n`).join('\n');
  });
  await expect((await Promise.all(texts)).join('\n')).toMatchFileSnapshot('records.sql');
});

it.each(Object.keys(QUESTIONS))(
  '%s: names the tenant in every table it reads, bounds the time, and holds no literal of the question',
  async (name) => {
    for (const { sql } of await statementsOf(name)) {
      const reads = sql.match(/(?:FROM|JOIN) \w+_v3\w*/g) ?? [];
      expect(sql.match(/tenant_id = \{tenant:UUID\}/g)).toHaveLength(reads.length);
      expect(sql).toMatch(/(?:timestamp|hour|trace_start) >= fromUnixTimestamp64Nano\(\{p\d+:Int64\}, 'UTC'\)/);
      for (const word of [
        'checkout',
        'visa',
        'timeout',
        'host.name',
        'http.route',
        'customer.id',
        'cart.total',
        'card',
      ])
        expect(sql).not.toContain(word);
    }
  },
);

it('reads a column that no part asks for from nowhere', async () => {
  const [statement] = await statementsOf('p95 of duration by route, in steps');
  for (const column of ['attributes', 'resource_id', 'trace_id', 'name AS', 'service_name'])
    expect(statement?.sql).not.toContain(column);
});

it.each([
  [{ function: 'sum' }, 'aggregations.0.field'],
  [{ function: 'p95', field: 'service.name' }, 'aggregations.0.field'],
  [{ function: 'quantile', field: 'duration' }, 'aggregations.0.level'],
  [{ function: 'increase', field: 'duration' }, 'aggregations.0.function'],
  [{ function: 'delta' }, 'aggregations.0.function'],
])('refuses %j, naming %s', async (aggregation, path) => {
  const request = requestOf({ signal: 'spans', aggregations: [aggregation] }, 'none');
  await expect(new RecordPlanner().plan(request, lookUp)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    errors: [{ path }],
  });
});

it.each([{ by: 1 }, { by: 'name' }])('refuses to order by what is not there: %j', async (order) => {
  const request = requestOf({ signal: 'spans', aggregations: [count], groupBy: ['kind'], order }, 'none');
  await expect(new RecordPlanner().plan(request, lookUp)).rejects.toMatchObject({ errors: [{ path: 'order.by' }] });
});
