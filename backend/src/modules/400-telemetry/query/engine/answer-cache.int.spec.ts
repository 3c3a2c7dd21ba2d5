import { parseTfql, TelemetryQuery, type QueryMeta, type TelemetryQueryInput } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { CacheService } from '../../../../shared/cache/index.js';
import { parseRange } from '../range.js';
import { memoryCache } from '../testing/memory-cache.js';
import { logRow, OTHER_TENANT, spanRow, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { AnswerCache } from './answer-cache.js';
import type { PartAnswer, PartRequest } from './part.js';
import { answerPart, StatementRunner } from './part-runner.js';
import { plannerOf, planners } from './planners.js';
import { resolveSteps } from './steps.js';
import { ZoneCalendar } from './time-zone.js';

const MINUTE = 60_000;
/** Within a minute and a block, so that nothing is aligned by luck. */
const NOW_MS = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 24 * 3_600_000 + 17 * MINUTE + 23_456;
const UTC = new ZoneCalendar('UTC');
let engine: TelemetryEngine;
let store: CacheService;
let cache: AnswerCache;
let nextTrace = 1;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const rows = Array.from({ length: 1500 }, (_, i) => span(NOW_MS - ((i * 7919) % (180 * MINUTE)) - (i % 977), i));
  await engine.insert('spans_v3', rows);
  await engine.insert(
    'logs_v3',
    Array.from({ length: 1200 }, (_, i) =>
      logRow({ id: String(i + 1), timeNs: BigInt(NOW_MS - i * 9000) * 1_000_000n, attributes: { user: `u${i}` } }),
    ),
  );
});
beforeEach(async () => {
  await store?.onApplicationShutdown();
  store = memoryCache(engine.runtime);
  cache = new AnswerCache(store);
});
afterAll(async () => {
  await store?.onApplicationShutdown();
  await engine?.stop();
});

function span(atMs: number, i: number, tenant = TENANT) {
  return spanRow({
    tenant,
    trace: (nextTrace++).toString(8).padStart(32, '0'),
    span: '01'.repeat(8),
    startNs: BigInt(atMs) * 1_000_000n,
    durationNs: BigInt((i * 31) % 997) * 1_000_000n,
    // One that was only there at the beginning, one that comes late, one that is rare.
    service:
      atMs < NOW_MS - 170 * MINUTE ? 'gone' : atMs > NOW_MS - 4 * MINUTE ? 'new' : ['cart', 'shop', 'pay'][i % 3],
    name: `op ${i % 7}`,
    status: i % 5 === 0 ? 2 : 1,
  });
}

type Part = TelemetryQueryInput['queries'][number];

function requestOf(part: Part, range: { from: string; to?: string }, step: string, nowMs: number): PartRequest {
  const query = TelemetryQuery.parse({ range, step, queries: [part] });
  const [asked] = query.queries;
  if (asked === undefined) throw new Error('no part');
  const resolved = parseRange(query.range, nowMs);
  return {
    tenantId: TENANT,
    part: asked,
    filter: parseTfql(asked.filter),
    wheres: asked.aggregations.map(({ where }) => parseTfql(where)),
    range: resolved,
    steps: resolveSteps({ step }, resolved, UTC),
  };
}

/** The store's own answer, and that of the cache with what it asked the store for. */
async function both(request: PartRequest, nowMs: number) {
  const runner = new StatementRunner(engine.store, { tenantId: request.tenantId });
  const planner = plannerOf(planners, { part: request.part, index: 0 });
  const { notes: _notes, ...plain } = await answerPart(planner, request, 0, runner.run);
  const asked: PartRequest[] = [];
  const found = await cache.answer(request, { tenantId: request.tenantId, workspaceId: 'w' }, nowMs, (question) => {
    asked.push(question);
    return answerPart(planner, question, 0, runner.run);
  });
  const { notes: _none, ...answer } = found.answer;
  return { plain, asked, ...found, answer };
}

