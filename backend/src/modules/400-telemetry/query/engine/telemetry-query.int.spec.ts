import { TelemetryQuery, type TelemetryQueryInput } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CacheService } from '../../../../shared/cache/index.js';
import { TelemetryStore } from '../store.js';
import { memoryCache } from '../testing/memory-cache.js';
import { OTHER_TENANT, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { insertTracesAndLogs, NOW_MS } from '../testing/traces-scene.js';
import { AnswerCache } from './answer-cache.js';
import { NameNotes } from './name-notes.js';
import { planners } from './planners.js';
import { readQuery } from './read-query.js';
import { TelemetryQueryService } from './telemetry-query.service.js';

const scope = { tenantId: TENANT };
let engine: TelemetryEngine;
let cache: CacheService;
let service: TelemetryQueryService;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  cache = memoryCache(engine.runtime);
  service = new TelemetryQueryService(engine.store, planners, new NameNotes(engine.store), new AnswerCache(cache));
  await insertTracesAndLogs(engine);
});
afterAll(async () => {
  await cache?.onApplicationShutdown();
  await engine?.stop();
});

const ask = (query: Partial<TelemetryQueryInput>, who = scope) =>
  service.answer(TelemetryQuery.parse({ range: { from: 'now-2h' }, queries: [], ...query }), who, { nowMs: NOW_MS });
const count = [{ function: 'count' as const }];

