/** A value as OTLP types it, for rows that are inserted as the transcoder writes them. */
export type Typed =
  string | boolean | null | { int: string | number } | { double: number } | { json: string } | { bytes: string };
export type TypedAttributes = Readonly<Record<string, Typed>>;

export const TENANT = '019a0000-0000-7000-8000-000000000001';
export const OTHER_TENANT = '019a0000-0000-7000-8000-000000000002';

/** Map and letters of an attribute list. */
function attributeRow(attributes: TypedAttributes): {
  attributes: Record<string, string>;
  attribute_types: string;
} {
  const entries = Object.entries(attributes).map(([key, value]) => ({ key, encoded: encode(value) }));
  return {
    attributes: Object.fromEntries(entries.map(({ key, encoded }) => [key, encoded[0]])),
    attribute_types: entries.map(({ encoded }) => encoded[1]).join(''),
  };
}

/** The text and the type letter of a value. */
export function encode(value: Typed): [text: string, letter: string] {
  if (value === null) return ['', 'e'];
  if (typeof value === 'string') return [value, 's'];
  if (typeof value === 'boolean') return [String(value), 'b'];
  if ('int' in value) return [String(value.int), 'i'];
  if ('double' in value) return [String(value.double), 'd'];
  if ('bytes' in value) return [value.bytes, 'y'];
  return [value.json, 'j'];
}

/** A FixedString column's bytes in JSON, which holds text only: every byte of the id must be below 80. */
function fixed(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.some((byte) => byte > 0x7f)) throw new RangeError(`${hex} has a byte above 7f`);
  return bytes.toString('latin1');
}

/** Nanoseconds as ClickHouse's DateTime64(9) text. */
export function at(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}`;
}

export interface SpanInput {
  readonly tenant?: string;
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
  readonly startNs: bigint;
  readonly durationNs?: bigint;
  readonly name?: string;
  readonly service?: string;
  readonly kind?: number;
  readonly status?: number;
  readonly statusMessage?: string;
  readonly attributes?: TypedAttributes;
  readonly resourceId?: string;
  readonly scopeId?: string;
}

export function spanRow(s: SpanInput): object {
  return {
    tenant_id: s.tenant ?? TENANT,
    timestamp: at(s.startNs),
    duration_ns: String(s.durationNs ?? 1_000_000n),
    trace_id: fixed(s.trace),
    span_id: fixed(s.span),
    parent_span_id: fixed(s.parent ?? '0'.repeat(16)),
    name: s.name ?? 'op',
    service_name: s.service ?? 'shop',
    kind: s.kind ?? 1,
    status_code: s.status ?? 0,
    status_message: s.statusMessage ?? '',
    resource_id: s.resourceId ?? '0',
    scope_id: s.scopeId ?? '0',
    ...attributeRow(s.attributes ?? {}),
  };
}

export interface LogInput {
  readonly tenant?: string;
  readonly id: string;
  readonly timeNs: bigint;
  readonly body?: Typed;
  readonly severity?: number;
  readonly severityText?: string;
  readonly service?: string;
  readonly trace?: string;
  readonly span?: string;
  readonly attributes?: TypedAttributes;
  readonly resourceId?: string;
  readonly scopeId?: string;
  readonly eventName?: string;
}

export function logRow(l: LogInput): object {
  const [body, letter] = encode(l.body ?? '');
  return {
    tenant_id: l.tenant ?? TENANT,
    id: l.id,
    timestamp: at(l.timeNs),
    observed_timestamp: at(l.timeNs + 1n),
    trace_id: fixed(l.trace ?? '0'.repeat(32)),
    span_id: fixed(l.span ?? '0'.repeat(16)),
    severity_number: l.severity ?? 9,
    severity_text: l.severityText ?? '',
    event_name: l.eventName ?? '',
    service_name: l.service ?? 'shop',
    resource_id: l.resourceId ?? '0',
    scope_id: l.scopeId ?? '0',
    body,
    body_type: letter,
    ...attributeRow(l.attributes ?? {}),
  };
}

export interface SeriesInput {
  readonly tenant?: string;
  readonly id: string;
  readonly metric: string;
  readonly type: string;
  readonly temporality?: string;
  readonly unit?: string;
  readonly service?: string;
  readonly resourceId?: string;
  readonly attributes?: TypedAttributes;
  readonly lastSeenMs: number;
}

export function seriesRow(s: SeriesInput): object {
  return {
    tenant_id: s.tenant ?? TENANT,
    series_id: s.id,
    metric_name: s.metric,
    metric_type: s.type,
    temporality: s.temporality ?? 'unspecified',
    unit: s.unit ?? '1',
    service_name: s.service ?? 'shop',
    resource_id: s.resourceId ?? '0',
    last_seen: Math.floor(s.lastSeenMs / 1000),
    ...attributeRow(s.attributes ?? {}),
  };
}

export function resourceRow(id: string, attributes: TypedAttributes, tenant = TENANT): object {
  const service = attributes['service.name'];
  return {
    tenant_id: tenant,
    resource_id: id,
    service_name: typeof service === 'string' ? service : 'unknown_service',
    last_seen: Math.floor(Date.now() / 1000),
    ...attributeRow(attributes),
  };
}

export function scopeRow(id: string, name: string, version: string, attributes: TypedAttributes = {}): object {
  return {
    tenant_id: TENANT,
    scope_id: id,
    name,
    version,
    schema_url: 'https://schema.example/1',
    last_seen: Math.floor(Date.now() / 1000),
    ...attributeRow(attributes),
  };
}
