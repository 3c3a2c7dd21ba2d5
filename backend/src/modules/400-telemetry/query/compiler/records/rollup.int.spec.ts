import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GroupsAnswer, PartRequest } from '../../engine/part.js';
import { requestOf } from '../../testing/record-questions.js';
import { HOUR_MS, HOURS, MINUTE_MS, START_MS, startRecordScene, type RecordScene } from '../../testing/record-scene.js';
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
        expectSameGroups(request, answer, scene);
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
  expectSameGroups(request, answer, scene);
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
  expectSameGroups(request, answer, scene);
});
