/** Signals that a filter can be asked of. Traces are found by their spans. */
export type TfqlSignal = 'spans' | 'logs' | 'metrics';
export type TfqlFieldType = 'string' | 'number' | 'boolean' | 'duration' | 'severity' | 'enum' | 'id';

export interface TfqlField {
  /** The canonical spelling. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly signals: readonly TfqlSignal[];
  readonly type: TfqlFieldType;
  readonly description: string;
}

const ALL: readonly TfqlSignal[] = ['spans', 'logs', 'metrics'];

/** Fields that every record of a signal has; all other names are attributes. */
export const TFQL_FIELDS = [
  {
    name: 'service.name',
    aliases: ['service', 'resource.service.name'],
    signals: ALL,
    type: 'string',
    description: 'Service that sent it',
  },
  { name: 'name', aliases: ['operation', 'span.name'], signals: ['spans'], type: 'string', description: 'Span name' },
  {
    name: 'kind',
    aliases: ['span.kind'],
    signals: ['spans'],
    type: 'enum',
    description: 'server, client, internal, producer, consumer',
  },
  { name: 'status', aliases: ['status.code'], signals: ['spans'], type: 'enum', description: 'unset, ok, error' },
  {
    name: 'status.message',
    aliases: ['status_message'],
    signals: ['spans'],
    type: 'string',
    description: 'Why the span failed',
  },
  {
    name: 'duration',
    aliases: [],
    signals: ['spans'],
    type: 'duration',
    description: 'Span duration: 500ms, 1.5s; a bare number is milliseconds',
  },
  {
    name: 'trace_id',
    aliases: ['trace.id', 'traceId'],
    signals: ['spans', 'logs'],
    type: 'id',
    description: 'Trace id, 32 hexadecimal digits',
  },
  {
    name: 'span_id',
    aliases: ['span.id', 'spanId'],
    signals: ['spans', 'logs'],
    type: 'id',
    description: 'Span id, 16 hexadecimal digits',
  },
  {
    name: 'parent_span_id',
    aliases: ['parent.id', 'parentSpanId'],
    signals: ['spans'],
    type: 'id',
    description: 'Span id of the parent',
  },
  {
    name: 'severity',
    aliases: ['level', 'severity_text'],
    signals: ['logs'],
    type: 'severity',
    description: 'trace, debug, info, warn, error, fatal; severity:>=warn',
  },
  {
    name: 'body',
    aliases: ['message'],
    signals: ['logs'],
    type: 'string',
    description: 'Text of the record; body:word finds the word',
  },
  {
    name: 'event.name',
    aliases: ['event_name'],
    signals: ['logs'],
    type: 'string',
    description: 'Name of an event record',
  },
  {
    name: 'metric',
    aliases: ['metric.name', 'metric_name'],
    signals: ['metrics'],
    type: 'string',
    description: 'Metric name',
  },
  { name: 'unit', aliases: [], signals: ['metrics'], type: 'string', description: 'Unit of the metric' },
  { name: 'scope.name', aliases: ['scope'], signals: ALL, type: 'string', description: 'Instrumentation scope' },
  {
    name: 'scope.version',
    aliases: [],
    signals: ALL,
    type: 'string',
    description: 'Version of the instrumentation scope',
  },
] as const satisfies readonly TfqlField[];

export type TfqlFieldName = (typeof TFQL_FIELDS)[number]['name'];

/** What a name in a filter stands for. `any` is looked up in the record's attributes, then in its resource's. */
export type TfqlTarget =
  | { readonly kind: 'field'; readonly name: TfqlFieldName }
  | { readonly kind: 'attribute'; readonly key: string }
  | { readonly kind: 'resource'; readonly key: string }
  | { readonly kind: 'any'; readonly key: string };

/** Resolves a name for a signal. A field of other signals is an attribute here: `status` of a log record. */
export function resolveTfqlField(name: string, signal: TfqlSignal): TfqlTarget {
  const known = TFQL_FIELDS.find(
    (f) =>
      (f.signals as readonly TfqlSignal[]).includes(signal) &&
      (f.name === name || (f.aliases as readonly string[]).includes(name)),
  );
  if (known !== undefined) return { kind: 'field', name: known.name };
  for (const prefix of ['attributes.', 'attr.']) {
    if (name.startsWith(prefix)) return { kind: 'attribute', key: name.slice(prefix.length) };
  }
  if (name.startsWith('resource.')) return { kind: 'resource', key: name.slice('resource.'.length) };
  return { kind: 'any', key: name };
}
