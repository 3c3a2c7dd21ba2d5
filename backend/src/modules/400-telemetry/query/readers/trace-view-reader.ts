import { Injectable } from '@nestjs/common';
import type { Span, TraceMatchesQuery, TraceMatchesResponse, TraceOutline, TracePeer } from '@telemetryflow/contracts';
import { NotFoundError, ValidationError } from '../../../../shared/platform/index.js';
import { compileTraceMatches, compileTraceOutline, type TraceWithin } from '../compiler/trace-view.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { parseTraceId, TraceReader } from './trace-reader.js';

const MAX_SPANS = 50_000;
const SPAN_ID = /^[0-9a-f]{16}$/;

interface OutlineRow {
  readonly spanIds: string[];
  readonly parentIds: string[];
  readonly names: string[];
  readonly services: string[];
  readonly kinds: number[];
  readonly statuses: number[];
  readonly starts: number[];
  readonly durations: number[];
  readonly peerKinds: TracePeer['kind'][];
  readonly peerSystems: string[];
  readonly peerNames: string[];
  readonly events: number[][];
  readonly eventsNames: string[][];
}

/** What the view of one trace asks for: its picture, single spans, and where a search finds something. */
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
    const { trace, spanCount } = await this.#find(id, scope);
    const [row] = await this.store.query<OutlineRow>(compileTraceOutline(trace), scope);
    if (row === undefined || row.spanIds.length === 0) throw new NotFoundError('Trace');
    return toOutline(trace, spanCount, row);
  }

  /** @throws ValidationError for a malformed id, NotFoundError */
  async span(id: string, span: string, scope: ReadScope): Promise<Span> {
    const spanId = span.toLowerCase();
    if (!SPAN_ID.test(spanId)) {
      throw new ValidationError([{ path: 'spanId', code: 'invalid_format', message: 'must be 16 hexadecimal digits' }]);
    }
    const { trace } = await this.#find(id, scope);
    const found = await this.traces.span(trace, spanId, scope);
    if (found === undefined) throw new NotFoundError('Span');
    return found;
  }

  /** @throws ValidationError for a malformed id, NotFoundError, DomainError QUERY_SYNTAX */
  async matches(id: string, query: TraceMatchesQuery, scope: ReadScope): Promise<TraceMatchesResponse> {
    const filter = parseFilter(query.filter);
    const { trace } = await this.#find(id, scope);
    const statement = withFilterErrors(() => compileTraceMatches(trace, filter));
    const [row] = await this.store.query<TraceMatchesResponse>(statement, scope);
    return { spanIds: row?.spanIds ?? [] };
  }

  async #find(id: string, scope: ReadScope): Promise<{ trace: TraceWithin; spanCount: number }> {
    const traceId = parseTraceId(id);
    const { bounds, spanCount } = await this.traces.bounds(traceId, scope);
    return { trace: { tenantId: scope.tenantId, traceId, bounds, limit: MAX_SPANS }, spanCount };
  }
}

function toOutline({ traceId, bounds }: TraceWithin, spanCount: number, row: OutlineRow): TraceOutline {
  const positions = new Map<string, number>();
  row.spanIds.forEach((id, position) => positions.has(id) || positions.set(id, position));
  const [names, services, peers] = [new Interned(), new Interned(), new Map<string, number>()];
  const allPeers: TracePeer[] = [];
  const peerAt = (position: number): number => {
    const name = row.peerNames[position] ?? '';
    if (name === '') return -1;
    const peer = { kind: row.peerKinds[position] ?? 'external', system: row.peerSystems[position] ?? '', name };
    const key = `${peer.kind} ${peer.system} ${name}`;
    const known = peers.get(key) ?? allPeers.push(peer) - 1;
    peers.set(key, known);
    return known;
  };
  const parents = row.parentIds.map((id) => (id === '' ? -1 : (positions.get(id) ?? -2)));
  return {
    traceId,
    spanCount,
    truncated: spanCount > row.spanIds.length,
    startTimeUnixNano: bounds.fromNs.toString(),
    spanIds: row.spanIds,
    parents,
    name: row.names.map((name) => names.positionOf(name)),
    service: row.services.map((name) => services.positionOf(name)),
    peer: row.spanIds.map((_, position) => peerAt(position)),
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
    peers: allPeers,
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
