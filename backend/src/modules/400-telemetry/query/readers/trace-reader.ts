import { Injectable } from '@nestjs/common';
import type { Span, TraceResponse, TracesQuery, TracesResponse, TraceSummary } from '@telemetryflow/contracts';
import { NotFoundError, ValidationError } from '../../../../shared/platform/index.js';
import { SPAN_KINDS, STATUS_CODES } from '../compiler/field-match.js';
import type { Statement } from '../compiler/parameters.js';
import { compileTraceSpans } from '../compiler/spans.js';
import { compileTraceSearch, compileTraceSize } from '../compiler/traces.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import { parseRange } from '../range.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { firstRows, remaining, type List } from '../windows.js';
import { decodeAttributes } from './attributes.js';
import { IdentityReader, type PageIdentities } from './identities.js';

const MAX_SPANS = 50_000;
const TRACE_ID = /^[0-9a-f]{32}$/;

interface SummaryRow {
  readonly traceId: string;
  readonly startNs: string;
  readonly durationNs: string;
  readonly spanCount: string;
  readonly errorCount: string;
  readonly hasRoot: number;
  readonly rootServiceName: string;
  readonly rootSpanName: string;
  readonly allServices: string[];
}

interface SpanRow {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly serviceName: string;
  readonly startNs: string;
  readonly durationNs: string;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly resourceId: string;
  readonly scopeId: string;
  readonly aKeys: string[];
  readonly aValues: string[];
  readonly aTypes: string;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly eventTimes: string[];
  readonly eventNames: string[];
  readonly eventKeys: string[][];
  readonly eventValues: string[][];
  readonly eventTypes: string[];
  readonly eventDropped: number[];
  readonly linkTraceIds: string[];
  readonly linkSpanIds: string[];
  readonly linkStates: string[];
  readonly linkFlags: number[];
  readonly linkKeys: string[][];
  readonly linkValues: string[][];
  readonly linkTypes: string[];
  readonly linkDropped: number[];
}

/** Lists of traces, and whole traces. */
@Injectable()
export class TraceReader {
  constructor(
    private readonly store: TelemetryStore,
    private readonly identities: IdentityReader,
  ) {}

  /**
   * Traces that start in the range and have one span that satisfies the filter, newest first.
   *
   * @throws ValidationError (range, cursor), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async list(query: TracesQuery, scope: ReadScope, nowMs = Date.now()): Promise<TracesResponse> {
    const range = parseRange(query, nowMs);
    const filter = parseFilter(query.filter);
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, (text) => TRACE_ID.test(text));
    const list: List = {
      range: remaining(range, 'desc', after),
      order: 'desc',
      most: query.limit + 1,
      isFiltered: filter.kind !== 'all',
    };
    const rows = await firstRows(list, (window, limit) => {
      const search = { tenantId: scope.tenantId, window, filter, limit, ...(after === undefined ? {} : { after }) };
      return this.store.query<SummaryRow>(
        withFilterErrors(() => compileTraceSearch(search)),
        scope,
      );
    });
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return {
      data: page.map(toSummary),
      meta: { nextCursor: more ? encodeCursor({ ns: BigInt(last.startNs), id: last.traceId }) : null },
    };
  }

  /**
   * All spans of a trace by start, at most 50,000.
   *
   * @throws ValidationError for a malformed id, NotFoundError
   */
  async byId(id: string, scope: ReadScope): Promise<TraceResponse> {
    const traceId = parseTraceId(id);
    const rows = await this.#spans(compileTraceSpans(scope.tenantId, traceId, MAX_SPANS), scope);
    if (rows.length === 0) throw new NotFoundError('Trace');
    const [identities, spanCount] = await Promise.all([
      this.identities.of(rows, scope),
      rows.length < MAX_SPANS ? rows.length : this.#sizeOf(traceId, scope),
    ]);
    return {
      traceId,
      spans: rows.map((row) => toSpan(traceId, row, identities)),
      truncated: spanCount > rows.length,
      spanCount,
    };
  }

