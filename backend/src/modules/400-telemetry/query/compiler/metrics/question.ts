import {
  aggregationName,
  type Aggregation,
  type MetricType,
  type QueryColumn,
  type QueryPart,
  type TfqlExpression,
} from '@telemetryflow/contracts';
import { ValidationError } from '../../../../../shared/platform/index.js';
import type { AnsweredGroup, Steps } from '../../engine/part.js';
import { rangeMs, type TimeRange } from '../../range.js';
import type { Metric } from './metric.js';
import { DISTRIBUTION_TYPES, type Selection } from './selection.js';

/** A part of which everything is known: what its statements are made of. */
export interface MetricQuestion {
  readonly part: QueryPart;
  readonly metric: Metric;
  readonly selection: Selection;
  /** By aggregation. */
  readonly wheres: readonly TfqlExpression[];
  readonly steps: Steps | null;
  readonly order: GroupOrder;
}

export interface GroupOrder {
  readonly by: { readonly aggregation: number } | { readonly key: number };
  readonly direction: 'asc' | 'desc';
}

/** How groups are ranked. @throws ValidationError naming `order` when it names neither an aggregation nor a group key */
export function orderOf(part: QueryPart): GroupOrder {
  const { by, direction } = part.order ?? { by: 0, direction: 'desc' };
  if (typeof by === 'number') {
    if (by < part.aggregations.length) return { by: { aggregation: by }, direction };
  } else {
    const key = part.groupBy.indexOf(by);
    if (key !== -1) return { by: { key }, direction };
  }
  throw new ValidationError([
    { path: 'order.by', code: 'invalid_value', message: 'must be the position of an aggregation or a key of groupBy' },
  ]);
}

/** @throws ValidationError for what the metric's type cannot say */
export function refuseUnanswerable(part: QueryPart, type: MetricType): void {
  part.aggregations.forEach((aggregation, i) => {
    const problem = problemOf(aggregation, type);
    if (problem !== undefined) {
      throw new ValidationError([{ path: `aggregations.${i}.function`, code: 'invalid_value', message: problem }]);
    }
  });
}

function problemOf({ function: name, level }: Aggregation, type: MetricType): string | undefined {
  if (name === 'quantile' && level === undefined) return 'needs a level between 0 and 1';
  if (!DISTRIBUTION_TYPES.has(type)) return undefined;
  const words = type.replaceAll('_', ' ');
  if (name === 'last' || name === 'distinct') {
    return `"${name}" is of single values, and a ${words} has none; use avg, count, rate or a percentile`;
  }
  if (name === 'histogram' && type === 'summary') return 'a summary has no buckets; use one of its percentiles';
  return undefined;
}

/** Counts have no unit of their own; a rate is per second, and that of a distribution is how often it was observed. */
export function columnsOf({ part, metric: { type, unit } }: Pick<MetricQuestion, 'part' | 'metric'>): QueryColumn[] {
  const isDistribution = DISTRIBUTION_TYPES.has(type);
  return part.aggregations.map((aggregation) => {
    const { function: name, alias } = aggregation;
    const counts = name === 'count' || (isDistribution && (name === 'increase' || name === 'delta'));
    const own = counts ? '{count}' : name === 'distinct' ? '{value}' : unit;
    const perSecond = `${isDistribution ? '{observation}' : unit || '1'}/s`;
    return { name: alias === '' ? aggregationName(aggregation) : alias, unit: name === 'rate' ? perSecond : own };
  });
}

/**
 * Growth per second. A sample tells of all that happened since the one before it: the growth that falls into a step is
 * divided by the part of the step that the range covers (the newest one is usually cut short by `now`), but by no less
 * than the samples' distance.
 */
export function perSecond(
  growth: number | null,
  step: number | null,
  { range, steps, intervalMs }: { range: TimeRange; steps: Steps | null; intervalMs: number | null },
): number | null {
  if (growth === null) return null;
  const overMs = Math.max(
    step === null || steps === null ? rangeMs(range) : coveredMs(step, steps, range),
    intervalMs ?? 0,
  );
  return (growth * 1000) / overMs;
}

function coveredMs(step: number, { starts, stepMs }: Steps, range: TimeRange): number {
  const start = starts[step] ?? 0;
  const end = starts[step + 1] ?? start + stepMs;
  return Math.min(end, Number(range.toNs) / 1e6) - Math.max(start, Number(range.fromNs) / 1e6);
}

/** Groups by their order, equal ones by their labels; those without a value come last. */
export function ranked<T extends Pick<AnsweredGroup, 'labels'>>(
  groups: readonly T[],
  { by, direction }: GroupOrder,
  valueOf: (group: T, aggregation: number) => number | null,
): T[] {
  const way = direction === 'asc' ? 1 : -1;
  const byLabels = (a: T, b: T) => compareTexts(a.labels, b.labels);
  return [...groups].sort((a, b) => {
    if ('key' in by) return way * compareTexts([a.labels[by.key] ?? ''], [b.labels[by.key] ?? '']) || byLabels(a, b);
    const [one, other] = [valueOf(a, by.aggregation), valueOf(b, by.aggregation)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || byLabels(a, b);
    return way * (one - other) || byLabels(a, b);
  });
}

/** As the store orders text: by its bytes. */
function compareTexts(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = Buffer.compare(Buffer.from(a[i] ?? ''), Buffer.from(b[i] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}
