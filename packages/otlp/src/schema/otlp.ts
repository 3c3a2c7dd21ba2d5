import type { Signal } from '../api.js';
import { field, message, type Field, type Message } from './message.js';

const repeated = { repeated: true } as const;

const anyValue: Message = message('AnyValue', [
  field(1, 'stringValue', 'string', { oneof: 'value' }),
  field(2, 'boolValue', 'bool', { oneof: 'value' }),
  field(3, 'intValue', 'int64', { oneof: 'value' }),
  field(4, 'doubleValue', 'double', { oneof: 'value' }),
  field(5, 'arrayValue', () => arrayValue, { oneof: 'value' }),
  field(6, 'kvlistValue', () => keyValueList, { oneof: 'value' }),
  field(7, 'bytesValue', 'bytes', { oneof: 'value' }),
  // Beside the oneof, so that it, which is read as absent, replaces no value.
  field(8, 'stringValueStrindex', 'int32'),
]);
const arrayValue: Message = message('ArrayValue', [field(1, 'values', () => anyValue, repeated)]);
const keyValueList: Message = message('KeyValueList', [field(1, 'values', () => keyValue, repeated)]);
const keyValue: Message = message('KeyValue', [
  field(1, 'key', 'string'),
  field(2, 'value', () => anyValue),
  field(3, 'keyStrindex', 'int32'),
]);

/** Values may nest: the walkers of this schema stop descending at these. */
export const NESTING_MESSAGE = anyValue;

const attributes = (number: number, name = 'attributes'): Field => field(number, name, () => keyValue, repeated);
const dropped = (number: number, name = 'droppedAttributesCount'): Field => field(number, name, 'uint32');

const resource = message('Resource', [attributes(1), dropped(2)]);
const scope = message('InstrumentationScope', [
  field(1, 'name', 'string'),
  field(2, 'version', 'string'),
  attributes(3),
  dropped(4),
]);

/** The request of a signal: resource groups of scope groups of items, of the same shape for all signals. */
function request(name: string, groups: string, scopes: string, items: string, item: Message): Message {
  const scopeGroup = message(scopes, [
    field(1, 'scope', () => scope),
    field(2, items, () => item, repeated),
    field(3, 'schemaUrl', 'string'),
  ]);
  const resourceGroup = message(groups, [
    field(1, 'resource', () => resource),
    field(2, scopes, () => scopeGroup, repeated),
    field(3, 'schemaUrl', 'string'),
  ]);
  return message(name, [field(1, groups, () => resourceGroup, repeated)]);
}

const event = message('Span.Event', [
  field(1, 'timeUnixNano', 'fixed64'),
  field(2, 'name', 'string'),
  attributes(3),
  dropped(4),
]);
const link = message('Span.Link', [
  field(1, 'traceId', 'id'),
  field(2, 'spanId', 'id'),
  field(3, 'traceState', 'string'),
  attributes(4),
  dropped(5),
  field(6, 'flags', 'fixed32'),
]);
const status = message('Status', [
  field(2, 'message', 'string'),
  field(3, 'code', 'enum', { names: ['UNSET', 'OK', 'ERROR'] }),
]);
const span = message('Span', [
  field(1, 'traceId', 'id'),
  field(2, 'spanId', 'id'),
  field(3, 'traceState', 'string'),
  field(4, 'parentSpanId', 'id'),
  field(5, 'name', 'string'),
  field(6, 'kind', 'enum', { names: ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] }),
  field(7, 'startTimeUnixNano', 'fixed64'),
  field(8, 'endTimeUnixNano', 'fixed64'),
  attributes(9),
  dropped(10),
  field(11, 'events', () => event, repeated),
  dropped(12, 'droppedEventsCount'),
  field(13, 'links', () => link, repeated),
  dropped(14, 'droppedLinksCount'),
  field(15, 'status', () => status),
  field(16, 'flags', 'fixed32'),
]);

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const logRecord = message('LogRecord', [
  field(1, 'timeUnixNano', 'fixed64'),
  field(2, 'severityNumber', 'enum', {
    names: ['UNSPECIFIED', ...severities.flatMap((name) => [name, `${name}2`, `${name}3`, `${name}4`])],
  }),
  field(3, 'severityText', 'string'),
  field(5, 'body', () => anyValue),
  attributes(6),
  dropped(7),
  field(8, 'flags', 'fixed32'),
  field(9, 'traceId', 'id'),
  field(10, 'spanId', 'id'),
  field(11, 'observedTimeUnixNano', 'fixed64'),
  field(12, 'eventName', 'string'),
]);