  /**
   * One span of a trace; of an id that was sent twice the earlier.
   *
   * @throws ValidationError for a malformed trace id
   */
  async span(id: string, spanId: string, scope: ReadScope): Promise<Span | undefined> {
    const traceId = parseTraceId(id);
    const rows = await this.#spans(compileTraceSpans(scope.tenantId, traceId, 1, spanId), scope);
    const identities = await this.identities.of(rows, scope);
    return rows.map((row) => toSpan(traceId, row, identities))[0];
  }

  #spans(statement: Statement, scope: ReadScope): Promise<SpanRow[]> {
    return this.store.query<SpanRow>(statement, scope);
  }

  async #sizeOf(traceId: string, scope: ReadScope): Promise<number> {
    const statement = compileTraceSize(scope.tenantId, traceId);
    const [row] = await this.store.query<{ spanCount: string }>(statement, scope);
    return Number(row?.spanCount ?? 0);
  }
}

/**
 * A trace id in its canonical form.
 *
 * @throws ValidationError
 */
export function parseTraceId(text: string): string {
  const traceId = text.toLowerCase();
  if (TRACE_ID.test(traceId) && !/^0+$/.test(traceId)) return traceId;
  const message = 'must be 32 hexadecimal digits, not all zero';
  throw new ValidationError([{ path: 'traceId', code: 'invalid_format', message }]);
}

function toSummary(row: SummaryRow): TraceSummary {
  return {
    traceId: row.traceId,
    rootServiceName: row.rootServiceName,
    rootSpanName: row.rootSpanName,
    startTime: new Date(Number(BigInt(row.startNs) / 1_000_000n)).toISOString(),
    startTimeUnixNano: row.startNs,
    durationNs: row.durationNs,
    spanCount: Number(row.spanCount),
    errorCount: Number(row.errorCount),
    services: row.allServices,
    hasRoot: row.hasRoot === 1,
  };
}

function toSpan(traceId: string, row: SpanRow, identities: PageIdentities): Span {
  return {
    traceId,
    spanId: row.spanId,
    parentSpanId: row.parentSpanId,
    traceState: row.traceState,
    flags: row.flags,
    name: row.name,
    kind: SPAN_KINDS[row.kind] ?? 'unspecified',
    serviceName: row.serviceName,
    startTimeUnixNano: row.startNs,
    endTimeUnixNano: (BigInt(row.startNs) + BigInt(row.durationNs)).toString(),
    durationNs: row.durationNs,
    statusCode: STATUS_CODES[row.statusCode] ?? 'unset',
    statusMessage: row.statusMessage,
    attributes: decodeAttributes({ keys: row.aKeys, values: row.aValues, types: row.aTypes }),
    resourceAttributes: identities.resource(row.resourceId),
    scope: identities.scope(row.scopeId),
    events: row.eventTimes.map((timeUnixNano, i) => ({
      timeUnixNano,
      name: row.eventNames[i] ?? '',
      attributes: nested(row.eventKeys[i], row.eventValues[i], row.eventTypes[i]),
      droppedAttributesCount: row.eventDropped[i] ?? 0,
    })),
    links: row.linkTraceIds.map((linkedTraceId, i) => ({
      traceId: linkedTraceId,
      spanId: row.linkSpanIds[i] ?? '',
      traceState: row.linkStates[i] ?? '',
      flags: row.linkFlags[i] ?? 0,
      attributes: nested(row.linkKeys[i], row.linkValues[i], row.linkTypes[i]),
      droppedAttributesCount: row.linkDropped[i] ?? 0,
    })),
    droppedAttributesCount: row.droppedAttributesCount,
    droppedEventsCount: row.droppedEventsCount,
    droppedLinksCount: row.droppedLinksCount,
  };
}

function nested(keys: string[] = [], values: string[] = [], types = '') {
  return decodeAttributes({ keys, values, types });
}
