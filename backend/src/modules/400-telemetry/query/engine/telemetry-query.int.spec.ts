import { TelemetryQuery, type TelemetryQueryInput } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_TENANT, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { insertTracesAndLogs, NOW_MS } from '../testing/traces-scene.js';
import { planners } from './planners.js';
import { TelemetryQueryService } from './telemetry-query.service.js';

const scope = { tenantId: TENANT };
let engine: TelemetryEngine;
let service: TelemetryQueryService;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  service = new TelemetryQueryService(engine.store, planners);
  await insertTracesAndLogs(engine);
});
afterAll(() => engine?.stop());

const ask = (query: Partial<TelemetryQueryInput>, who = scope) =>
  service.answer(TelemetryQuery.parse({ range: { from: 'now-2h' }, queries: [], ...query }), who, { nowMs: NOW_MS });
const count = [{ function: 'count' as const }];

describe('a query', () => {
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
});
