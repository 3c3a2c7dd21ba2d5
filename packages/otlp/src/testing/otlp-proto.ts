import { createRequire } from 'node:module';
import protobuf from 'protobufjs';

/**
 * The OTLP 1.x messages (and google.rpc.Status with its details) as protobufjs definitions, written from the field
 * numbers of opentelemetry-proto. The oracle of the tests and the baseline of the benchmark; never part of the package.
 */
type FieldSpec = [id: number, type: string, rule?: 'repeated' | 'optional'];
type MessageSpec = Record<string, FieldSpec>;

const common: Record<string, MessageSpec> = {
  ArrayValue: { values: [1, 'AnyValue', 'repeated'] },
  KeyValueList: { values: [1, 'KeyValue', 'repeated'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  InstrumentationScope: {
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  },
  Resource: { attributes: [1, 'KeyValue', 'repeated'], droppedAttributesCount: [2, 'uint32'] },
};

const traces: Record<string, MessageSpec> = {
  ExportTraceServiceRequest: { resourceSpans: [1, 'ResourceSpans', 'repeated'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans', 'repeated'], schemaUrl: [3, 'string'] },
  ScopeSpans: { scope: [1, 'InstrumentationScope'], spans: [2, 'Span', 'repeated'], schemaUrl: [3, 'string'] },
  Span: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'bytes'],
    name: [5, 'string'],
    kind: [6, 'int32'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    droppedAttributesCount: [10, 'uint32'],
    events: [11, 'Event', 'repeated'],
    droppedEventsCount: [12, 'uint32'],
    links: [13, 'Link', 'repeated'],
    droppedLinksCount: [14, 'uint32'],
    status: [15, 'SpanStatus'],
    flags: [16, 'fixed32'],
  },
  Event: {
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  },
  Link: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    traceState: [3, 'string'],
    attributes: [4, 'KeyValue', 'repeated'],
    droppedAttributesCount: [5, 'uint32'],
    flags: [6, 'fixed32'],
  },
  SpanStatus: { message: [2, 'string'], code: [3, 'int32'] },
};

const logs: Record<string, MessageSpec> = {
  ExportLogsServiceRequest: { resourceLogs: [1, 'ResourceLogs', 'repeated'] },
  ResourceLogs: { resource: [1, 'Resource'], scopeLogs: [2, 'ScopeLogs', 'repeated'], schemaUrl: [3, 'string'] },
  ScopeLogs: { scope: [1, 'InstrumentationScope'], logRecords: [2, 'LogRecord', 'repeated'], schemaUrl: [3, 'string'] },
  LogRecord: {
    timeUnixNano: [1, 'fixed64'],
    severityNumber: [2, 'int32'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue', 'repeated'],
    droppedAttributesCount: [7, 'uint32'],
    flags: [8, 'fixed32'],
    traceId: [9, 'bytes'],
    spanId: [10, 'bytes'],
    observedTimeUnixNano: [11, 'fixed64'],
    eventName: [12, 'string'],
  },
};

const metrics: Record<string, MessageSpec> = {
  ExportMetricsServiceRequest: { resourceMetrics: [1, 'ResourceMetrics', 'repeated'] },
  ResourceMetrics: {
    resource: [1, 'Resource'],
    scopeMetrics: [2, 'ScopeMetrics', 'repeated'],
    schemaUrl: [3, 'string'],
  },
  ScopeMetrics: { scope: [1, 'InstrumentationScope'], metrics: [2, 'Metric', 'repeated'], schemaUrl: [3, 'string'] },
  Gauge: { dataPoints: [1, 'NumberDataPoint', 'repeated'] },
  Sum: {
    dataPoints: [1, 'NumberDataPoint', 'repeated'],
    aggregationTemporality: [2, 'int32'],
    isMonotonic: [3, 'bool'],
  },
  Histogram: { dataPoints: [1, 'HistogramDataPoint', 'repeated'], aggregationTemporality: [2, 'int32'] },
  ExponentialHistogram: {
    dataPoints: [1, 'ExponentialHistogramDataPoint', 'repeated'],
    aggregationTemporality: [2, 'int32'],
  },
  Summary: { dataPoints: [1, 'SummaryDataPoint', 'repeated'] },
  HistogramDataPoint: {
    startTimeUnixNano: [2, 'fixed64'],
    timeUnixNano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    bucketCounts: [6, 'fixed64', 'repeated'],
    explicitBounds: [7, 'double', 'repeated'],
    exemplars: [8, 'Exemplar', 'repeated'],
    attributes: [9, 'KeyValue', 'repeated'],
    flags: [10, 'uint32'],
    min: [11, 'double', 'optional'],
    max: [12, 'double', 'optional'],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, 'KeyValue', 'repeated'],
    startTimeUnixNano: [2, 'fixed64'],
    timeUnixNano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    scale: [6, 'sint32'],
    zeroCount: [7, 'fixed64'],
    positive: [8, 'Buckets'],
    negative: [9, 'Buckets'],
    flags: [10, 'uint32'],
    exemplars: [11, 'Exemplar', 'repeated'],
    min: [12, 'double', 'optional'],
    max: [13, 'double', 'optional'],
    zeroThreshold: [14, 'double'],
  },
  Buckets: { offset: [1, 'sint32'], bucketCounts: [2, 'uint64', 'repeated'] },
  SummaryDataPoint: {
    startTimeUnixNano: [2, 'fixed64'],
    timeUnixNano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    quantileValues: [6, 'ValueAtQuantile', 'repeated'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  ValueAtQuantile: { quantile: [1, 'double'], value: [2, 'double'] },
};

const responses: Record<string, MessageSpec> = {
  ExportTraceServiceResponse: { partialSuccess: [1, 'TracePartialSuccess'] },
  TracePartialSuccess: { rejectedSpans: [1, 'int64'], errorMessage: [2, 'string'] },
  ExportLogsServiceResponse: { partialSuccess: [1, 'LogsPartialSuccess'] },
  LogsPartialSuccess: { rejectedLogRecords: [1, 'int64'], errorMessage: [2, 'string'] },
  ExportMetricsServiceResponse: { partialSuccess: [1, 'MetricsPartialSuccess'] },
  MetricsPartialSuccess: { rejectedDataPoints: [1, 'int64'], errorMessage: [2, 'string'] },
  Status: { code: [1, 'int32'], message: [2, 'string'], details: [3, 'Any', 'repeated'] },
  Any: { type_url: [1, 'string'], value: [2, 'bytes'] },
  BadRequest: { fieldViolations: [1, 'FieldViolation', 'repeated'] },
  FieldViolation: { field: [1, 'string'], description: [2, 'string'] },
  RetryInfo: { retryDelay: [1, 'Duration'] },
  Duration: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
};

function toMessage(spec: MessageSpec): protobuf.IType {
  const fields: Record<string, protobuf.IField> = {};
  const oneofs: Record<string, protobuf.IOneOf> = {};
  for (const [name, [id, type, rule]] of Object.entries(spec)) {
    fields[name] = rule === 'repeated' ? { id, type, rule } : { id, type };
    // proto3 optional: a oneof of one, which is what gives it presence.
    if (rule === 'optional') {
      fields[name] = { id, type, options: { proto3_optional: true } };
      oneofs[`_${name}`] = { oneof: [name] };
    }
  }
  return Object.keys(oneofs).length === 0 ? { fields } : { fields, oneofs };
}

const nested: Record<string, protobuf.IType> = {};
for (const group of [common, traces, logs, metrics, responses]) {
  for (const [name, spec] of Object.entries(group)) nested[name] = toMessage(spec);
}
nested['AnyValue'] = {
  oneofs: {
    value: {
      oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
    },
  },
  fields: {
    stringValue: { id: 1, type: 'string' },
    boolValue: { id: 2, type: 'bool' },
    intValue: { id: 3, type: 'int64' },
    doubleValue: { id: 4, type: 'double' },
    arrayValue: { id: 5, type: 'ArrayValue' },
    kvlistValue: { id: 6, type: 'KeyValueList' },
    bytesValue: { id: 7, type: 'bytes' },
  },
};
nested['Metric'] = {
  oneofs: { data: { oneof: ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] } },
  fields: {
    name: { id: 1, type: 'string' },
    description: { id: 2, type: 'string' },
    unit: { id: 3, type: 'string' },
    gauge: { id: 5, type: 'Gauge' },
    sum: { id: 7, type: 'Sum' },
    histogram: { id: 9, type: 'Histogram' },
    exponentialHistogram: { id: 10, type: 'ExponentialHistogram' },
    summary: { id: 11, type: 'Summary' },
    metadata: { id: 12, type: 'KeyValue', rule: 'repeated' },
  },
};
nested['NumberDataPoint'] = {
  oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
  fields: {
    startTimeUnixNano: { id: 2, type: 'fixed64' },
    timeUnixNano: { id: 3, type: 'fixed64' },
    asDouble: { id: 4, type: 'double' },
    exemplars: { id: 5, type: 'Exemplar', rule: 'repeated' },
    asInt: { id: 6, type: 'sfixed64' },
    attributes: { id: 7, type: 'KeyValue', rule: 'repeated' },
    flags: { id: 8, type: 'uint32' },
  },
};
nested['Exemplar'] = {
  oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
  fields: {
    timeUnixNano: { id: 2, type: 'fixed64' },
    asDouble: { id: 3, type: 'double' },
    spanId: { id: 4, type: 'bytes' },
    traceId: { id: 5, type: 'bytes' },
    asInt: { id: 6, type: 'sfixed64' },
    filteredAttributes: { id: 7, type: 'KeyValue', rule: 'repeated' },
  },
};

// Under the test runner's module conditions protobufjs fails to see its own `long`, and then rounds 64-bit integers.
if (!protobuf.util.Long) {
  const here = createRequire(import.meta.url);
  const long = createRequire(here.resolve('protobufjs'))('long') as { default?: typeof protobuf.util.Long };
  protobuf.util.Long = long.default ?? (long as typeof protobuf.util.Long);
  protobuf.configure();
}

const root = protobuf.Root.fromJSON({ nested });

/** A message type by its bare name. */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(name);
}

/** The export request type of a signal. */
export const REQUEST_TYPES = {
  traces: messageType('ExportTraceServiceRequest'),
  logs: messageType('ExportLogsServiceRequest'),
  metrics: messageType('ExportMetricsServiceRequest'),
} as const;
