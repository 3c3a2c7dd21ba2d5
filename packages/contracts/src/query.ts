import { z } from 'zod';
import { Instant } from './common.js';
import { Problem } from './problem.js';
import { RangeQuery } from './telemetry.js';

/**
 * The one query model: explorers, dashboards, alerts, exports and the query builder speak it, TFQL is its text form, and
 * the server's one compiler turns it into SQL (docs/adr/0016).
 *
 *     { range: { from: 'now-1h', to: 'now' }, step: '1m',
 *       queries: [{ label: 'A', signal: 'spans', filter: 'service.name:checkout',
 *                   aggregations: [{ function: 'p95', field: 'duration' }], groupBy: ['http.route'], limit: 10 }] }
 */

/** `spans` are rows of their own; `traces` are whole traces, found by their spans, with the trace's own fields. */
export const QuerySignal = z.enum(['spans', 'logs', 'metrics', 'traces']);
export type QuerySignal = z.infer<typeof QuerySignal>;

/**
 * What is computed of the matching records, per group and step.
 *
 * - Without a field: `count` of records, `rate` of records per second.
 * - Of a field: `sum`, `avg`, `min`, `max`, `last` (the newest), `distinct` (values), percentiles, `quantile` (with its
 *   level), `histogram` (counts by bucket: a heatmap over time, a histogram without steps). The field of a metric is its
 *   value and is not named.
 * - Of metrics also `rate` (per second), `increase` and `delta` (growth; `increase` knows counter resets, `delta` does not),
 *   each by what the metric's type and temporality mean.
 */
export const AggregationFunction = z.enum([
  'count',
  'rate',
  'sum',
  'avg',
  'min',
  'max',
  'last',
  'distinct',
  'increase',
  'delta',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'quantile',
  'histogram',
]);
export type AggregationFunction = z.infer<typeof AggregationFunction>;

const FilterText = z.string().max(4096, { error: 'must be at most 4096 characters' });
const FieldName = z.string().max(255, { error: 'must be at most 255 characters' });

export const Aggregation = z.object({
  function: AggregationFunction,
  /** As written in a filter: `duration`, `http.route`. Empty for `count`, for `rate` of records, and for metrics. */
  field: FieldName.default(''),
  /** Of `quantile`: between 0 and 1. */
  level: z.number().gt(0, { error: 'must be greater than 0' }).lt(1, { error: 'must be less than 1' }).optional(),
  /** Only records that match this too, so that errors and all can be counted side by side. */
  where: FilterText.default(''),
  /** The column's name in the answer; by default its TFQL text, such as `p95(duration)`. */
  alias: z.string().max(64, { error: 'must be at most 64 characters' }).default(''),
});
export type Aggregation = z.infer<typeof Aggregation>;

export const QueryOrder = z.object({
  /** The position of an aggregation (from 0), or a group key. */
  by: z.union([z.int().min(0), FieldName]),
  direction: z.enum(['desc', 'asc']).default('desc'),
});
export type QueryOrder = z.infer<typeof QueryOrder>;

/** `A` to `H`: by this a formula names it. */
export const QueryLabel = z.string().regex(/^[A-H]$/, { error: 'must be a letter from A to H' });

export const MAX_GROUP_KEYS = 5;
export const MAX_AGGREGATIONS = 8;
export const MAX_QUERIES = 8;

export const QueryPart = z.object({
  label: QueryLabel.default('A'),
  signal: QuerySignal,
  /** The metric's name: of the signal `metrics` only, and demanded there. */
  metric: z.string().max(255, { error: 'must be at most 255 characters' }).default(''),
  /** TFQL. */
  filter: FilterText.default(''),
  /** None: the records themselves, newest first. */
  aggregations: z
    .array(Aggregation)
    .max(MAX_AGGREGATIONS, { error: `must be at most ${MAX_AGGREGATIONS} aggregations` })
    .default([]),
  groupBy: z
    .array(FieldName.min(1))
    .max(MAX_GROUP_KEYS, { error: `must be at most ${MAX_GROUP_KEYS} keys` })
    .default([]),
  /** Of groups over the whole range; by default the first aggregation, largest first. */
  order: QueryOrder.optional(),
  /** So many groups (the top N by `order`), or so many records. */
  limit: z.int().min(1, { error: 'must be at least 1' }).max(1000, { error: 'must be at most 1000' }).default(20),
  /** Columns of records, as written in a filter; by default the signal's own. */
  fields: z.array(FieldName.min(1)).max(50, { error: 'must be at most 50 fields' }).default([]),
  /** Only there for formulas: computed, not answered. */
  hidden: z.boolean().default(false),
});
export type QueryPart = z.infer<typeof QueryPart>;

/** Arithmetic over labels: `B / A * 100`, with `+ - * /`, numbers and parentheses. Groups are matched by equal labels. */
export const QueryFormula = z.object({
  label: z.string().regex(/^F[1-8]$/, { error: 'must be F1 to F8' }),
  /** A label stands for its first aggregation; `A.2` for its second. */
  expression: z.string().min(1, { error: 'is required' }).max(256, { error: 'must be at most 256 characters' }),
  alias: z.string().max(64).default(''),
});
export type QueryFormula = z.infer<typeof QueryFormula>;

