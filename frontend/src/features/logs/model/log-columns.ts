import { logField, type LogRecord } from '@telemetryflow/contracts';
import { valueText } from '../../../lib/attributes.js';
import type { Table } from '../../../lib/download.js';
import { logText } from './log-text.js';

/** Fields that are columns beside time, severity, service and text, as the URL keeps them. */
export const columnsOf = (text: string): string[] => text.split(',').filter((name) => name !== '');

/** What a record has for a column; empty when it has nothing. */
export function columnText(record: LogRecord, name: string): string {
  const value = logField(record, name);
  return value === undefined ? '' : valueText(value);
}

/** The records that are here as a table: what is shown, in the order it is shown. */
export function logTable(records: readonly LogRecord[], columns: readonly string[]): Table {
  return {
    columns: ['time', 'severity', 'service.name', ...columns, 'body', 'trace_id', 'span_id'],
    rows: records.map((record) => [
      isoInstant(record.timeUnixNano),
      logField(record, 'severity'),
      record.serviceName,
      ...columns.map((name) => logField(record, name)),
      logText(record.body, record.eventName),
      record.traceId,
      record.spanId,
    ]),
  };
}

/** Nanoseconds as an ISO instant with all nine digits. */
export function isoInstant(ns: string): string {
  const at = BigInt(ns);
  const seconds = new Date(Number(at / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${(at % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}
