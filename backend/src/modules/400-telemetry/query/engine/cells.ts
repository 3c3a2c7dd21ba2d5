import { Aggregation, type AggregationFunction, type QueryPart, type TfqlExpression } from '@telemetryflow/contracts';
import { stepSeconds } from '../compiler/records/steps.js';
import type { TimeRange } from '../range.js';
import { bucketStarts } from '../step.js';
import type { AnsweredGroup, GroupsAnswer, PartRequest } from './part.js';

/**
 * Answers about records are put together from cells: one value per group, aggregation and step. Only of functions for
 * which the value of a period follows from those of its steps.
 */
const MERGED: Readonly<Partial<Record<AggregationFunction, (a: number, b: number) => number>>> = {
  count: (a, b) => a + b,
  // Kept as the count that it comes from.
  rate: (a, b) => a + b,
  sum: (a, b) => a + b,
  min: Math.min,
  max: Math.max,
};

const RECORDS = Aggregation.parse({ function: 'count' });
const EVERYTHING: TfqlExpression = { kind: 'all' };

export interface CellGroup {
  readonly labels: readonly string[];
  /** By step: how many records. */
  readonly records: readonly number[];
  /** By aggregation, then by step. */
  readonly cells: readonly (readonly (number | null)[])[];
}
/** Cells of adjoining steps, and all the groups that have records in them. */
export interface CellBlock {
  readonly starts: readonly number[];
  readonly groups: readonly CellGroup[];
}

/** Whether answers to the part can be put together from cells. */
export function isMergeable({ signal, aggregations }: QueryPart): boolean {
  const isOfRecords = signal === 'spans' || signal === 'logs';
  return isOfRecords && aggregations.length > 0 && aggregations.every((a) => MERGED[a.function] !== undefined);
}

/** The question for the cells of `range`: it counts the records too, which tell where a group is. */
export function cellRequest(request: PartRequest, range: TimeRange, stepMs: number, maxGroups: number): PartRequest {
  const { onlyGroups: _onlyGroups, part, ...rest } = request;
  const aggregations = [...part.aggregations, RECORDS];
  const steps = { stepMs, timeZone: request.steps?.timeZone ?? 'UTC', starts: bucketStarts(range, stepMs) };
  return {
    ...rest,
    part: { ...part, aggregations, limit: maxGroups },
    wheres: [...rest.wheres, EVERYTHING],
    range,
    steps,
  };
}

/** The cells of the answer to a `cellRequest`. */
export function cellsOf(answer: GroupsAnswer, { part, range, steps }: PartRequest): CellBlock {
  if (steps === null) throw new Error('Cells are asked for with steps');
  const seconds = stepSeconds(steps, range);
  return {
    starts: steps.starts,
    groups: answer.groups.map(({ labels, series = [] }) => ({
      labels,
      records: (series.at(-1) ?? []).map((value) => value ?? 0),
      cells: series.slice(0, -1).map((line, i) => {
        const isRate = part.aggregations[i]?.function === 'rate';
        return isRate ? line.map((value, step) => value && Math.round(value * (seconds[step] ?? 0))) : line;
      }),
    })),
  };
}

/** The answer to `request` in that to its `cellRequest` for the whole range, which does not have all groups. */
export function withoutCells(answer: GroupsAnswer, { part, steps }: PartRequest): GroupsAnswer {
  return {
    ...answer,
    columns: answer.columns.slice(0, -1),
    groups: answer.groups.slice(0, part.limit).map(({ labels, values, series }) => ({
      labels,
      values: values.slice(0, -1),
      ...(steps === null || series === undefined ? {} : { series: series.slice(0, -1) }),
    })),
  };
}

/** The cells that begin from `fromMs` on, and before `toMs`. */
export function sliceOf({ starts, groups }: CellBlock, fromMs: number, toMs: number): CellBlock {
  const begin = starts.filter((start) => start < fromMs).length;
  const end = starts.filter((start) => start < toMs).length;
  return {
    starts: starts.slice(begin, end),
    groups: groups
      .map(({ labels, records, cells }) => ({
        labels,
        records: records.slice(begin, end),
        cells: cells.map((line) => line.slice(begin, end)),
      }))
      .filter(({ records }) => records.some((count) => count > 0)),
  };
}

