import { Injectable } from '@nestjs/common';
import { logField, type LogExportQuery, type LogRecord } from '@telemetryflow/contracts';
import { asJsonArray, csvField } from '../../../../shared/platform/index.js';
import { parseRange } from '../range.js';
import { parseFilter, type ReadScope } from '../store.js';
import { LogReader } from './log-reader.js';

/** Records that are read, and held, at a time. */
const BATCH = 1000;

/** Matching records as a file, newest first, in pieces: neither side ever holds all of them. */
@Injectable()
export class LogExporter {
  constructor(private readonly logs: LogReader) {}

  /**
   * The first piece is read before this resolves, so that what is wrong with the query is answered as such.
   *
   * @throws ValidationError (range), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async open(query: LogExportQuery, scope: ReadScope, nowMs = Date.now()): Promise<AsyncIterable<string>> {
    const batches = this.batches(query, scope, nowMs);
    const first = await batches.next();
    const all = first.done === true ? nothing() : resumed(first.value, batches);
    return query.format === 'csv' ? asCsv(all, columnsOf(query)) : asJsonArray(all);
  }

  private async *batches(query: LogExportQuery, scope: ReadScope, nowMs: number): AsyncGenerator<LogRecord[]> {
    const filter = parseFilter(query.filter);
    const range = parseRange(query, nowMs);
    let after: { ns: bigint; id: string } | undefined;
    for (let left = query.limit; left > 0;) {
      const size = Math.min(BATCH, left);
      const rest = after === undefined ? range : { ...range, toNs: after.ns + 1n };
      const rows = await this.logs.rows({ filter, order: 'desc', ...(after && { after }) }, size, rest, scope);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield await this.logs.records(rows, scope);
      if (rows.length < size) return;
      after = { ns: BigInt(last.timeNs), id: last.recordId };
      left -= rows.length;
    }
  }
}

async function* nothing(): AsyncGenerator<LogRecord[]> {}

async function* resumed(first: LogRecord[], rest: AsyncGenerator<LogRecord[]>): AsyncGenerator<LogRecord[]> {
  yield first;
  yield* rest;
}

type Column = readonly [name: string, of: (record: LogRecord) => unknown];

const FIXED: readonly Column[] = [
  ['time', ({ timeUnixNano }) => instant(timeUnixNano)],
  ['severity', (record) => logField(record, 'severity')],
  ['service.name', ({ serviceName }) => serviceName],
  ['body', ({ body, eventName }) => (body === null || body === '' ? eventName : body)],
];
/** What tells of a record besides, when no columns are chosen. */
const OTHERS: readonly Column[] = [
  ['event.name', ({ eventName }) => eventName],
  ['trace_id', ({ traceId }) => traceId],
  ['span_id', ({ spanId }) => spanId],
  ['attributes', ({ attributes }) => attributes],
  ['resource', ({ resourceAttributes }) => resourceAttributes],
  ['scope.name', ({ scope }) => scope.name],
  ['scope.version', ({ scope }) => scope.version],
  ['id', ({ id }) => id],
];

function columnsOf({ columns }: LogExportQuery): Column[] {
  const names = columns.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const chosen = names.map((name): Column => [name, (record) => logField(record, name)]);
  return [...FIXED, ...(names.length === 0 ? OTHERS : chosen)];
}

/** Nanoseconds as an ISO instant with all nine digits. */
function instant(ns: string): string {
  const at = BigInt(ns);
  const seconds = new Date(Number(at / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${(at % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}

async function* asCsv(batches: AsyncIterable<readonly LogRecord[]>, columns: readonly Column[]): AsyncIterable<string> {
  const cell = (value: unknown) =>
    csvField(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  yield `${columns.map(([name]) => csvField(name)).join(',')}\r\n`;
  for await (const records of batches) {
    yield records.map((record) => `${columns.map(([, of]) => cell(of(record))).join(',')}\r\n`).join('');
  }
}
