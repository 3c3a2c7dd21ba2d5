import type { Attributes, LogRecord } from '@telemetryflow/contracts';
import { severityOf } from '../../../lib/severity.js';

/** The record's own fields that have something to say, as a filter names them. */
export function ownFields(record: LogRecord): Attributes {
  const { severityNumber, severityText, eventName, spanId, traceId, serviceName } = record;
  const severity = severityOf(severityNumber);
  return {
    ...(severity !== 'unspecified' && { severity }),
    ...(severityText && severityText.toLowerCase() !== severity && { severity_text: severityText }),
    'service.name': serviceName,
    ...(eventName && { 'event.name': eventName }),
    ...(traceId && { trace_id: traceId }),
    ...(spanId && { span_id: spanId }),
  };
}

export function scopeFields({ scope: { name, version, attributes } }: LogRecord): Attributes {
  return { ...(name && { 'scope.name': name }), ...(version && { 'scope.version': version }), ...attributes };
}