/** The answer for the whole range of `request` from blocks that cover it without gap or overlap. */
export function mergedAnswer(
  blocks: readonly CellBlock[],
  request: PartRequest,
  columns: GroupsAnswer['columns'],
): GroupsAnswer {
  const { part, onlyGroups } = request;
  const groups = new Map<string, { labels: readonly string[]; cells: Map<number, number | null>[] }>();
  const group = (labels: readonly string[]) => {
    const key = JSON.stringify(labels);
    const known = groups.get(key) ?? { labels, cells: part.aggregations.map(() => new Map<number, number | null>()) };
    groups.set(key, known);
    return known;
  };
  if (part.groupBy.length === 0) group([]);
  for (const { starts, groups: present } of blocks) {
    for (const { labels, cells } of present) {
      const { cells: all } = group(labels);
      cells.forEach((line, i) => line.forEach((value, step) => all[i]?.set(starts[step] ?? 0, value)));
    }
  }
  const wanted = onlyGroups === undefined ? undefined : new Set(onlyGroups.map((labels) => JSON.stringify(labels)));
  const answered = [...groups].flatMap(([key, { labels, cells }]) =>
    wanted === undefined || wanted.has(key) ? [groupOf(labels, cells, request)] : [],
  );
  return {
    kind: 'groups',
    columns,
    groups: ranked(answered, part).slice(0, onlyGroups?.length ?? part.limit),
    totalGroups: answered.length,
  };
}

function groupOf(
  labels: readonly string[],
  cells: readonly ReadonlyMap<number, number | null>[],
  { part, range, steps }: PartRequest,
): AnsweredGroup {
  const rangeSeconds = Number(range.toNs - range.fromNs) / 1e9;
  const values = part.aggregations.map(({ function: name }, i) => {
    const total = merged(name, cells[i]?.values() ?? []);
    return name === 'rate' && total !== null ? total / rangeSeconds : total;
  });
  if (steps === null) return { labels, values };
  const seconds = stepSeconds(steps, range);
  const series = part.aggregations.map(({ function: name }, i) =>
    steps.starts.map((start, step) => {
      const value = cells[i]?.get(start) ?? noneOf(name);
      return name === 'rate' && value !== null ? value / (seconds[step] ?? 1) : value;
    }),
  );
  return { labels, values, series };
}

function merged(name: AggregationFunction, cells: Iterable<number | null>): number | null {
  const merge = MERGED[name];
  let total = noneOf(name);
  for (const value of cells) {
    if (value === null || merge === undefined) continue;
    total = total === null ? value : merge(total, value);
  }
  return total;
}

/** Nobody counted is zero, nothing measured is nothing to say. */
function noneOf(name: AggregationFunction): number | null {
  return name === 'count' || name === 'rate' ? 0 : null;
}

/** In the part's order; nothing to say comes last, ties are broken by the labels. */
function ranked(groups: readonly AnsweredGroup[], { order, groupBy }: QueryPart): AnsweredGroup[] {
  const direction = order?.direction === 'asc' ? 1 : -1;
  const by = order?.by ?? 0;
  const compare = (a: AnsweredGroup, b: AnsweredGroup): number => {
    if (typeof by === 'string') {
      const key = groupBy.indexOf(by);
      return direction * compareText(a.labels[key] ?? '', b.labels[key] ?? '') || compareLabels(a, b);
    }
    const [left, right] = [a.values[by] ?? null, b.values[by] ?? null];
    if (left === right) return compareLabels(a, b);
    if (left === null) return 1;
    return right === null ? -1 : direction * (left - right);
  };
  return [...groups].sort(compare);
}

function compareLabels(a: AnsweredGroup, b: AnsweredGroup): number {
  for (const [i, label] of a.labels.entries()) {
    const difference = compareText(label, b.labels[i] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** As the store compares text: byte by byte. */
function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
