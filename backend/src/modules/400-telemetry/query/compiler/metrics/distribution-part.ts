import type { Aggregation, Distribution, TfqlExpression } from '@telemetryflow/contracts';
import type { AnsweredGroup, PlannedPart, Run } from '../../engine/part.js';
import type { Statement } from '../parameters.js';
import { mergeBuckets, toDistribution } from './buckets.js';
import {
  compileExponentialSeries,
  compileHistogramSeries,
  compileSummaryQuantile,
  compileTotalsSeries,
  type DistributionQuestion,
} from './distributions.js';
import { quantileOf } from './numbers.js';
import {
  aggregateObservations,
  drawnHistogramBuckets,
  exponentialRowBuckets,
  histogramBuckets,
  type ExponentialRow,
  type HistogramRow,
  type TotalsRow,
} from './observations.js';
import type { Bucket } from './quantile.js';
import { columnsOf, perSecond, ranked, type MetricQuestion } from './question.js';
import { compileGroupCount, compileSampleInterval, type Selection } from './selection.js';

/** A group with what it is ranked by: of a histogram, how much was observed. */
interface Measured extends AnsweredGroup {
  readonly ranks: readonly (number | null)[];
}

/**
 * Plans the groups of histograms, exponential histograms and summaries. The store adds buckets up, the percentiles are
 * reckoned here. With more groups than are answered, all are ranked over the range first.
 */
export function planDistributions(question: MetricQuestion): PlannedPart {
  const { selection, steps } = question;
  return {
    table: 'histograms_v3',
    statements: reads(question, selection).map((read) => read.compile({ selection: read.selection, steps })),
    answer: async (run) => {
      const { groups, total } = await answerGroups(question, run);
      return {
        kind: 'groups',
        columns: columnsOf(question),
        groups: groups.map(({ ranks: _, ...group }) => group),
        totalGroups: total,
      };
    },
  };
}

async function answerGroups(question: MetricQuestion, run: Run): Promise<{ groups: Measured[]; total: number }> {
  const { selection, steps, part } = question;
  const limit = selection.onlyGroups?.length ?? part.limit;
  const intervalMs = await sampleInterval(question, run);
  const read = (over: MetricQuestion) => measure(over, intervalMs, run);
  const inOrder = (groups: Measured[]) => ranked(groups, question.order, (group, i) => group.ranks[i] ?? null);
  if (steps === null || selection.onlyGroups !== undefined || (await groupCount(selection, run)) <= limit) {
    const groups = await read(question);
    return { groups: inOrder(groups).slice(0, limit), total: groups.length };
  }
  const all = await read({ ...question, steps: null });
  const onlyGroups = inOrder(all)
    .slice(0, limit)
    .map((group) => group.labels);
  const groups = await read({ ...question, selection: { ...selection, onlyGroups } });
  return { groups: inOrder(groups), total: all.length };
}

async function groupCount(selection: Selection, run: Run): Promise<number> {
  if (selection.groupBy.length === 0) return 1;
  const [row] = await run<{ groups: string }>(compileGroupCount(selection));
  return Number(row?.groups ?? 0);
}

async function sampleInterval({ part, selection }: MetricQuestion, run: Run): Promise<number | null> {
  if (part.aggregations.every((aggregation) => aggregation.function !== 'rate')) return null;
  const [row] = await run<{ intervalMs: number }>(compileSampleInterval(selection));
  return row?.intervalMs ?? null;
}

/** A statement and the aggregations that its rows answer. */
interface Read {
  readonly positions: readonly number[];
  readonly selection: Selection;
  readonly compile: (question: DistributionQuestion) => Statement;
  readonly bucketsOf: (row: TotalsRow, drawn: boolean) => Bucket[];
  /** The rows are the value: a summary's own percentile. */
  readonly isValue: boolean;
}

/** One read per condition, and one per percentile of a summary; buckets are only read where they are asked for. */
function reads({ part, metric, wheres }: MetricQuestion, selection: Selection): Read[] {
  const positions = part.aggregations.map((_, i) => i);
  const byCondition = Map.groupBy(positions, (i) => {
    const isOwnRead = metric.type === 'summary' && quantileOf(at(part.aggregations, i)) !== undefined;
    return JSON.stringify([wheres[i], isOwnRead ? i : null]);
  });
  return [...byCondition.values()].map((group): Read => {
    const [first = 0] = group;
    const own = { positions: group, selection: narrowed(selection, wheres[first]) };
    const quantile = group.map((i) => quantileOf(at(part.aggregations, i))).find((level) => level !== undefined);
    const needsBuckets = quantile !== undefined || group.some((i) => part.aggregations[i]?.function === 'histogram');
    if (!needsBuckets) return { ...own, compile: compileTotalsSeries, bucketsOf: () => [], isValue: false };
    switch (metric.type) {
      case 'summary':
        return {
          ...own,
          compile: (question) => compileSummaryQuantile(question, quantile ?? 0.5),
          bucketsOf: () => [],
          isValue: true,
        };
      case 'exponential_histogram':
        return { ...own, compile: compileExponentialSeries, bucketsOf: exponentialBucketsOf, isValue: false };
      default:
        return { ...own, compile: compileHistogramSeries, bucketsOf: explicitBucketsOf, isValue: false };
    }
  });
}

