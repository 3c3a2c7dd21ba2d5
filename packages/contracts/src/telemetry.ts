import { z } from 'zod';
import { Instant, Uint64Text } from './common.js';

/**
 * Natural JSON of an OTLP attribute value: string, boolean, array, object, null for the empty value; bytes are base64;
 * integers beyond 2^53 and NaN/Infinity are strings.
 */
export const AttributeValue: z.ZodType<AttributeValue> = z.json();
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export const Attributes = z.record(z.string(), AttributeValue);
export type Attributes = z.infer<typeof Attributes>;

export const Scope = z.object({ name: z.string(), version: z.string(), attributes: Attributes, schemaUrl: z.string() });
export type Scope = z.infer<typeof Scope>;

/** Half-open range [from, to). Each is an ISO instant, epoch milliseconds, or relative: `now`, `now-30m`. */
export const RangeQuery = z.object({
  from: z.string().max(64).default('now-30m'),
  to: z.string().max(64).default('now'),
});
export type RangeQuery = z.infer<typeof RangeQuery>;

const Filter = z.string().max(4096, { error: 'must be at most 4096 characters' }).default('');
const Limit = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

export const Service = z.object({
  name: z.string(),
  lastSeen: Instant,
  signals: z.array(z.enum(['traces', 'logs', 'metrics'])),
  spanCount: z.int(),
  errorCount: z.int(),
  /** Server and consumer spans, in the range; of them the rate per second, errors and percentiles of duration. */
  requestCount: z.int(),
  requestErrorCount: z.int(),
  requestRate: z.number(),
  /** Null without any request. */
  p50DurationNs: Uint64Text.nullable(),
  p95DurationNs: Uint64Text.nullable(),
  p99DurationNs: Uint64Text.nullable(),
});
export type Service = z.infer<typeof Service>;
export const ServicesResponse = z.object({ data: z.array(Service) });
export type ServicesResponse = z.infer<typeof ServicesResponse>;

export const TracesQuery = RangeQuery.extend({
  filter: Filter,
  limit: Limit(50, 1000),
  cursor: z.string().max(512).optional(),
});
export type TracesQuery = z.infer<typeof TracesQuery>;
export const TraceSummary = z.object({
  traceId: z.string(),
  rootServiceName: z.string(),
  rootSpanName: z.string(),
  startTime: Instant,
  startTimeUnixNano: Uint64Text,
  durationNs: Uint64Text,
  spanCount: z.int(),
  errorCount: z.int(),
  services: z.array(z.string()),
  /** False while only children of an unseen root have arrived. */
  hasRoot: z.boolean(),
});
export type TraceSummary = z.infer<typeof TraceSummary>;
export const CursorMeta = z.object({ nextCursor: z.string().nullable() });
export const TracesResponse = z.object({ data: z.array(TraceSummary), meta: CursorMeta });
export type TracesResponse = z.infer<typeof TracesResponse>;

export const SpanKind = z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']);
export type SpanKind = z.infer<typeof SpanKind>;
export const StatusCode = z.enum(['unset', 'ok', 'error']);
export type StatusCode = z.infer<typeof StatusCode>;
export const SpanEvent = z.object({
  timeUnixNano: Uint64Text,
  name: z.string(),
  attributes: Attributes,
  droppedAttributesCount: z.int(),
});
export const SpanLink = z.object({
  traceId: z.string(),
  spanId: z.string(),
  traceState: z.string(),
  flags: z.int(),
  attributes: Attributes,
  droppedAttributesCount: z.int(),
});
export const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  /** Empty for a root span. */
  parentSpanId: z.string(),
  traceState: z.string(),
  flags: z.int(),
  name: z.string(),
  kind: SpanKind,
  serviceName: z.string(),
  startTimeUnixNano: Uint64Text,
  endTimeUnixNano: Uint64Text,
  durationNs: Uint64Text,
  statusCode: StatusCode,
  statusMessage: z.string(),
  attributes: Attributes,
  resourceAttributes: Attributes,
  scope: Scope,
  events: z.array(SpanEvent),
  links: z.array(SpanLink),
  droppedAttributesCount: z.int(),
  droppedEventsCount: z.int(),
  droppedLinksCount: z.int(),
});
export type Span = z.infer<typeof Span>;
export const TraceResponse = z.object({
  traceId: z.string(),
  spans: z.array(Span),
  /** True when the trace holds more spans than one answer carries; `spanCount` is the whole. */
  truncated: z.boolean(),
  spanCount: z.int(),
});
export type TraceResponse = z.infer<typeof TraceResponse>;

