import { z } from 'zod';
import { Instant, Uint64Text } from './common.js';
import { LogRecord, RangeQuery, Severity } from './telemetry.js';
import type { AttributeValue } from './telemetry.js';
import { resolveTfqlField, type TfqlFieldName } from './tfql/index.js';

const Filter = z.string().max(4096, { error: 'must be at most 4096 characters' }).default('');

/** Whose records surround one: of the same resource (process, container), of its service, or the tenant's. */
export const LogNeighbourhood = z.enum(['resource', 'service', 'tenant']);
export type LogNeighbourhood = z.infer<typeof LogNeighbourhood>;
export const LogContextQuery = z.object({
  /** The record's own time in Unix nanoseconds: an id alone does not say where to look. */
  time: z.string({ error: 'is required' }).regex(/^\d{1,19}$/, { error: 'must be Unix nanoseconds' }),
  within: LogNeighbourhood.default('resource'),
  before: z.coerce.number().int().min(0).max(500).default(25),
  after: z.coerce.number().int().min(0).max(500).default(25),
});
export type LogContextQuery = z.infer<typeof LogContextQuery>;
/** A record among its neighbours of the day before and the day after, oldest first. */
export const LogContextResponse = z.object({
  data: z.array(LogRecord),
  /** Where in `data` the record itself is. */
  position: z.int(),
  hasBefore: z.boolean(),
  hasAfter: z.boolean(),
});
export type LogContextResponse = z.infer<typeof LogContextResponse>;

export const LogPatternsQuery = RangeQuery.extend({
  filter: Filter,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** About so many steps of the trend. */
  steps: z.coerce.number().int().min(2).max(100).default(30),
});
export type LogPatternsQuery = z.infer<typeof LogPatternsQuery>;
export const LogPatternSample = z.object({
  id: Uint64Text,
  timeUnixNano: Uint64Text,
  serviceName: z.string(),
  severityNumber: z.int(),
  text: z.string(),
});
export type LogPatternSample = z.infer<typeof LogPatternSample>;
/** Records whose texts differ only where the template has `<*>`. */
export const LogPattern = z.object({
  /** The same as long as the template is. */
  id: z.string(),
  template: z.string(),
  /** TFQL that finds its records. */
  filter: z.string(),
  /** Of the range, estimated from the sample unless `isEstimate` is false. */
  count: z.int(),
  severities: z.partialRecord(Severity, z.int()),
  /** Most frequent first, at most five. */
  services: z.array(z.object({ name: z.string(), count: z.int() })),
  /** Within the range and the sample. */
  firstSeen: Instant,
  lastSeen: Instant,
  /** By step (`times`). */
  trend: z.array(z.int()),
  /** Newest first, at most three. */
  samples: z.array(LogPatternSample),
});
export type LogPattern = z.infer<typeof LogPattern>;
export const LogPatternsResponse = z.object({
  /** Most frequent first. */
  data: z.array(LogPattern),
  /** Patterns found in the sample; more than are answered when over the limit. */
  patternCount: z.int(),
  times: z.array(z.int()),
  stepMs: z.int(),
  /** Matching records of the range, exact. */
  total: z.int(),
  /** Records that were read. */
  sampled: z.int(),
  /** False when every matching record was read: then counts are exact. */
  isEstimate: z.boolean(),
});
export type LogPatternsResponse = z.infer<typeof LogPatternsResponse>;

export const MAX_EXPORTED_LOGS = 100_000;
export const LogExportQuery = RangeQuery.extend({
  filter: Filter,
  format: z.enum(['csv', 'json'], { error: 'must be csv or json' }).default('csv'),
  /** The newest so many. */
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_EXPORTED_LOGS, { error: `must be at most ${MAX_EXPORTED_LOGS}` })
    .default(MAX_EXPORTED_LOGS),
  /** Comma-separated columns of a CSV beside time, severity, service and body, as written in a filter. */
  columns: z.string().max(2048).default(''),
});
export type LogExportQuery = z.infer<typeof LogExportQuery>;

/** The value that a name in a filter stands for in a record; undefined where the record has none. */
export function logField(record: LogRecord, name: string): AttributeValue | undefined {
  const target = resolveTfqlField(name, 'logs');
  switch (target.kind) {
    case 'field':
      return ownField(record, target.name);
    case 'attribute':
      return valueOf(record.attributes, target.key);
    case 'resource':
      return valueOf(record.resourceAttributes, target.key);
    case 'any':
      return valueOf(record.attributes, target.key) ?? valueOf(record.resourceAttributes, target.key);
  }
}

function ownField(record: LogRecord, name: TfqlFieldName): AttributeValue | undefined {
  switch (name) {
    case 'service.name':
      return record.serviceName;
    case 'severity':
      return severityName(record);
    case 'body':
      return record.body;
    case 'event.name':
      return record.eventName || undefined;
    case 'trace_id':
      return record.traceId || undefined;
    case 'span_id':
      return record.spanId || undefined;
    case 'scope.name':
      return record.scope.name || undefined;
    case 'scope.version':
      return record.scope.version || undefined;
    default:
      return undefined;
  }
}

function severityName({ severityNumber, severityText }: LogRecord): string | undefined {
  if (severityNumber < 1 || severityNumber > 24) return severityText || undefined;
  return Severity.options[Math.ceil(severityNumber / 4)];
}

const valueOf = (attributes: LogRecord['attributes'], key: string) =>
  Object.hasOwn(attributes, key) ? attributes[key] : undefined;
