import { Injectable } from '@nestjs/common';
import type {
  RangeQuery,
  Service,
  ServiceMapEdge,
  ServiceMapNode,
  ServiceMapNodeKind,
  ServiceMapResponse,
} from '@telemetryflow/contracts';
import { compileCallsKnown, compilePeerCalls, compileServiceCalls } from '../compiler/services/service-calls.js';
import { parseRange, rangeMs } from '../range.js';
import { TelemetryStore, type ReadScope } from '../store.js';
import { ServiceReader } from './service-reader.js';

/** Spans that one map is made of; of more, whole traces are left out. */
const MAX_SPANS = 2_000_000;
const MAX_EDGES = 2_000;

interface Calls {
  readonly calls: string;
  readonly errors: string;
  readonly p95Ns: string;
}
interface ServiceCalls extends Calls {
  readonly source: string;
  readonly target: string;
}
interface PeerCalls extends Calls {
  readonly service: string;
  readonly isTaking: number;
  readonly peerKind: ServiceMapNodeKind;
  readonly system: string;
  readonly name: string;
}

/** Who calls whom, joined when it is asked for. */
@Injectable()
export class ServiceMapReader {
  constructor(
    private readonly store: TelemetryStore,
    private readonly services: ServiceReader,
  ) {}

  /** Nodes by id, edges by their ends. @throws ValidationError (range), DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async read(
    query: RangeQuery,
    scope: ReadScope,
    nowMs = Date.now(),
    maxSpans = MAX_SPANS,
  ): Promise<ServiceMapResponse> {
    const range = parseRange(query, nowMs);
    const { tenantId } = scope;
    const [known] = await this.store.query<{ spans: string; keys: string[] }>(
      compileCallsKnown(tenantId, range),
      scope,
    );
    const oneIn = Math.max(1, Math.ceil(Number(known?.spans ?? 0) / maxSpans));
    const asked = { tenantId, range, oneIn, limit: MAX_EDGES + 1 };
    const [services, between, toPeers] = await Promise.all([
      this.services.list(query, scope, nowMs),
      this.store.query<ServiceCalls>(compileServiceCalls(asked), scope),
      this.store.query<PeerCalls>(compilePeerCalls(asked, new Set(known?.keys)), scope),
    ]);
    const map = new MapBuilder(rangeMs(range) / 1000, oneIn);
    for (const service of services.data) map.addService(service);
    for (const calls of between.slice(0, MAX_EDGES)) {
      map.addCalls(map.service(calls.source), map.service(calls.target), calls);
    }
    for (const calls of toPeers.slice(0, MAX_EDGES)) {
      if (!isDrawn(calls)) continue;
      const [service, peer] = [map.service(calls.service), map.peer(calls)];
      if (calls.isTaking) map.addCalls(peer, service, calls);
      else map.addCalls(service, peer, calls);
    }
    return map.answer(between.length > MAX_EDGES || toPeers.length > MAX_EDGES);
  }
}

/** Not calls of nobody knows whom, of oneself, and messages that were taken from no queue. */
function isDrawn({ service, isTaking, peerKind, name }: PeerCalls): boolean {
  if (name === '' || (peerKind === 'service' && name === service)) return false;
  return !isTaking || peerKind === 'queue';
}

class MapBuilder {
  private readonly nodes = new Map<string, ServiceMapNode>();
  private readonly edges = new Map<string, ServiceMapEdge>();

  constructor(
    private readonly seconds: number,
    private readonly oneIn: number,
  ) {}

  addService({ name, requestCount, requestErrorCount, p95DurationNs }: Service): void {
    const node = this.service(name);
    this.nodes.set(node.id, { ...node, requests: requestCount, errors: requestErrorCount, p95DurationNs });
  }

  service(name: string): ServiceMapNode {
    return this.node('service', '', name);
  }

  peer({ peerKind, system, name }: PeerCalls): ServiceMapNode {
    return this.node(peerKind, system, name);
  }

  addCalls(source: ServiceMapNode, target: ServiceMapNode, row: Calls): void {
    const [calls, errors] = [Number(row.calls) * this.oneIn, Number(row.errors) * this.oneIn];
    const id = JSON.stringify([source.id, target.id]);
    const known = this.edges.get(id);
    // Answered calls of a service and those that it never answered are one edge, whose latency is that of the more.
    const isMost = known === undefined || calls > known.calls;
    const total = (known?.calls ?? 0) + calls;
    this.edges.set(id, {
      source: source.id,
      target: target.id,
      calls: total,
      errors: (known?.errors ?? 0) + errors,
      rate: total / this.seconds,
      p95DurationNs: isMost ? row.p95Ns : known.p95DurationNs,
    });
    for (const node of [source, target]) {
      if (node.kind === 'service') continue;
      const { requests, errors: failed } = this.nodes.get(node.id) ?? node;
      this.nodes.set(node.id, { ...node, requests: requests + calls, errors: failed + errors });
    }
  }

  answer(truncated: boolean): ServiceMapResponse {
    return {
      nodes: [...this.nodes.values()].sort((a, b) => compare(a.id, b.id)),
      edges: [...this.edges.values()].sort((a, b) => compare(a.source, b.source) || compare(a.target, b.target)),
      sampledOneIn: this.oneIn,
      truncated,
    };
  }

  private node(kind: ServiceMapNodeKind, system: string, name: string): ServiceMapNode {
    const id = system === '' ? `${kind}:${name}` : `${kind}:${encodeURIComponent(system)}:${name}`;
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const node: ServiceMapNode = { id, kind, name, system, requests: 0, errors: 0, p95DurationNs: null };
    this.nodes.set(id, node);
    return node;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