const exemplar = message('Exemplar', [
  field(2, 'timeUnixNano', 'fixed64'),
  field(3, 'asDouble', 'double', { oneof: 'value' }),
  field(4, 'spanId', 'id'),
  field(5, 'traceId', 'id'),
  field(6, 'asInt', 'sfixed64', { oneof: 'value' }),
  attributes(7, 'filteredAttributes'),
]);
const exemplars = (number: number): Field => field(number, 'exemplars', () => exemplar, repeated);
const times = [field(2, 'startTimeUnixNano', 'fixed64'), field(3, 'timeUnixNano', 'fixed64')];
const flags = (number: number): Field => field(number, 'flags', 'uint32');

const numberPoint = message('NumberDataPoint', [
  ...times,
  field(4, 'asDouble', 'double', { oneof: 'value' }),
  exemplars(5),
  field(6, 'asInt', 'sfixed64', { oneof: 'value' }),
  attributes(7),
  flags(8),
]);
const histogramPoint = message('HistogramDataPoint', [
  ...times,
  field(4, 'count', 'fixed64'),
  field(5, 'sum', 'double'),
  field(6, 'bucketCounts', 'fixed64', repeated),
  field(7, 'explicitBounds', 'double', repeated),
  exemplars(8),
  attributes(9),
  flags(10),
  field(11, 'min', 'double'),
  field(12, 'max', 'double'),
]);
const buckets = message('Buckets', [field(1, 'offset', 'sint32'), field(2, 'bucketCounts', 'uint64', repeated)]);
const exponentialPoint = message('ExponentialHistogramDataPoint', [
  attributes(1),
  ...times,
  field(4, 'count', 'fixed64'),
  field(5, 'sum', 'double'),
  field(6, 'scale', 'sint32'),
  field(7, 'zeroCount', 'fixed64'),
  field(8, 'positive', () => buckets),
  field(9, 'negative', () => buckets),
  flags(10),
  exemplars(11),
  field(12, 'min', 'double'),
  field(13, 'max', 'double'),
  field(14, 'zeroThreshold', 'double'),
]);
const quantile = message('ValueAtQuantile', [field(1, 'quantile', 'double'), field(2, 'value', 'double')]);
const summaryPoint = message('SummaryDataPoint', [
  ...times,
  field(4, 'count', 'fixed64'),
  field(5, 'sum', 'double'),
  field(6, 'quantileValues', () => quantile, repeated),
  attributes(7),
  flags(8),
]);

const temporality = field(2, 'aggregationTemporality', 'enum', { names: ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'] });
const points = (point: Message): Field => field(1, 'dataPoints', () => point, repeated);
const data = (number: number, name: string, type: Message): Field => field(number, name, () => type, { oneof: 'data' });

const metric = message('Metric', [
  field(1, 'name', 'string'),
  field(2, 'description', 'string'),
  field(3, 'unit', 'string'),
  data(5, 'gauge', message('Gauge', [points(numberPoint)])),
  data(7, 'sum', message('Sum', [points(numberPoint), temporality, field(3, 'isMonotonic', 'bool')])),
  data(9, 'histogram', message('Histogram', [points(histogramPoint), temporality])),
  data(10, 'exponentialHistogram', message('ExponentialHistogram', [points(exponentialPoint), temporality])),
  data(11, 'summary', message('Summary', [points(summaryPoint)])),
  attributes(12, 'metadata'),
]);

/** The export request of each signal. */
export const REQUESTS: Readonly<Record<Signal, Message>> = {
  traces: request('ExportTraceServiceRequest', 'resourceSpans', 'scopeSpans', 'spans', span),
  logs: request('ExportLogsServiceRequest', 'resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: request('ExportMetricsServiceRequest', 'resourceMetrics', 'scopeMetrics', 'metrics', metric),
};
