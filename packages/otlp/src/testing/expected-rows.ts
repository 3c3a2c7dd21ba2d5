import type { Signal } from '../api.js';
import { REASONS } from '../rejections.js';
import { REQUEST_TYPES } from './otlp-proto.js';
import type { Row } from './rowbinary-reader.js';

/**
 * The oracle: rows derived from what protobufjs decodes, written for being obviously right. Fingerprints are not
 * derived; `resource`, `scope` and `series` hold the content of the rows they must lead to.
 */
export interface Expected {
  items: Row[];
  exemplars: Row[];
  rejections: Map<string, number>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- plain objects of many shapes, taken apart by name
type Msg = Record<string, any>;

const DECODE = { longs: String, defaults: false, oneofs: true, arrays: true } as const;

export function expectedRows(signal: Signal, body: Uint8Array, receivedAtMs: number): Expected {
  const type = REQUEST_TYPES[signal];
  const request = type.toObject(type.decode(body), DECODE) as Msg;
  const received = BigInt(receivedAtMs) * 1_000_000n;
  const result: Expected = { items: [], exemplars: [], rejections: new Map() };
  const [groups, scopes, items] = {
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  }[signal] as [string, string, string];
  for (const group of request[groups]) {
    const resource = identity(group.resource ?? {}, group.schemaUrl, {});
    const service = firstOf(group.resource?.attributes ?? [], 'service.name');
    const serviceName = service === undefined || service === '' ? 'unknown_service' : service;
    for (const scopeGroup of group[scopes]) {
      const own = scopeGroup.scope ?? {};
      const scope = identity(own, scopeGroup.schemaUrl, { name: own.name ?? '', version: own.version ?? '' });
      for (const item of scopeGroup[items]) {
        const origin = { service_name: serviceName, resource, scope };
        if (signal === 'traces') add(result, span(item, received), origin);
        else if (signal === 'logs') add(result, logRecord(item, received), origin);
        else metric(result, item, origin);
      }
    }
  }
  return result;
}

function add(result: Expected, row: Row | string, origin: Row): void {
  if (typeof row === 'string') result.rejections.set(row, (result.rejections.get(row) ?? 0) + 1);
  else result.items.push({ ...row, ...origin });
}

function identity(message: Msg, schemaUrl: string | undefined, extra: Row): Row {
  return {
    ...attributes(message.attributes),
    dropped_attributes_count: message.droppedAttributesCount ?? 0,
    schema_url: schemaUrl ?? '',
    ...extra,
  };
}

function firstOf(list: Msg[], key: string): string | undefined {
  const first = list.find((entry) => entry.key === key);
  return first?.value?.value === 'stringValue' ? first.value.stringValue : undefined;
}

export function attributes(list: Msg[] = [], prefix = 'attribute'): Row {
  const kept = new Map<string, [string, string]>();
  for (const { key = '', value } of list) if (key !== '' && !kept.has(key)) kept.set(key, text(value ?? {}));
  const map = prefix === 'attribute' ? 'attributes' : 'metadata';
  return {
    [map]: [...kept].map(([key, [value]]) => [key, value]),
    [`${prefix}_types`]: [...kept.values()].map(([, letter]) => letter).join(''),
  };
}

function text(value: Msg): [string, string] {
  switch (value.value) {
    case 'stringValue':
      return [value.stringValue, 's'];
    case 'boolValue':
      return [String(value.boolValue), 'b'];
    case 'intValue':
      return [value.intValue, 'i'];
    case 'doubleValue':
      return [String(value.doubleValue), 'd'];
    case 'bytesValue':
      return [Buffer.from(value.bytesValue).toString('base64'), 'y'];
    case 'arrayValue':
    case 'kvlistValue':
      return [naturalJson(value), 'j'];
    default:
      return ['', 'e'];
  }
}

function naturalJson(value: Msg): string {
  switch (value.value) {
    case 'intValue':
      return value.intValue;
    case 'doubleValue':
      return Number.isFinite(value.doubleValue) ? String(value.doubleValue) : `"${value.doubleValue}"`;
    case 'arrayValue':
      return `[${value.arrayValue.values.map(naturalJson).join(',')}]`;
    case 'kvlistValue': {
      const pairs = value.kvlistValue.values as Msg[];
      return `{${pairs.map((pair) => `${JSON.stringify(pair.key ?? '')}:${naturalJson(pair.value ?? {})}`).join(',')}}`;
    }
    case undefined:
      return 'null';
    default:
      return JSON.stringify(value.value === 'boolValue' ? value.boolValue : text(value)[0]);
  }
}

const MAX_TIME = 2n ** 63n;
const nanos = (value: unknown): bigint => BigInt.asUintN(64, BigInt((value as string | undefined) ?? 0));
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const isId = (bytes: Uint8Array | undefined, size: number): boolean =>
  bytes?.length === size && bytes.some((b) => b !== 0);
const idOrZero = (bytes: Uint8Array | undefined, size: number): string =>
  isId(bytes, size) ? hex(bytes) : '00'.repeat(size);
const within = (value: number | undefined, max: number): number =>
  value !== undefined && value >= 0 && value <= max ? value : 0;

function span(message: Msg, received: bigint): Row | string {
  if (!isId(message.traceId, 16)) return REASONS.traceId;
  if (!isId(message.spanId, 8)) return REASONS.spanId;
  const end = nanos(message.endTimeUnixNano);
  const start = nanos(message.startTimeUnixNano) || end || received;
  const events = message.events as Msg[];
  if ([start, end, ...events.map((event) => nanos(event.timeUnixNano))].some((time) => time >= MAX_TIME)) {
    return REASONS.timeOverflow;
  }
  const links = (message.links as Msg[]).filter((link) => isId(link.traceId, 16) && isId(link.spanId, 8));
  const each = (list: Msg[], column: string): unknown[] => list.map((entry) => attributes(entry.attributes)[column]);
  return {
    timestamp: start,
    duration_ns: end > start ? end - start : 0n,
    trace_id: hex(message.traceId),
    span_id: hex(message.spanId),
    parent_span_id: idOrZero(message.parentSpanId, 8),
    flags: message.flags ?? 0,
    kind: within(message.kind, 5),
    status_code: within(message.status?.code, 2),
    dropped_attributes_count: message.droppedAttributesCount ?? 0,
    dropped_events_count: message.droppedEventsCount ?? 0,
    dropped_links_count: (message.droppedLinksCount ?? 0) + message.links.length - links.length,
    name: message.name ?? '',
    trace_state: message.traceState ?? '',
    status_message: message.status?.message ?? '',
    ...attributes(message.attributes),
    'events.timestamp': events.map((event) => nanos(event.timeUnixNano)),
    'events.name': events.map((event) => event.name ?? ''),
    'events.attributes': each(events, 'attributes'),
    'events.attribute_types': each(events, 'attribute_types'),
    'events.dropped_attributes_count': events.map((event) => event.droppedAttributesCount ?? 0),
    'links.trace_id': links.map((link) => hex(link.traceId)),
    'links.span_id': links.map((link) => hex(link.spanId)),
    'links.trace_state': links.map((link) => link.traceState ?? ''),
    'links.flags': links.map((link) => link.flags ?? 0),
    'links.attributes': each(links, 'attributes'),
    'links.attribute_types': each(links, 'attribute_types'),
    'links.dropped_attributes_count': links.map((link) => link.droppedAttributesCount ?? 0),
  };
}

function logRecord(message: Msg, received: bigint): Row | string {
  const observed = nanos(message.observedTimeUnixNano) || received;
  const time = nanos(message.timeUnixNano) || observed;
  if (time >= MAX_TIME || observed >= MAX_TIME) return REASONS.timeOverflow;
  const [body, bodyType] = text(message.body ?? {});
  const correlated = isId(message.traceId, 16);
  return {
    timestamp: time,
    observed_timestamp: observed,
    trace_id: idOrZero(message.traceId, 16),
    span_id: correlated ? idOrZero(message.spanId, 8) : '00'.repeat(8),
    flags: message.flags ?? 0,
    severity_number: Math.min(Math.max(message.severityNumber ?? 0, 0), 24),
    dropped_attributes_count: message.droppedAttributesCount ?? 0,
    severity_text: message.severityText ?? '',
    event_name: message.eventName ?? '',
    body,
    body_type: bodyType,
    ...attributes(message.attributes),
  };
}

const KINDS: Record<string, string> = {
  gauge: 'gauge',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
};

function metric(result: Expected, message: Msg, origin: Row): void {
  const data = message[message.data] as Msg | undefined;
  if (data === undefined) return;
  const isMonotonic = message.data === 'sum' && data.isMonotonic === true;
  const type = message.data === 'sum' ? (isMonotonic ? 'counter' : 'up_down_counter') : KINDS[message.data as string];
  const hasTemporality = message.data !== 'gauge' && message.data !== 'summary';
  const temporality = hasTemporality
    ? ['unspecified', 'delta', 'cumulative'][data.aggregationTemporality ?? 0]
    : 'unspecified';
  for (const point of data.dataPoints as Msg[]) {
    const row = metricProblem(message, hasTemporality, temporality) ?? pointRow(point, type!, isMonotonic);
    const series = {
      metric_name: message.name ?? '',
      metric_type: type,
      temporality,
      unit: message.unit ?? '',
      description: message.description ?? '',
      ...attributes(message.metadata, 'metadata'),
      ...attributes(point.attributes),
      ...origin,
    };
    add(result, row, { metric_name: message.name ?? '', series });
    if (typeof row === 'string') continue;
    for (const exemplar of (point.exemplars ?? []) as Msg[]) {
      const time = nanos(exemplar.timeUnixNano) || (row['timestamp'] as bigint);
      if (time < MAX_TIME) result.exemplars.push({ ...exemplarRow(exemplar, time), metric_name: message.name, series });
    }
  }
}

function metricProblem(message: Msg, hasTemporality: boolean, temporality: string | undefined): string | undefined {
  if ((message.name ?? '') === '') return REASONS.metricName;
  if ([...message.name].length > 255) return REASONS.metricNameLength;
  return hasTemporality && temporality !== 'delta' && temporality !== 'cumulative' ? REASONS.temporality : undefined;
}

function number(message: Msg): Row {
  if (message.value === 'asInt') {
    return { value: Number(message.asInt), value_int: BigInt(message.asInt), value_kind: 'int' };
  }
  if (message.value === 'asDouble') return { value: message.asDouble, value_int: 0n, value_kind: 'double' };
  return { value: 0, value_int: 0n, value_kind: 'none' };
}

function exemplarRow(message: Msg, timestamp: bigint): Row {
  return {
    timestamp,
    ...number(message),
    trace_id: idOrZero(message.traceId, 16),
    span_id: isId(message.traceId, 16) ? idOrZero(message.spanId, 8) : '00'.repeat(8),
    ...attributes(message.filteredAttributes),
  };
}

function pointRow(point: Msg, type: string, isMonotonic: boolean): Row | string {
  const timestamp = nanos(point.timeUnixNano);
  const start_timestamp = nanos(point.startTimeUnixNano);
  const flags = point.flags ?? 0;
  const isNumber = type === 'gauge' || type === 'counter' || type === 'up_down_counter';
  const value = number((flags & 1) === 1 ? {} : point);
  if (isNumber && value['value_kind'] === 'none' && (flags & 1) === 0) return REASONS.pointValue;
  if (isMonotonic && (value['value'] as number) < 0) return REASONS.negativeSum;
  if (timestamp === 0n) return REASONS.pointTime;
  if (timestamp >= MAX_TIME || start_timestamp >= MAX_TIME) return REASONS.timeOverflow;
  if (isNumber) return { timestamp, start_timestamp, ...value, flags };
  const counts = ((point.bucketCounts ?? []) as string[]).map(nanos);
  const bounds = (point.explicitBounds ?? []) as number[];
  if (counts.length !== (counts.length === 0 && bounds.length === 0 ? 0 : bounds.length + 1)) return REASONS.buckets;
  const quantiles = (point.quantileValues ?? []) as Msg[];
  return {
    timestamp,
    start_timestamp,
    kind: type,
    count: nanos(point.count),
    sum: point.sum ?? (type === 'summary' ? 0 : null),
    min: point.min ?? null,
    max: point.max ?? null,
    flags,
    scale: point.scale ?? 0,
    zero_count: nanos(point.zeroCount),
    zero_threshold: point.zeroThreshold ?? 0,
    explicit_bounds: bounds,
    bucket_counts: counts,
    positive_offset: point.positive?.offset ?? 0,
    positive_bucket_counts: ((point.positive?.bucketCounts ?? []) as string[]).map(nanos),
    negative_offset: point.negative?.offset ?? 0,
    negative_bucket_counts: ((point.negative?.bucketCounts ?? []) as string[]).map(nanos),
    quantiles: quantiles.map((entry) => entry.quantile ?? 0),
    quantile_values: quantiles.map((entry) => entry.value ?? 0),
  };
}