export const LogsQuery = RangeQuery.extend({
  filter: Filter,
  limit: Limit(100, 1000),
  cursor: z.string().max(512).optional(),
  order: z.enum(['desc', 'asc']).default('desc'),
});
export type LogsQuery = z.infer<typeof LogsQuery>;
export const LogRecord = z.object({
  id: Uint64Text,
  timeUnixNano: Uint64Text,
  observedTimeUnixNano: Uint64Text,
  severityNumber: z.int(),
  severityText: z.string(),
  body: AttributeValue,
  eventName: z.string(),
  /** Empty when the record is not correlated. */
  traceId: z.string(),
  spanId: z.string(),
  flags: z.int(),
  serviceName: z.string(),
  attributes: Attributes,
  resourceAttributes: Attributes,
  scope: Scope,
  droppedAttributesCount: z.int(),
});
export type LogRecord = z.infer<typeof LogRecord>;
export const LogsResponse = z.object({ data: z.array(LogRecord), meta: CursorMeta });
export type LogsResponse = z.infer<typeof LogsResponse>;

/** Logs of one trace, oldest first. */
export const TraceLogsQuery = z.object({ limit: Limit(500, 1000), cursor: z.string().max(512).optional() });
export type TraceLogsQuery = z.infer<typeof TraceLogsQuery>;

export const Severity = z.enum(['unspecified', 'trace', 'debug', 'info', 'warn', 'error', 'fatal']);
export type Severity = z.infer<typeof Severity>;
export const LogHistogramQuery = RangeQuery.extend({ filter: Filter, buckets: Limit(60, 500) });
export type LogHistogramQuery = z.infer<typeof LogHistogramQuery>;
export const LogHistogramResponse = z.object({
  stepMs: z.int(),
  /** Bucket start in Unix ms, then counts by severity; empty buckets are present. */
  buckets: z.array(z.object({ time: z.int(), counts: z.partialRecord(Severity, z.int()) })),
  total: z.int(),
});
export type LogHistogramResponse = z.infer<typeof LogHistogramResponse>;

export const MetricType = z.enum([
  'gauge',
  'counter',
  'histogram',
  'summary',
  'up_down_counter',
  'exponential_histogram',
]);
export type MetricType = z.infer<typeof MetricType>;
export const MetricNamesQuery = z.object({
  search: z.string().max(255).default(''),
  service: z.string().max(255).optional(),
});
export type MetricNamesQuery = z.infer<typeof MetricNamesQuery>;
export const MetricName = z.object({
  name: z.string(),
  type: MetricType,
  unit: z.string(),
  description: z.string(),
  temporality: z.enum(['unspecified', 'delta', 'cumulative']),
  seriesCount: z.int(),
  services: z.array(z.string()),
  /** Attribute keys that any series of the metric carries: what it can be grouped by. */
  attributeKeys: z.array(z.string()),
  lastSeen: Instant,
});
export type MetricName = z.infer<typeof MetricName>;
export const MetricNamesResponse = z.object({ data: z.array(MetricName) });
export type MetricNamesResponse = z.infer<typeof MetricNamesResponse>;

export const MetricAggregation = z.enum([
  'avg',
  'sum',
  'min',
  'max',
  'count',
  'last',
  'rate',
  'increase',
  'p50',
  'p90',
  'p95',
  'p99',
]);
export type MetricAggregation = z.infer<typeof MetricAggregation>;
export const TimeseriesQuery = RangeQuery.extend({
  metricName: z.string({ error: 'is required' }).min(1, { error: 'is required' }).max(255),
  /** `30s`, `1m`, `5m`, `1h`, `1d`, or `auto` for about 200 points. */
  step: z.string().max(16).default('auto'),
  aggregation: MetricAggregation.default('avg'),
  /** Comma-separated attribute keys; `service.name` and `resource.*` are understood. */
  groupBy: z.string().max(1024).default(''),
  filter: Filter,
});
export type TimeseriesQuery = z.infer<typeof TimeseriesQuery>;
export const Series = z.object({
  labels: z.record(z.string(), z.string()),
  /** [bucket start in Unix ms, value]; null is a gap. */
  points: z.array(z.tuple([z.int(), z.number().nullable()])),
});
export type Series = z.infer<typeof Series>;
export const TimeseriesResponse = z.object({
  series: z.array(Series),
  stepMs: z.int(),
  unit: z.string(),
  type: MetricType.nullable(),
  /** True when more series matched than are answered. */
  truncated: z.boolean(),
});
export type TimeseriesResponse = z.infer<typeof TimeseriesResponse>;

