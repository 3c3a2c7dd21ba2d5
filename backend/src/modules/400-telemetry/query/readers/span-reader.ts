import { Injectable } from '@nestjs/common';
import {
  MAX_SPAN_FIELDS,
  resolveTfqlField,
  type AttributeValue,
  type Attributes,
  type SpansQuery,
  type SpansResponse,
  type SpanSummary,
  type TfqlTarget,
} from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import { SPAN_KINDS, STATUS_CODES } from '../compiler/field-match.js';
import { compileSpanSearch, type SpanSearch } from '../compiler/span-search.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import { parseRange, type TimeRange } from '../range.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { firstRows, remaining } from '../windows.js';
import { decodeAttributes } from './attributes.js';
import { IdentityReader, type PageIdentities } from './identities.js';

const PLACE = /^[0-9a-f]{48}$/;

interface SpanRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly serviceName: string;
  readonly startNs: string;
  readonly durationNs: string;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly resourceId: string;
  readonly scopeId: string;
  /** Absent unless asked for. */
  readonly aKeys?: string[];
  readonly aValues?: string[];
  readonly aTypes?: string;
}

/** Lists of spans. */
@Injectable()
export class SpanReader {
  constructor(
    private readonly store: TelemetryStore,
    private readonly identities: IdentityReader,
  ) {}

  /**
   * Spans that start in the range and match the filter, newest or slowest first.
   *
   * @throws ValidationError (range, cursor, fields), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async list(query: SpansQuery, scope: ReadScope, nowMs = Date.now()): Promise<SpansResponse> {
    const range = parseRange(query, nowMs);
    const filter = parseFilter(query.filter);
    const targets = parseFields(query.fields);
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, (text) => PLACE.test(text));
    const most = query.limit + 1;
    const ask = (window: TimeRange, limit: number) => {
      const search: SpanSearch = {
        tenantId: scope.tenantId,
        window,
        filter,
        sort: query.sort,
        limit,
        withAttributes: targets.some(({ kind }) => kind === 'attribute' || kind === 'any'),
        ...(after && { after }),
      };
      return this.store.query<SpanRow>(
        withFilterErrors(() => compileSpanSearch(search)),
        scope,
      );
    };
    const newest = () =>
      firstRows(
        { range: remaining(range, 'desc', after), order: 'desc', most, isFiltered: filter.kind !== 'all' },
        ask,
      );
    // The slowest may lie anywhere.
    const rows = await (query.sort === 'slowest' ? ask(range, most) : newest());
    const page = rows.slice(0, query.limit);
    const identities = targets.length === 0 ? undefined : await this.identities.of(page, scope);
    const last = rows.length > query.limit ? page.at(-1) : undefined;
    return {
      data: page.map((row) => toSummary(row, targets, identities)),
      meta: { nextCursor: last === undefined ? null : cursorOf(last, query.sort) },
    };
  }
}

function cursorOf(row: SpanRow, sort: SpansQuery['sort']): string {
  return encodeCursor({ ns: BigInt(sort === 'newest' ? row.startNs : row.durationNs), id: row.traceId + row.spanId });
}

function parseFields(text: string): TfqlTarget[] {
  const fields = text.split(',').filter((field) => field !== '');
  if (fields.length > MAX_SPAN_FIELDS) {
    const message = `must be at most ${MAX_SPAN_FIELDS} fields`;
    throw new ValidationError([{ path: 'fields', code: 'too_big', message }]);
  }
  return fields.map((field) => resolveTfqlField(field, 'spans'));
}

function toSummary(row: SpanRow, targets: readonly TfqlTarget[], identities: PageIdentities | undefined): SpanSummary {
  const own = decodeAttributes({ keys: row.aKeys ?? [], values: row.aValues ?? [], types: row.aTypes ?? '' });
  return {
    traceId: row.traceId,
    spanId: row.spanId,
    parentSpanId: row.parentSpanId,
    name: row.name,
    kind: SPAN_KINDS[row.kind] ?? 'unspecified',
    serviceName: row.serviceName,
    startTime: new Date(Number(BigInt(row.startNs) / 1_000_000n)).toISOString(),
    startTimeUnixNano: row.startNs,
    durationNs: row.durationNs,
    statusCode: STATUS_CODES[row.statusCode] ?? 'unset',
    statusMessage: row.statusMessage,
    values: targets.map((target) => valueOf(target, row, own, identities)),
  };
}

function valueOf(
  target: TfqlTarget,
  row: SpanRow,
  own: Attributes,
  identities: PageIdentities | undefined,
): AttributeValue {
  const inherited = (key: string) => identities?.resource(row.resourceId)[key] ?? null;
  switch (target.kind) {
    case 'attribute':
      return own[target.key] ?? null;
    case 'resource':
      return inherited(target.key);
    case 'any':
      return Object.hasOwn(own, target.key) ? (own[target.key] ?? null) : inherited(target.key);
    case 'field':
      return fieldOf(target.name, row, identities);
  }
}

function fieldOf(
  name: Extract<TfqlTarget, { kind: 'field' }>['name'],
  row: SpanRow,
  identities: PageIdentities | undefined,
): AttributeValue {
  switch (name) {
    case 'service.name':
      return row.serviceName;
    case 'name':
      return row.name;
    case 'kind':
      return SPAN_KINDS[row.kind] ?? 'unspecified';
    case 'status':
      return STATUS_CODES[row.statusCode] ?? 'unset';
    case 'status.message':
      return row.statusMessage;
    case 'duration':
      return row.durationNs;
    case 'trace_id':
      return row.traceId;
    case 'span_id':
      return row.spanId;
    case 'parent_span_id':
      return row.parentSpanId;
    case 'scope.name':
      return identities?.scope(row.scopeId).name ?? '';
    case 'scope.version':
      return identities?.scope(row.scopeId).version ?? '';
    default:
      return null;
  }
}