describe('a query', () => {
  it('counts each bucket of a histogram as a number that the answer could hold', async () => {
    const heatmaps = (limit: number) =>
      ask({
        step: '1m',
        queries: [
          {
            signal: 'spans',
            aggregations: [{ function: 'histogram', field: 'duration' }],
            groupBy: ['service.name'],
            limit,
          },
        ],
      });
    await expect(heatmaps(200)).rejects.toMatchObject({
      code: 'QUERY_LIMIT_EXCEEDED',
      errors: [{ path: 'queries', code: 'values_limit' }],
    });
    expect((await heatmaps(100)).results).toHaveLength(1);
  });

  it('counts by group over the whole range', async () => {
    const { results, meta } = await ask({
      step: 'none',
      queries: [{ signal: 'spans', aggregations: count, groupBy: ['service.name'] }],
    });
    expect(results).toEqual([
      {
        label: 'A',
        kind: 'groups',
        groupBy: ['service.name'],
        columns: [{ name: 'count', unit: '{span}' }],
        groups: [
          { labels: ['cart'], values: [3] },
          { labels: ['shop'], values: [2] },
          { labels: ['db'], values: [1] },
        ],
        totalGroups: 3,
        truncated: false,
      },
    ]);
    expect(meta).toMatchObject({ stepMs: null, times: [], cache: 'miss', notes: [], timeZone: 'UTC' });
  });

  it('adds one value for each step of a range, and notes what is not shown', async () => {
    const { results, meta } = await ask({
      range: { from: 'now-30m' },
      step: '10m',
      queries: [{ signal: 'logs', aggregations: count, groupBy: ['service.name'], limit: 1 }],
    });
    const starts = [-30, -20, -10].map((minutes) => NOW_MS + minutes * 60_000);
    expect(meta).toMatchObject({ stepMs: 600_000, times: starts });
    expect(results).toMatchObject([
      { groups: [{ series: [[0, 0, expect.any(Number)]] }], totalGroups: 2, truncated: true },
    ]);
    expect(meta.notes).toMatchObject([{ label: 'A', code: 'truncated' }]);
  });

  it('calculates with queries that are asked for nothing else', async () => {
    const { results } = await ask({
      step: 'none',
      queries: [
        { label: 'A', signal: 'spans', aggregations: count, groupBy: ['service.name'], hidden: true, limit: 1 },
        {
          label: 'B',
          signal: 'spans',
          filter: 'status:error',
          aggregations: count,
          groupBy: ['service.name'],
          hidden: true,
        },
      ],
      formulas: [{ label: 'F1', expression: 'B / A * 100', alias: 'errors' }],
    });
    // db is beyond the top of A, and nevertheless divided by its own.
    expect(results).toMatchObject([
      { label: 'F1', columns: [{ name: 'errors', unit: '%' }], groups: [{ labels: ['db'], values: [100] }] },
    ]);
    expect(results).toHaveLength(1);
  });

  it('compares each group with itself, whatever its rank was', async () => {
    const { results } = await ask({
      range: { from: 'now-1h' },
      step: '30m',
      compare: '1h',
      queries: [{ signal: 'spans', aggregations: count, groupBy: ['name'] }],
    });
    const [result] = results;
    if (result?.kind !== 'groups') throw new Error('no groups');
    const same = await ask({
      range: { from: 'now-2h', to: 'now-1h' },
      step: 'none',
      queries: [{ signal: 'spans', aggregations: count }],
    });
    expect(same.results).toMatchObject([{ groups: [{ values: [2] }] }]);
    for (const { previous } of result.groups) {
      expect(previous?.values).toEqual([null]);
      expect(previous?.series).toEqual([[null, null]]);
    }
    const whole = await ask({
      range: { from: 'now-1h' },
      step: '30m',
      compare: '1h',
      queries: [{ signal: 'spans', aggregations: count }],
    });
    expect(whole.results).toMatchObject([{ groups: [{ values: [4], previous: { values: [2], series: [[0, 2]] } }] }]);
  });

  it('finds nothing by a name that nothing carries, and says what is near', async () => {
    const { results, meta } = await ask({
      step: 'none',
      queries: [{ signal: 'spans', filter: 'http.rout:"/cart"', aggregations: count, groupBy: ['service.nam'] }],
    });
    expect(results).toMatchObject([{ groups: [] }]);
    expect(meta.notes).toEqual([
      {
        label: 'A',
        code: 'unknown_field',
        message: 'Nothing carries http.rout; did you mean http.route?',
        suggestions: ['http.route'],
      },
      expect.objectContaining({ suggestions: ['service.name'] }),
    ]);
  });

  it('knows the names that records and resources carry', async () => {
    const { meta } = await ask({
      queries: [
        {
          signal: 'spans',
          filter: 'http.route:* NOT resource.host.name:x',
          aggregations: [{ function: 'avg', field: 'attributes.http.status' }],
          groupBy: ['host.name'],
        },
        { label: 'B', signal: 'logs', aggregations: count, filter: 'attempt:1' },
      ],
    });
    expect(meta.notes).toEqual([]);
  });

  it('does not look a name up again that it has found in one place', async () => {
    class CountingStore extends TelemetryStore {
      asked = 0;
      override query<T>(...args: Parameters<TelemetryStore['query']>): Promise<T[]> {
        this.asked += 1;
        return super.query<T>(...args);
      }
    }
    const store = new CountingStore(engine.clickhouse);
    const names = new NameNotes(store);
    const { parts } = readQuery(
      TelemetryQuery.parse({
        range: { from: 'now-2h' },
        // No resource has it, and spans have it.
        queries: [{ signal: 'spans', aggregations: count, groupBy: ['http.route'] }],
      }),
      NOW_MS,
    );
    expect(await names.unknownFields(parts, scope)).toEqual([]);
    expect(store.asked).toBe(2);
    expect(await names.unknownFields(parts, scope)).toEqual([]);
    expect(store.asked).toBe(2);
  });

  it('names the metrics that may have been meant', async () => {
    const { meta } = await ask({ queries: [{ signal: 'metrics', metric: 'nothing.like.it', aggregations: count }] });
    expect(meta.notes).toEqual([expect.objectContaining({ label: 'A', code: 'unknown_metric' })]);
  });

  it.each<[Partial<TelemetryQueryInput>, string, string]>([
    [{ queries: [{ signal: 'spans', filter: 'service:', aggregations: count }] }, 'QUERY_SYNTAX', 'queries.0.filter'],
    [
      { queries: [{ signal: 'spans', filter: 'duration:>fast', aggregations: count }] },
      'QUERY_SYNTAX',
      'queries.0.filter',
    ],
    [
      { queries: [{ signal: 'spans', aggregations: [...count, { function: 'count', where: 'duration:>fast' }] }] },
      'QUERY_SYNTAX',
      'queries.0.aggregations.1.where',
    ],
    [
      { queries: [{ signal: 'spans', aggregations: [{ function: 'count', where: 'a:' }] }] },
      'QUERY_SYNTAX',
      'queries.0.aggregations.0.where',
    ],
    [
      { queries: [{ signal: 'logs', aggregations: [{ function: 'avg' }] }] },
      'VALIDATION_FAILED',
      'queries.0.aggregations.0.field',
    ],
    [{ queries: [{ signal: 'metrics', aggregations: count }] }, 'VALIDATION_FAILED', 'queries.0.metric'],
    [{ queries: [{ signal: 'logs', metric: 'x' }] }, 'VALIDATION_FAILED', 'queries.0.metric'],
    [{ queries: [{ signal: 'logs' }, { signal: 'logs' }] }, 'VALIDATION_FAILED', 'queries.1.label'],
    [{ queries: [{ signal: 'logs' }], range: { from: 'now', to: 'now-1h' } }, 'VALIDATION_FAILED', 'range.from'],
    [{ queries: [{ signal: 'logs' }], range: { from: 'now-9999d' } }, 'VALIDATION_FAILED', 'range.from'],
    [{ queries: [{ signal: 'logs', aggregations: count }], step: 'often' }, 'VALIDATION_FAILED', 'step'],
    [{ queries: [{ signal: 'logs', aggregations: count }], timeZone: 'Mars/Olympus' }, 'VALIDATION_FAILED', 'timeZone'],
    [{ queries: [{ signal: 'logs', aggregations: count }], compare: 'yesterday' }, 'VALIDATION_FAILED', 'compare'],
    [
      { queries: [{ signal: 'logs', aggregations: count }], formulas: [{ label: 'F1', expression: 'A +' }] },
      'QUERY_SYNTAX',
      'formulas.0.expression',
    ],
    [
      { queries: [{ signal: 'logs', aggregations: count }], formulas: [{ label: 'F1', expression: 'A / B' }] },
      'VALIDATION_FAILED',
      'formulas.0.expression',
    ],
    [
      {
        queries: [{ signal: 'logs', aggregations: count, groupBy: ['a', 'b', 'c'], limit: 1000 }],
        range: { from: 'now-30d' },
        step: '5m',
      },
      'QUERY_LIMIT_EXCEEDED',
      'queries',
    ],
  ])('refuses %j', async (query, code, path) => {
    await expect(ask(query)).rejects.toMatchObject({ code, errors: [expect.objectContaining({ path })] });
  });

  it('keeps tenants apart', async () => {
    const { results } = await ask(
      { step: 'none', queries: [{ signal: 'spans', aggregations: count, groupBy: ['name'] }] },
      { tenantId: OTHER_TENANT },
    );
    expect(results).toMatchObject([{ groups: [{ labels: ['secret'], values: [1] }] }]);
  });

  it('explains what it would read', async () => {
    const query = TelemetryQuery.parse({
      range: { from: 'now-2h' },
      queries: [
        { signal: 'spans', filter: 'service:cart', aggregations: count },
        { label: 'B', signal: 'logs', aggregations: count },
      ],
    });
    const { plans } = await service.explain(query, scope, NOW_MS);
    expect(plans).toMatchObject([
      { label: 'A', table: 'spans_v3', sql: expect.stringContaining('FROM spans_v3') },
      { label: 'B', table: 'logs_v3' },
    ]);
    expect(plans[0]?.params).toMatchObject({ tenant: TENANT });
    expect(plans[0]?.rowsToRead).toBeGreaterThan(0);
  });
});
