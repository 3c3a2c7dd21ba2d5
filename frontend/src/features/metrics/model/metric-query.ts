import {
  formatQuery,
  parseQuery,
  type AggregationFunction,
  type QueryFormula,
  type TelemetryQueryInput,
  type TfqlQuery,
} from '@telemetryflow/contracts';
import type { QueryPartInput } from '../../../lib/telemetry-query.js';

/** What a query shows: a function, or one of the two ways to look at a whole distribution. */
export type Show = AggregationFunction | 'heatmap' | 'percentiles';

/** One line of the builder. */
export interface MetricQuery {
  /** `A` to `H`. */
  readonly label: string;
  readonly metric: string;
  /** Empty: what suits the metric's type. */
  readonly show: Show | '';
  readonly groupBy: readonly string[];
  readonly filter: string;
  /** Only there for formulas. */
  readonly hidden: boolean;
}

/** All that the explorer shows; the URL holds it. */
export interface Explored {
  readonly queries: readonly MetricQuery[];
  readonly formulas: readonly QueryFormula[];
}

/** Groups that one query draws: more lines can't be told apart. */
export const MAX_LINES = 20;
const PERCENTILES = ['p50', 'p75', 'p95', 'p99'] as const;
/** Drawn over a heatmap. */
export const HEATMAP_LINES = ['p50', 'p95', 'p99'] as const;

export function queryOf(metric: string, label = 'A'): MetricQuery {
  return { label, metric, show: '', groupBy: [], filter: '', hidden: false };
}

/** What the line asks of the query model. */
export function partOf({
  label,
  metric,
  show,
  groupBy,
  filter,
  hidden,
}: MetricQuery & { readonly show: Show }): QueryPartInput {
  return {
    label,
    signal: 'metrics',
    metric,
    filter,
    aggregations: functionsOf(show).map((name) => ({ function: name })),
    groupBy: [...groupBy],
    limit: show === 'heatmap' ? 1 : MAX_LINES,
    hidden,
  };
}

function functionsOf(show: Show): readonly AggregationFunction[] {
  if (show === 'heatmap') return ['histogram', ...HEATMAP_LINES];
  return show === 'percentiles' ? PERCENTILES : [show];
}

/**
 * The statements of several queries, as the URL keeps them (`?q=`). One query without a formula has parameters of its own
 * instead, which links from elsewhere can write.
 *
 * @throws TfqlSyntaxError when a filter can't be read
 */
export function toStatements({ queries, formulas }: Explored): string {
  const shown = (query: MetricQuery) =>
    query.show === '' ? [] : functionsOf(query.show).map((name) => ({ function: name }));
  return formatQuery({
    queries: queries.map(({ label, metric, groupBy, filter, hidden, ...query }) => ({
      label,
      signal: 'metrics',
      metric,
      filter,
      aggregations: shown({ label, metric, groupBy, filter, hidden, ...query }),
      groupBy: [...groupBy],
      hidden,
    })),
    formulas: [...formulas],
  });
}

/** @throws TfqlSyntaxError, with the place of the mistake */
export function fromStatements(text: string): Explored {
  const { queries, formulas } = parseQuery(text);
  return {
    queries: queries
      .filter(({ signal }) => signal === 'metrics')
      .map(({ label, metric, groupBy, filter, hidden, aggregations }) => ({
        label,
        metric,
        groupBy,
        filter,
        hidden,
        show: showOf(aggregations),
      })),
    formulas,
  };
}

function showOf(aggregations: TfqlQuery['queries'][number]['aggregations']): Show | '' {
  const [first, second] = aggregations;
  if (first === undefined) return '';
  if (first.function === 'histogram') return 'heatmap';
  return second === undefined ? first.function : 'percentiles';
}

/** The query model's question for what is explored. */
export function questionOf(
  { queries, formulas }: Explored,
  { step, compare, showFor }: { step: string; compare: string; showFor: (query: MetricQuery) => Show },
): Omit<TelemetryQueryInput, 'range' | 'timeZone'> {
  const parts = queries.map((query) => partOf({ ...query, show: showFor(query) }));
  // A heatmap is not compared: two of them can't be laid over each other.
  return { step, compare, queries: parts, formulas: [...formulas] };
}
