import type { Distribution } from '@telemetryflow/contracts';
import type { AnsweredGroup, GroupsAnswer, PlannedPart, Run } from '../../engine/part.js';
import { compileExtent, compilePointBuckets, evenBounds, type BucketRow } from './point-buckets.js';
import { compileNumberGroups, numberTable, type NumberGroupRow, type NumberQuestion } from './numbers.js';
import { columnsOf, perSecond, type MetricQuestion } from './question.js';

/** Plans the groups of a gauge or a sum: one statement, and two more for each histogram of its points. */
export function planNumbers(question: MetricQuestion): PlannedPart {
  const numbers = numberQuestion(question);
  const statement = compileNumberGroups(numbers);
  return {
    table: numberTable(numbers),
    statements: [statement],
    answer: async (run) => {
      const rows = await run<NumberGroupRow>(statement);
      const groups = rows.map((row) => toGroup(row, question));
      return {
        kind: 'groups',
        columns: columnsOf(question),
        groups: await withDistributions(groups, question, run),
        totalGroups: Number(rows[0]?.groups ?? 0),
      } satisfies GroupsAnswer;
    },
  };
}

function numberQuestion({ part, selection, steps, wheres, order }: MetricQuestion): NumberQuestion {
  return {
    selection,
    steps,
    wheres,
    aggregations: part.aggregations,
    order: order.by,
    direction: order.direction,
    limit: selection.onlyGroups?.length ?? part.limit,
  };
}

function toGroup(row: NumberGroupRow, { part, selection: { range }, steps }: MetricQuestion): AnsweredGroup {
  const over = { range, steps, intervalMs: row.intervalMs };
  const valueOf = (i: number, value: number | null | undefined, step: number | null) => {
    const name = part.aggregations[i]?.function;
    // A histogram was counted to rank its group by.
    if (value === null || value === undefined || name === 'histogram') return null;
    return name === 'rate' ? perSecond(value, step, over) : value;
  };
  const values = part.aggregations.map((_, i) => valueOf(i, row.totals[i], null));
  if (steps === null) return { labels: row.labels, values };
  const series = part.aggregations.map(() => steps.starts.map((): number | null => null));
  row.steps.forEach((step, at) => {
    series.forEach((line, i) => (line[step] = valueOf(i, row.values[at]?.[i], step)));
  });
  return { labels: row.labels, values, series };
}

async function withDistributions(
  groups: readonly AnsweredGroup[],
  question: MetricQuestion,
  run: Run,
): Promise<readonly AnsweredGroup[]> {
  const positions = question.part.aggregations.flatMap((aggregation, i) =>
    aggregation.function === 'histogram' ? [i] : [],
  );
  if (positions.length === 0 || groups.length === 0) return groups;
  const byPosition = new Map<number, Map<string, Distribution>>();
  for (const i of positions) byPosition.set(i, await distributionsOf(i, groups, question, run));
  return groups.map((group) => ({
    ...group,
    distributions: question.part.aggregations.map(
      (_, i) => byPosition.get(i)?.get(JSON.stringify(group.labels)) ?? null,
    ),
  }));
}

async function distributionsOf(
  position: number,
  groups: readonly AnsweredGroup[],
  { selection, steps, wheres }: MetricQuestion,
  run: Run,
): Promise<Map<string, Distribution>> {
  const where = wheres[position];
  const all = { ...selection, onlyGroups: groups.map((group) => group.labels) };
  const own =
    where === undefined || where.kind === 'all'
      ? all
      : { ...all, filter: { kind: 'and' as const, items: [selection.filter, where] } };
  const [extent] = await run<{ lowest: number | null; highest: number | null }>(compileExtent(own));
  if (extent?.lowest == null || extent.highest === null) return new Map();
  const bounds = evenBounds(extent.lowest, extent.highest);
  const rows = await run<BucketRow>(compilePointBuckets({ selection: own, steps }, bounds));
  const distributions = new Map<string, Distribution>();
  for (const { labels, step, counts } of rows) {
    const key = JSON.stringify(labels);
    const known = distributions.get(key) ?? {
      bounds,
      counts: (steps?.starts ?? [0]).map(() => bounds.slice(1).map(() => 0)),
    };
    known.counts[step] = counts.map(Number);
    distributions.set(key, known);
  }
  return distributions;
}
