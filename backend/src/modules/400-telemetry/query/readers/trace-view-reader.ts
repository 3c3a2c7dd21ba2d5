import { Injectable } from '@nestjs/common';
import type {
  Span,
  TraceMatchesQuery,
  TraceMatchesResponse,
  TraceOutline,
  TracePeer,
  TracePeersResponse,
} from '@telemetryflow/contracts';
import { NotFoundError, ValidationError } from '../../../../shared/platform/index.js';
import { compileTraceMatches, compileTraceOutline, compileTracePeers, type TraceRead } from '../compiler/trace-view.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { parseTraceId, TraceReader } from './trace-reader.js';

const MAX_SPANS = 50_000;
const SPAN_ID = /^[0-9a-f]{16}$/;

interface OutlineRow {
  readonly startNs: string;
  readonly spanCount: number;
  readonly spanIds: string[];
  readonly parentIds: string[];
  readonly names: string[];
  readonly services: string[];
  readonly kinds: number[];
  readonly statuses: number[];
  readonly starts: number[];
  readonly durations: number[];
  readonly events: number[][];
  readonly eventsNames: string[][];
}

interface PeerRow extends TracePeer {
  readonly spanId: string;
}

/** What the view of one trace asks for: its picture, single spans, whom it calls, and where a search finds something. */
@Injectable()
export class TraceViewReader {
  constructor(
    private readonly store: TelemetryStore,
    private readonly traces: TraceReader,
  ) {}

  /**
   * The first 50,000 spans of a trace in columns.
   *
   * @throws ValidationError for a malformed id, NotFoundError
   */
  async outline(id: string, scope: ReadScope): Promise<TraceOutline> {
    const trace = read(id, scope);
    const [row] = await this.store.query<OutlineRow>(compileTraceOutline(trace), scope);
    if (row === undefined || row.spanIds.length === 0) throw new NotFoundError('Trace');
    return toOutline(trace.traceId, row);
  }

  /**
   * Whom the trace's spans call outside of what is traced; empty for a trace that does not exist.
   *
   * @throws ValidationError for a malformed id
   */
  async peers(id: string, scope: ReadScope): Promise<TracePeersResponse> {
    const rows = await this.store.query<PeerRow>(compileTracePeers(read(id, scope)), scope);
    const peers: TracePeer[] = [];
    const positions = new Map<string, number>();
    const spans = rows.map(({ spanId, kind, system, name }): [string, number] => {
      const key = JSON.stringify([kind, system, name]);
      const position = positions.get(key) ?? peers.push({ kind, system, name }) - 1;
      positions.set(key, position);
      return [spanId, position];
    });
    return { peers, spans };
  }

  /** @throws ValidationError for a malformed id, NotFoundError */
  async span(id: string, span: string, scope: ReadScope): Promise<Span> {
    const spanId = span.toLowerCase();
    if (!SPAN_ID.test(spanId)) {
      throw new ValidationError([{ path: 'spanId', code: 'invalid_format', message: 'must be 16 hexadecimal digits' }]);
    }
    const found = await this.traces.span(id, spanId, scope);
    if (found === undefined) throw new NotFoundError('Span');
    return found;
  }

  /** @throws ValidationError for a malformed id, NotFoundError, DomainError QUERY_SYNTAX */
  async matches(id: string, query: TraceMatchesQuery, scope: ReadScope): Promise<TraceMatchesResponse> {
    const filter = parseFilter(query.filter);
    const trace = read(id, scope);
    const statement = withFilterErrors(() => compileTraceMatches(trace, filter));
    const [row] = await this.store.query<{ spanCount: number; spanIds: string[] }>(statement, scope);
    if (row === undefined || row.spanCount === 0) throw new NotFoundError('Trace');
    return { spanIds: row.spanIds };
  }
}

/** @throws ValidationError for a malformed id */
function read(id: string, { tenantId }: ReadScope): TraceRead {
  return { tenantId, traceId: parseTraceId(id), limit: MAX_SPANS };
}

function toOutline(traceId: string, row: OutlineRow): TraceOutline {
  const positions = new Map<string, number>();
  row.spanIds.forEach((id, position) => positions.has(id) || positions.set(id, position));
  const [names, services] = [new Interned(), new Interned()];
  const parents = row.parentIds.map((id) => (id === '' ? -1 : (positions.get(id) ?? -2)));
  return {
    traceId,
    spanCount: row.spanCount,
    truncated: row.spanCount > row.spanIds.length,
    startTimeUnixNano: row.startNs,
    spanIds: row.spanIds,
    parents,
    name: row.names.map((name) => names.positionOf(name)),
    service: row.services.map((name) => services.positionOf(name)),
    kind: row.kinds,
    status: row.statuses,
    start: row.starts,
    duration: row.durations,
    orphans: parents.flatMap((parent, position): [number, string][] =>
      parent === -2 ? [[position, row.parentIds[position] ?? '']] : [],
    ),
    events: row.events.flatMap((times, position) =>
      times.map((time, i): [number, number, number] => [
        position,
        time,
        names.positionOf(row.eventsNames[position]?.[i] ?? ''),
      ]),
    ),
    names: names.all,
    services: services.all,
  };
}

/** Each text once, and where it is. */
class Interned {
  readonly all: string[] = [];
  readonly #positions = new Map<string, number>();

  positionOf(text: string): number {
    const known = this.#positions.get(text);
    if (known !== undefined) return known;
    this.#positions.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}
