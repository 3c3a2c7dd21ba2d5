import { z } from 'zod';
import { Instant, Uint64Text } from './common.js';
import { AttributeValue, CursorMeta, RangeQuery, SpanKind, StatusCode } from './telemetry.js';

const FilterText = z.string().max(4096, { error: 'must be at most 4096 characters' }).default('');

/** How many fields a list of spans may show beside its own. */
export const MAX_SPAN_FIELDS = 20;

export const SpansQuery = RangeQuery.extend({
  filter: FilterText,
  sort: z.enum(['newest', 'slowest']).default('newest'),
  /** Comma-separated, as written in a filter: what `values` holds of each span. */
  fields: z.string().max(4096).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(512).optional(),
});
export type SpansQuery = z.infer<typeof SpansQuery>;

/** A span as a row of a list; the whole span is in its trace. */
export const SpanSummary = z.object({
  traceId: z.string(),
  spanId: z.string(),
  /** Empty for a root span. */
  parentSpanId: z.string(),
  name: z.string(),
  kind: SpanKind,
  serviceName: z.string(),
  startTime: Instant,
  startTimeUnixNano: Uint64Text,
  durationNs: Uint64Text,
  statusCode: StatusCode,
  statusMessage: z.string(),
  /** In the order of the query's `fields`; null where the span has none. */
  values: z.array(AttributeValue),
});
export type SpanSummary = z.infer<typeof SpanSummary>;
export const SpansResponse = z.object({ data: z.array(SpanSummary), meta: CursorMeta });
export type SpansResponse = z.infer<typeof SpansResponse>;

/**
 * "Compare with normal": which attributes tell the spans of the selection from the others? Both are of the spans that
 * match `filter` in `range`; the selection are those that match its own filter, in its own piece of time, and the
 * baseline are all others.
 */
export const CompareSpans = z.object({
  range: RangeQuery.prefault({}),
  filter: FilterText,
  selection: z.object({ filter: FilterText, range: RangeQuery.optional() }),
  /** So many attributes, those that differ most first. */
  limit: z.int().min(1).max(100).default(20),
});
export type CompareSpans = z.infer<typeof CompareSpans>;

export const ComparedValue = z.object({
  value: z.string(),
  /** Of the spans of each side, 0 to 1. */
  selectionShare: z.number(),
  baselineShare: z.number(),
});
export type ComparedValue = z.infer<typeof ComparedValue>;
export const ComparedAttribute = z.object({
  /** As written in a filter. */
  field: z.string(),
  source: z.enum(['field', 'attribute', 'resource']),
  /** The largest difference between the shares of a value, less what chance alone could make of it. */
  score: z.number(),
  /** Share of the spans that carry the attribute at all. */
  selectionShare: z.number(),
  baselineShare: z.number(),
  distinctValues: z.int(),
  /** Those that differ most, at most ten. */
  values: z.array(ComparedValue),
});
export type ComparedAttribute = z.infer<typeof ComparedAttribute>;
export const CompareSpansResponse = z.object({
  /** Exact counts of the spans of each side. */
  selectionCount: z.int(),
  baselineCount: z.int(),
  /** How many of them were looked at: all, or a random sample. Shares are of these. */
  selectionSample: z.int(),
  baselineSample: z.int(),
  attributes: z.array(ComparedAttribute),
});
export type CompareSpansResponse = z.infer<typeof CompareSpansResponse>;
