import { Injectable } from '@nestjs/common';
import {
  Severity,
  type LogHistogramQuery,
  type LogHistogramResponse,
  type LogRecord,
  type LogsQuery,
  type LogsResponse,
  type TraceLogsQuery,
} from '@telemetryflow/contracts';
import { compileLogHistogram, compileLogSearch, compileTraceLogBounds, type LogSearch } from '../compiler/logs.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import { parseRange, type TimeRange } from '../range.js';
import { autoStepMs, bucketStarts } from '../step.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { firstRows, remaining } from '../windows.js';
import { decodeAttributes, decodeValue } from './attributes.js';
import { IdentityReader, type PageIdentities } from './identities.js';
import { parseTraceId } from './trace-reader.js';

/** A record's id is a 64-bit number. */
export const isRecordId = (text: string) => /^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n;

export interface LogRow {
  readonly recordId: string;
  readonly timeNs: string;
  readonly observedNs: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly bodyType: string;
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly serviceName: string;
  readonly resourceId: string;
  readonly scopeId: string;
  readonly aKeys: string[];
  readonly aValues: string[];
  readonly aTypes: string;
  readonly droppedAttributesCount: number;
}

/** Log records in pages, and their volume over time. */
@Injectable()
export class LogReader {
  constructor(
    private readonly store: TelemetryStore,
    private readonly identities: IdentityReader,
  ) {}

  /** @throws ValidationError (range, cursor), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async list(query: LogsQuery, scope: ReadScope, nowMs = Date.now()): Promise<LogsResponse> {
    const filter = parseFilter(query.filter);
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, isRecordId);
    const range = remaining(parseRange(query, nowMs), query.order, after);
    return this.page({ filter, order: query.order, ...(after && { after }) }, query.limit, range, scope);
  }

  /**
   * The records correlated with a trace, oldest first; none is no error, as a trace need not have logs.
   *
   * @throws ValidationError for a malformed id or cursor
   */
  async ofTrace(id: string, query: TraceLogsQuery, scope: ReadScope): Promise<LogsResponse> {
    const traceId = parseTraceId(id);
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, isRecordId);
    const [bounds] = await this.store.query<{ records: string; firstNs: string; lastNs: string }>(
      compileTraceLogBounds(scope.tenantId, traceId),
      scope,
    );
    if (bounds === undefined || Number(bounds.records) === 0) return { data: [], meta: { nextCursor: null } };
    const whole = { fromNs: BigInt(bounds.firstNs), toNs: BigInt(bounds.lastNs) + 1n };
    const filter = { kind: 'all' } as const;
    const range = remaining(whole, 'asc', after);
    return this.page({ filter, traceId, order: 'asc', ...(after && { after }) }, query.limit, range, scope);
  }

  /** Counts by severity over the range. @throws as {@link list} */
  async histogram(query: LogHistogramQuery, scope: ReadScope, nowMs = Date.now()): Promise<LogHistogramResponse> {
    const range = parseRange(query, nowMs);
    const filter = parseFilter(query.filter);
    const stepMs = autoStepMs(range, query.buckets);
    const statement = withFilterErrors(() => compileLogHistogram(scope.tenantId, range, filter, stepMs));
    const rows = await this.store.query<{ time: string; class: number; records: string }>(statement, scope);
    const buckets = new Map(
      bucketStarts(range, stepMs).map((time) => [time, { time, counts: {} as Partial<Record<Severity, number>> }]),
    );
    let total = 0;
    for (const row of rows) {
      const severity = Severity.options[Number(row.class)] ?? 'unspecified';
      const bucket = buckets.get(Number(row.time));
      if (bucket !== undefined) bucket.counts[severity] = Number(row.records);
      total += Number(row.records);
    }
    return { stepMs, buckets: [...buckets.values()], total };
  }

  /** The first rows of a search, in its order; the range is looked through in windows that grow. @throws as {@link list} */
  async rows(
    search: Omit<LogSearch, 'tenantId' | 'window' | 'limit'>,
    most: number,
    range: TimeRange,
    scope: ReadScope,
  ): Promise<LogRow[]> {
    const list = { range, order: search.order, most, isFiltered: search.filter.kind !== 'all' };
    return firstRows(list, (window, limit) =>
      this.store.query<LogRow>(
        withFilterErrors(() => compileLogSearch({ ...search, tenantId: scope.tenantId, window, limit })),
        scope,
      ),
    );
  }

  /** Rows with what they share looked up. */
  async records(rows: readonly LogRow[], scope: ReadScope): Promise<LogRecord[]> {
    const identities = await this.identities.of(rows, scope);
    return rows.map((row) => toRecord(row, identities));
  }

  private async page(
    search: Omit<LogSearch, 'tenantId' | 'window' | 'limit'>,
    size: number,
    range: TimeRange,
    scope: ReadScope,
  ): Promise<LogsResponse> {
    const rows = await this.rows(search, size + 1, range, scope);
    const page = rows.slice(0, size);
    const last = page.at(-1);
    const more = rows.length > size && last !== undefined;
    return {
      data: await this.records(page, scope),
      meta: { nextCursor: more ? encodeCursor({ ns: BigInt(last.timeNs), id: last.recordId }) : null },
    };
  }
}

/** A row of `LOG_COLUMNS` as the API has it. */
export function toRecord(row: LogRow, identities: PageIdentities): LogRecord {
  return {
    id: row.recordId,
    timeUnixNano: row.timeNs,
    observedTimeUnixNano: row.observedNs,
    severityNumber: row.severityNumber,
    severityText: row.severityText,
    body: decodeValue(row.body, row.bodyType),
    eventName: row.eventName,
    traceId: row.traceId,
    spanId: row.spanId,
    flags: row.flags,
    serviceName: row.serviceName,
    attributes: decodeAttributes({ keys: row.aKeys, values: row.aValues, types: row.aTypes }),
    resourceAttributes: identities.resource(row.resourceId),
    scope: identities.scope(row.scopeId),
    droppedAttributesCount: row.droppedAttributesCount,
  };
}
