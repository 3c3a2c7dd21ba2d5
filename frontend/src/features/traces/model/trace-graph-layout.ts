import { Graph, layout } from '@dagrejs/dagre';
import type { TraceGraph } from './trace-graph.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface GraphLayout {
  /** Centres, by id. */
  readonly nodes: Readonly<Record<string, Point>>;
  /** In the order of the graph's. */
  readonly edges: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 44;

/** Callers left and called right, or callers above where there is no room beside them. */
export function layoutTraceGraph({ nodes, edges }: TraceGraph, isNarrow = false): GraphLayout {
  const graph = new Graph({ multigraph: true })
    .setGraph({ rankdir: isNarrow ? 'TB' : 'LR', nodesep: 20, ranksep: isNarrow ? 48 : 130, marginx: 16, marginy: 16 })
    .setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  edges.forEach(({ source, target }, i) => graph.setEdge(source, target, {}, String(i)));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const centres = nodes.map(({ id }): [string, Point] => {
    const { x = 0, y = 0 } = graph.node(id) ?? {};
    return [id, { x, y }];
  });
  const lines = edges.map(({ source, target }, i): Point[] =>
    [...(graph.edge({ v: source, w: target, name: String(i) })?.points ?? [])].map(({ x, y }) => ({ x, y })),
  );
  return { nodes: Object.fromEntries(centres), edges: lines, width, height };
}
