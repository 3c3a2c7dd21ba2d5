import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GroupsAnswer, PartRequest, Run } from '../../engine/part.js';
import { part, range, requestOf, steps } from '../../testing/record-questions.js';
import {
  HOUR_MS,
  HOURS,
  hexOf,
  MINUTE_MS,
  START_MS,
  startRecordScene,
  type RecordScene,
} from '../../testing/record-scene.js';
import { expectSameGroups } from '../../testing/same-groups.js';
import { RecordPlanner } from './record-planner.js';

let scene: RecordScene;
beforeAll(async () => {
  scene = await startRecordScene();
});
afterAll(() => scene?.engine.stop());

async function answered(request: PartRequest): Promise<{ answer: GroupsAnswer; table: string }> {
  const plan = await new RecordPlanner().plan(request, scene.run);
  const answer = await plan.answer(scene.run);
  if (answer.kind !== 'groups') throw new Error('expected groups');
  return { answer, table: plan.table };
}

const MERGED: Record<string, () => Promise<void>> = {
  'as they were inserted': async () => {},
  'after a merge': async () => {
    for (const table of ['spans_v3', 'logs_v3']) {
      await scene.engine.exec(
        `ALTER TABLE ${table} MODIFY SETTING min_bytes_for_wide_part = 0, map_buckets_coefficient = 4`,
      );
      await scene.engine.exec(`OPTIMIZE TABLE ${table} FINAL`);
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
        expectSameGroups(request, (await answered(request)).answer, scene);
      }),
      { numRuns: 60 },
    );
  },
);

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
    expectSameGroups(request, (await answered(request)).answer, scene);
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
    await new RecordPlanner().plan(requestOf({ signal: 'logs', fields: [hostile] }, ALL, 'none'), scene.run)
  ).answer(scene.run);
  expect(rows.kind === 'rows' && rows.rows.every(([value]) => value === null)).toBe(true);
});

it('estimates percentiles between their neighbours where the values may not all be kept', async () => {
  const input = { signal: 'spans', aggregations: [{ function: 'p50', field: 'duration' }], groupBy: ['status'] };
  const request = requestOf(input, ALL, HOUR_MS);
  const many: Run = async <T>(statement: Parameters<Run>[0]) =>
    statement.sql.includes('FROM services_v3') ? ([{ records: '2000001' }] as T[]) : scene.run<T>(statement);
  const plan = await new RecordPlanner().plan(request, many);
  const answer = await plan.answer(scene.run);
  expect(plan.statements[0]?.sql).toContain('quantilesStateResample(0.500000, 0, 4, 1)(toFloat32(');
  if (answer.kind !== 'groups') throw new Error('expected groups');
  for (const group of answer.groups) {
    const durations = scene.spans
      .filter((s) => ['unset', 'ok', 'error'][s.status ?? 0] === group.labels[0])
      .map((s) => Number(s.durationNs))
      .sort((a, b) => a - b);
    const middle = durations.length / 2;
    expect(group.values[0]).toBeGreaterThanOrEqual(durations[Math.floor(middle * 0.9)] ?? NaN);
    expect(group.values[0]).toBeLessThanOrEqual(durations[Math.ceil(middle * 1.1)] ?? NaN);
    expect(group.series?.[0]).toHaveLength(HOURS);
  }
});