export const ExemplarsQuery = RangeQuery.extend({
  metricName: z.string({ error: 'is required' }).min(1, { error: 'is required' }).max(255),
  /** Of the series, as in a time series. */
  filter: Filter,
  limit: Limit(100, 1000),
  /** `newest`, or `range`: the highest of every fiftieth of it, so that a chart has some everywhere. */
  spread: z.enum(['newest', 'range']).default('newest'),
});
export type ExemplarsQuery = z.infer<typeof ExemplarsQuery>;
/** One measurement that a data point keeps beside its aggregate, with the span in which it was made. */
export const Exemplar = z.object({
  timeNs: Uint64Text,
  value: z.number().nullable(),
  /** Empty when it was not made in a span. */
  traceId: z.string(),
  spanId: z.string(),
  serviceName: z.string(),
  /** The attributes of its series. */
  seriesAttributes: Attributes,
  /** Attributes of the measurement that its series does not have. */
  attributes: Attributes,
});
export type Exemplar = z.infer<typeof Exemplar>;
/** Newest first. */
export const ExemplarsResponse = z.object({ data: z.array(Exemplar) });
export type ExemplarsResponse = z.infer<typeof ExemplarsResponse>;

/** When each signal last arrived for the tenant: the "waiting for data" light. */
export const IngestStatus = z.object({
  traces: Instant.nullable(),
  logs: Instant.nullable(),
  metrics: Instant.nullable(),
  services: z.array(z.string()),
});
export type IngestStatus = z.infer<typeof IngestStatus>;

/** Counts for the overview, over the range. */
export const OverviewResponse = z.object({
  spanCount: z.int(),
  traceCount: z.int(),
  errorCount: z.int(),
  logCount: z.int(),
  logErrorCount: z.int(),
  metricCount: z.int(),
  serviceCount: z.int(),
  stepMs: z.int(),
  /** Per bucket: requests (server and consumer spans), errors among them, p95 duration in ms, log records. */
  points: z.array(
    z.object({
      time: z.int(),
      requests: z.int(),
      errors: z.int(),
      p95Ms: z.number().nullable(),
      logs: z.int(),
    }),
  ),
});
export type OverviewResponse = z.infer<typeof OverviewResponse>;

/** Names that a filter of the signal can use, as seen in the last days. */
export const FieldsQuery = RangeQuery.extend({
  signal: z.enum(['spans', 'logs', 'metrics']),
  search: z.string().max(255).default(''),
  /** Only what records have that match this, in the range; without it the range counts for the signal's own fields only. */
  filter: Filter,
});
export type FieldsQuery = z.infer<typeof FieldsQuery>;
export const Field = z.object({
  /** As written in a filter: `duration`, `http.route`, `resource.host.name`. */
  name: z.string(),
  source: z.enum(['field', 'attribute', 'resource']),
  type: z.enum(['string', 'number', 'boolean', 'duration', 'severity', 'enum', 'id']),
});
export type Field = z.infer<typeof Field>;
export const FieldsResponse = z.object({ data: z.array(Field) });
export type FieldsResponse = z.infer<typeof FieldsResponse>;

/** What a field can be compared with, as far as its values come again and again. */
export const FieldValuesQuery = FieldsQuery.extend({
  /** As written in a filter: `http.route`, `attributes.http.route`, `resource.host.name`. */
  field: z.string().min(1).max(255),
});
export type FieldValuesQuery = z.infer<typeof FieldValuesQuery>;
/** Sampled values of the last days, or of the range with a filter, most frequent first. */
export const FieldValuesResponse = z.object({ data: z.array(z.string()) });
export type FieldValuesResponse = z.infer<typeof FieldValuesResponse>;