function exponentialBucketsOf(row: TotalsRow): Bucket[] {
  return 'scale' in row ? exponentialRowBuckets(row as ExponentialRow) : [];
}

function explicitBucketsOf(row: TotalsRow, drawn: boolean): Bucket[] {
  if (!('bounds' in row)) return [];
  return drawn ? drawnHistogramBuckets(row as HistogramRow) : histogramBuckets(row as HistogramRow);
}

function narrowed(selection: Selection, where: TfqlExpression | undefined): Selection {
  if (where === undefined || where.kind === 'all') return selection;
  return { ...selection, filter: { kind: 'and', items: [selection.filter, where] } };
}

interface ValueRow {
  readonly labels: string[];
  readonly step: number;
  readonly value: number | null;
}

async function measure(question: MetricQuestion, intervalMs: number | null, run: Run): Promise<Measured[]> {
  const { selection, steps, part } = question;
  const groups = new Map<string, Draft>();
  const draftOf = (labels: readonly string[]) => {
    const key = JSON.stringify(labels);
    const known = groups.get(key) ?? emptyDraft(labels, question);
    groups.set(key, known);
    return known;
  };
  for (const read of reads(question, selection)) {
    if (read.isValue) await fillValues(read, question, draftOf, run);
    else await fillObservations(read, question, { intervalMs, draftOf }, run);
  }
  const hasHistogram = part.aggregations.some((aggregation) => aggregation.function === 'histogram');
  return [...groups.values()].map(({ labels, values, ranks, series, distributions }) => ({
    labels,
    values,
    ranks,
    ...(steps === null ? {} : { series }),
    ...(hasHistogram ? { distributions } : {}),
  }));
}

interface Draft {
  readonly labels: readonly string[];
  readonly values: (number | null)[];
  readonly ranks: (number | null)[];
  readonly series: (number | null)[][];
  readonly distributions: (Distribution | null)[];
}

function emptyDraft(labels: readonly string[], { part, steps }: MetricQuestion): Draft {
  const none = () => part.aggregations.map(() => null);
  const series = part.aggregations.map(() => (steps?.starts ?? []).map(() => null));
  return { labels, values: none(), ranks: none(), series, distributions: none() };
}

/** A summary's percentile over the range is not that of its steps: it is read for itself. */
async function fillValues(
  { positions, selection, compile }: Read,
  { steps }: MetricQuestion,
  draftOf: (labels: readonly string[]) => Draft,
  run: Run,
): Promise<void> {
  for (const over of steps === null ? [null] : [null, steps]) {
    for (const { labels, step, value } of await run<ValueRow>(compile({ selection, steps: over }))) {
      const draft = draftOf(labels);
      for (const i of positions) {
        const line = draft.series[i];
        if (over === null) draft.values[i] = draft.ranks[i] = value;
        else if (line !== undefined) line[step] = value;
      }
    }
  }
}

async function fillObservations(
  { positions, selection, compile, bucketsOf }: Read,
  { part, steps }: MetricQuestion,
  { intervalMs, draftOf }: { intervalMs: number | null; draftOf: (labels: readonly string[]) => Draft },
  run: Run,
): Promise<void> {
  const rows = await run<TotalsRow>(compile({ selection, steps }));
  const over = { range: selection.range, steps, intervalMs };
  for (const group of Map.groupBy(rows, (row) => JSON.stringify(row.labels)).values()) {
    const draft = draftOf(group[0]?.labels ?? []);
    const bySteps = steps === null ? [] : [...Map.groupBy(group, (row) => row.step)];
    for (const i of positions) {
      const aggregation = at(part.aggregations, i);
      const { function: name } = aggregation;
      const valueOf = (some: readonly TotalsRow[], step: number | null) => {
        const value = aggregateObservations(
          aggregation,
          some,
          mergeBuckets(some.flatMap((row) => bucketsOf(row, false))),
        );
        return name === 'rate' ? perSecond(value, step, over) : value;
      };
      draft.ranks[i] = valueOf(group, null);
      if (name === 'histogram') {
        const inSteps = new Map(bySteps);
        const drawn = (some: readonly TotalsRow[] = []) => some.flatMap((row) => bucketsOf(row, true));
        draft.distributions[i] = toDistribution(
          steps === null ? [drawn(group)] : steps.starts.map((_, step) => drawn(inSteps.get(step))),
        );
        continue;
      }
      draft.values[i] = draft.ranks[i] ?? null;
      for (const [step, some] of bySteps) {
        const line = draft.series[i];
        if (line !== undefined) line[step] = valueOf(some, step);
      }
    }
  }
}

function at(aggregations: readonly Aggregation[], i: number): Aggregation {
  const found = aggregations[i];
  if (found === undefined) throw new RangeError(`There is no aggregation ${i}`);
  return found;
}
