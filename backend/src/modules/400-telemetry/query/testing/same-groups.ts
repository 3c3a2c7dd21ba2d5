import { formatTfql } from '@telemetryflow/contracts';
import { expect } from 'vitest';
import type { AnsweredGroup, GroupsAnswer, PartRequest } from '../engine/part.js';
import { evaluateGroups } from './record-evaluator.js';
import type { RecordScene } from './record-scene.js';

const near = (a: number | null, b: number | null) =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1));

/** Fails unless the answer is the evaluator's, in order, rounding aside. */
export function expectSameGroups(request: PartRequest, answer: GroupsAnswer, { spans, logs }: RecordScene): void {
  const expected = evaluateGroups(request, request.part.signal === 'logs' ? logs : spans);
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
