import type { AnsweredGroup, PartRequest, Steps } from '../../engine/part.js';
import type { AggregatePlan, PlannedAggregation } from './aggregates.js';
import { stepSeconds } from './steps.js';

/** A row of a statement of groups; numbers are by aggregation, those that have no state left out. */
export interface GroupRow {
  readonly labels: string[];
  readonly totals: (number | null)[];
  /** By aggregation, then by step. */
  readonly lines?: (number | null)[][];
  /** Instead of lines: position of the step, then its numbers. */
  readonly cells?: [step: number, ...values: (number | null)[]][];
  readonly totalGroups: string;
}

export function readGroup(row: GroupRow, request: PartRequest, { aggregations }: AggregatePlan): AnsweredGroup {
  const { steps, range } = request;
  const backed = aggregations.filter((a) => a.state !== undefined);
  const seconds = Number(range.toNs - range.fromNs) / 1e9;
  const values = aggregations.map((a) => perSecond(a, row.totals[backed.indexOf(a)] ?? null, seconds));
  if (steps === null) return { labels: row.labels, values };
  const lengths = stepSeconds(steps, range);
  const lines = row.lines ?? linesOf(row.cells ?? [], backed, steps);
  const series = aggregations.map((a) => {
    const line = lines[backed.indexOf(a)] ?? [];
    return steps.starts.map((_, step) => perSecond(a, line[step] ?? a.none, lengths[step] ?? 1));
  });
  return { labels: row.labels, values, series };
}

/** The group of a part without group keys and without records. */
export function emptyGroup({ steps }: PartRequest, { aggregations }: AggregatePlan): AnsweredGroup {
  const values = aggregations.map((a) => (a.state === undefined ? null : a.none));
  if (steps === null) return { labels: [], values };
  return { labels: [], values, series: values.map((none) => steps.starts.map(() => none)) };
}

function linesOf(cells: NonNullable<GroupRow['cells']>, backed: readonly PlannedAggregation[], steps: Steps) {
  const lines = backed.map((a): (number | null)[] => steps.starts.map(() => a.none));
  for (const [step, ...values] of cells) {
    lines.forEach((line, i) => {
      line[step] = values[i] ?? null;
    });
  }
  return lines;
}

function perSecond(aggregation: PlannedAggregation, value: number | null, seconds: number): number | null {
  return aggregation.perSecond && value !== null ? value / seconds : value;
}