export const TelemetryQuery = z.object({
  range: RangeQuery.prefault({}),
  /** IANA name; days and weeks begin at its midnight. */
  timeZone: z.string().max(64).default('UTC'),
  /** `auto`, `none` (one value per group over the range) or a duration: `10s`, `1m`, `1h`, `1d`. */
  step: z.string().max(16).default('auto'),
  queries: z
    .array(QueryPart)
    .min(1, { error: 'must hold at least one query' })
    .max(MAX_QUERIES, { error: `must be at most ${MAX_QUERIES} queries` }),
  formulas: z.array(QueryFormula).max(8, { error: 'must be at most 8 formulas' }).default([]),
  /** The same again, so much earlier: `1h`, `1d`, `7d`; empty for none. Answered as `previous` of each group. */
  compare: z.string().max(16).default(''),
});
export type TelemetryQuery = z.infer<typeof TelemetryQuery>;
/** As callers write it: what has a default may be left out. */
export type TelemetryQueryInput = z.input<typeof TelemetryQuery>;

/** A number; null is "nothing to say" (a gap), never zero. */
const Value = z.number().nullable();

/** Counts by value bucket: one histogram without steps, one per step with them. */
export const Distribution = z.object({
  /** Ascending; bucket i reaches from bounds[i] to bounds[i + 1]. */
  bounds: z.array(z.number()),
  /** By step (one without steps), then by bucket. */
  counts: z.array(z.array(z.number())),
});
export type Distribution = z.infer<typeof Distribution>;

export const GroupValues = z.object({
  /** By aggregation, over the whole range; null for a histogram. */
  values: z.array(Value),
  /** By aggregation, then by step (`meta.times`); absent without steps. */
  series: z.array(z.array(Value)).optional(),
  /** By aggregation; null where it is no histogram. Absent when none is. */
  distributions: z.array(Distribution.nullable()).optional(),
});
export type GroupValues = z.infer<typeof GroupValues>;
export const QueryGroup = GroupValues.extend({
  /** In the order of `groupBy`; empty text for records without the key. */
  labels: z.array(z.string()),
  /** The earlier period, aligned step by step with this one; absent when not asked for. */
  previous: GroupValues.optional(),
});
export type QueryGroup = z.infer<typeof QueryGroup>;

export const QueryColumn = z.object({
  name: z.string(),
  /** UCUM, as OpenTelemetry writes units: `ns`, `s`, `By`, `1/s`, `{span}`; empty when unknown. */
  unit: z.string(),
});
export type QueryColumn = z.infer<typeof QueryColumn>;

export const GroupsResult = z.object({
  label: z.string(),
  kind: z.literal('groups'),
  groupBy: z.array(z.string()),
  /** One per aggregation. */
  columns: z.array(QueryColumn),
  groups: z.array(QueryGroup),
  /** How many groups there are; more than are answered when `truncated`. */
  totalGroups: z.int(),
  truncated: z.boolean(),
});
export type GroupsResult = z.infer<typeof GroupsResult>;
export const RowsResult = z.object({
  label: z.string(),
  kind: z.literal('rows'),
  columns: z.array(QueryColumn),
  /** Newest first. Values as JSON; times and 64-bit integers as text. */
  rows: z.array(z.array(z.json())),
  truncated: z.boolean(),
});
export type RowsResult = z.infer<typeof RowsResult>;
export const QueryResult = z.discriminatedUnion('kind', [GroupsResult, RowsResult]);
export type QueryResult = z.infer<typeof QueryResult>;

/** What a reader should know: a name that nothing carries, groups left out, a step that was widened. */
export const QueryNote = z.object({
  label: z.string(),
  code: z.enum(['unknown_field', 'unknown_metric', 'truncated', 'step_widened', 'mixed_types']),
  message: z.string(),
  /** Near names, for `unknown_field` and `unknown_metric`. */
  suggestions: z.array(z.string()),
});
export type QueryNote = z.infer<typeof QueryNote>;

/** The period that is answered. */
export const QueryPeriod = z.object({
  from: Instant,
  to: Instant,
  timeZone: z.string(),
  /** Null without steps. Days and longer follow the calendar of the time zone, so that `times` may be uneven. */
  stepMs: z.int().nullable(),
  /** Starts of the steps in Unix ms; empty without steps. */
  times: z.array(z.int()),
});
export type QueryPeriod = z.infer<typeof QueryPeriod>;
export const QueryMeta = QueryPeriod.extend({
  /** Whether the store was asked: not (`hit`), for the newest part only (`partial`), for everything (`miss`). */
  cache: z.enum(['hit', 'partial', 'miss']),
  elapsedMs: z.number(),
  rowsRead: z.int(),
  bytesRead: z.int(),
  notes: z.array(QueryNote),
});
export type QueryMeta = z.infer<typeof QueryMeta>;
export const QueryResponse = z.object({ results: z.array(QueryResult), meta: QueryMeta });
export type QueryResponse = z.infer<typeof QueryResponse>;

/**
 * One line of the answer as `application/x-ndjson`: the period, each result as soon as it is there (a large one is
 * continued by further groups or rows), last the meta, or the problem that ended it.
 */
export const QueryLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('period'), period: QueryPeriod }),
  z.object({ type: z.literal('result'), result: QueryResult }),
  z.object({ type: z.literal('groups'), label: z.string(), groups: z.array(QueryGroup) }),
  z.object({ type: z.literal('rows'), label: z.string(), rows: RowsResult.shape.rows }),
  z.object({ type: z.literal('meta'), meta: QueryMeta }),
  z.object({ type: z.literal('problem'), problem: Problem }),
]);
export type QueryLine = z.infer<typeof QueryLine>;

/** How one query would be answered. */
export const QueryPlan = z.object({
  label: z.string(),
  sql: z.string(),
  params: z.record(z.string(), z.json()),
  /** The table it reads: the raw one or a rollup. */
  table: z.string(),
  /** Estimates of the store. */
  rowsToRead: z.int(),
  partsToRead: z.int(),
});
export type QueryPlan = z.infer<typeof QueryPlan>;
export const ExplainResponse = z.object({ plans: z.array(QueryPlan) });
export type ExplainResponse = z.infer<typeof ExplainResponse>;
