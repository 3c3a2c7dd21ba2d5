import type { TracePeer, TracePeersResponse } from '@telemetryflow/contracts';
import { PIECE, type Pieces } from './pieces.js';
import { selfTimeNs } from './self-time.js';
import type { TraceTree } from './trace-tree.js';

export interface GraphNode {
  readonly id: string;
  readonly name: string;
  readonly kind: 'service' | TracePeer['kind'];
  spanCount: number;
  errorCount: number;
  /** Of a service: what its spans worked themselves. */
  selfNs: number;
}
export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  calls: number;
  errors: number;
  totalNs: number;
}
export interface TraceGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Whom each span calls outside of what is traced, by its id. */
export type Peers = ReadonlyMap<string, TracePeer>;

export function readPeers({ peers, spans }: TracePeersResponse): Peers {
  return new Map(
    spans.flatMap(([spanId, position]) => {
      const peer = peers[position];
      return peer === undefined ? [] : [[spanId, peer] as const];
    }),
  );
}

/**
 * Who called whom in a trace. A call is a span whose parent is another service's; or one that calls something outside of
 * what is traced and has no child of another service, which would be the called one itself.
 */
export function* buildTraceGraph(tree: TraceTree, peers: Peers): Pieces<TraceGraph> {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const nodeOf = (kind: GraphNode['kind'], name: string): GraphNode => {
    const id = `${kind}:${name}`;
    const node = nodes.get(id) ?? { id, name, kind, spanCount: 0, errorCount: 0, selfNs: 0 };
    nodes.set(id, node);
    return node;
  };
  const call = (source: GraphNode, target: GraphNode, durationNs: number, isError: boolean) => {
    const key = `${source.id} ${target.id}`;
    const edge = edges.get(key) ?? { source: source.id, target: target.id, calls: 0, errors: 0, totalNs: 0 };
    edges.set(key, edge);
    edge.calls += 1;
    edge.errors += isError ? 1 : 0;
    edge.totalNs += durationNs;
  };
  for (const node of tree.rows) {
    const { span, parent } = node;
    const service = nodeOf('service', span.serviceName);
    service.spanCount += 1;
    service.errorCount += node.isError ? 1 : 0;
    service.selfNs += selfTimeNs(node);
    if (parent !== null && parent.span.serviceName !== span.serviceName) {
      call(nodeOf('service', parent.span.serviceName), service, node.durationNs, node.isError);
    }
    const isAnswered = node.children.some((child) => child.span.serviceName !== span.serviceName);
    const called = peers.get(span.spanId);
    if (called !== undefined && !isAnswered) {
      const peer = nodeOf(called.kind, called.name);
      peer.spanCount += 1;
      peer.errorCount += node.isError ? 1 : 0;
      call(service, peer, node.durationNs, node.isError);
    }
    if (node.index % PIECE === 0) yield;
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}