/** Sums of fractions depend on the order in which they are added. */
function rounded(answer: PartAnswer): PartAnswer {
  return JSON.parse(
    JSON.stringify(answer, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
  ) as PartAnswer;
}

const RED: Part = {
  signal: 'spans',
  groupBy: ['service.name'],
  aggregations: [
    { function: 'count' },
    { function: 'rate', where: 'status:error' },
    { function: 'sum', field: 'duration' },
    { function: 'min', field: 'duration', where: 'status:error' },
    { function: 'max', field: 'duration' },
  ],
};

it('asks for the two ends of a range that moves on, and answers the same', async () => {
  const outcomes: QueryMeta['cache'][] = [];
  for (const laterMs of [0, 1000, 65_000, 5 * MINUTE, 20 * MINUTE]) {
    const nowMs = NOW_MS + laterMs;
    const { plain, answer, cache: outcome, asked } = await both(requestOf(RED, { from: 'now-3h' }, '1m', nowMs), nowMs);
    expect(rounded(answer)).toEqual(rounded(plain));
    outcomes.push(outcome);
    if (outcome !== 'partial') continue;
    const read = asked.reduce((sum, { range }) => sum + Number(range.toNs - range.fromNs) / 1e6, 0);
    expect(read).toBeLessThan(60 * MINUTE);
  }
  expect(outcomes).toEqual(['miss', 'partial', 'partial', 'partial', 'partial']);
});

it('sees what came in within the newest minutes', async () => {
  const request = requestOf(
    { signal: 'spans', aggregations: [{ function: 'count' }] },
    { from: 'now-1h' },
    'none',
    NOW_MS,
  );
  const before = await both(request, NOW_MS);
  await engine.insert('spans_v3', [span(NOW_MS - 30_000, 1), span(NOW_MS - 1, 2)]);
  const after = await both(request, NOW_MS);
  expect(after.cache).toBe('partial');
  const count = ({ answer }: typeof before) => (answer.kind === 'groups' ? (answer.groups[0]?.values[0] ?? 0) : 0);
  expect(count(after)).toBe(count(before) + 2);
  expect(after.answer).toEqual(after.plain);
});

it('keeps what lies in the past, for its tenant alone', async () => {
  const part: Part = { signal: 'spans', groupBy: ['name'], aggregations: [{ function: 'p95', field: 'duration' }] };
  const request = requestOf(part, { from: 'now-2h', to: 'now-1h' }, '5m', NOW_MS);
  const first = await both(request, NOW_MS);
  const second = await both(request, NOW_MS + 10_000);
  expect([first.cache, second.cache, second.asked.length]).toEqual(['miss', 'hit', 0]);
  expect(second.answer).toEqual(first.plain);
  const foreign = await both({ ...request, tenantId: OTHER_TENANT }, NOW_MS);
  expect([foreign.cache, foreign.answer]).toMatchObject(['miss', { groups: [] }]);
  const other = await both({ ...request, part: { ...request.part, limit: 3 } }, NOW_MS);
  expect(other.cache).toBe('miss');
});

it('asks as a whole for what has too many groups, percentiles, and days of a calendar', async () => {
  const users: Part = { signal: 'logs', groupBy: ['user'], aggregations: [{ function: 'count' }], limit: 5 };
  const asked: [Part, string][] = [
    [users, 'none'],
    [{ ...RED, aggregations: [{ function: 'p95', field: 'duration' }] }, '1m'],
    [RED, '1d'],
  ];
  for (const [part, step] of asked) {
    const request = requestOf(part, { from: 'now-3h' }, step, NOW_MS);
    for (const repeat of [1, 2]) {
      const { plain, answer, cache: outcome } = await both(request, NOW_MS + repeat);
      expect(rounded(answer)).toEqual(rounded(plain));
      expect(outcome).toBe('miss');
    }
  }
});

it('answers as the store does, whatever is asked when', async () => {
  const aggregations = fc.subarray(RED.aggregations ?? [], { minLength: 1 });
  const part = fc.record({
    aggregations,
    groupBy: fc.constantFrom<string[]>([], ['service.name'], ['service.name', 'name'], ['nothing']),
    filter: fc.constantFrom('', 'status:error', 'service:(cart OR gone)', 'name:"op 3"', 'service:nobody'),
    limit: fc.constantFrom(1, 3, 20),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  });
  const times = fc.array(fc.integer({ min: -30 * MINUTE, max: 30 * MINUTE }), { minLength: 2, maxLength: 4 });
  const lengths = fc.integer({ min: 5, max: 200 });
  await fc.assert(
    fc.asyncProperty(
      part,
      times,
      lengths,
      fc.constantFrom('none', '1m', '5m', '30m'),
      async (asked, shifts, minutes, step) => {
        const { direction, ...rest } = asked;
        const order = { by: rest.groupBy[0] ?? 0, direction };
        for (const shift of shifts.toSorted((a, b) => a - b)) {
          const nowMs = NOW_MS + shift;
          const request = requestOf({ signal: 'spans', ...rest, order }, { from: `now-${minutes}m` }, step, nowMs);
          const { plain, answer } = await both(request, nowMs);
          expect(rounded(answer)).toEqual(rounded(plain));
        }
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);
