import { Graph, layout } from '@dagrejs/dagre';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LayeredGraph {
  /** Ids. */
  readonly nodes: readonly string[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
}

export interface LayeredLayout {
  /** Centres, by id. */
  readonly nodes: Readonly<Record<string, Point>>;
  /** In the order of the graph's; from the side of the source that faces the target. */
  readonly edges: readonly (readonly Point[])[];
  /** Centres of the edges' labels, in the same order; empty where they have none. */
  readonly labels: readonly Point[];
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** In pixels; `rankdir`, `nodesep` and `ranksep` as dagre has them. */
export interface LayeredOptions {
  readonly rankdir: 'LR' | 'TB';
  readonly nodesep: number;
  readonly ranksep: number;
  readonly node: Size;
  /** Room for something written on each edge. */
  readonly label?: Size;
}

/** Around the whole, in pixels. */
export const LAYOUT_MARGIN = 16;

/** Sources before their targets, with lines led around what lies between. Takes seconds for some hundred edges. */
export function layoutLayers(
  { nodes, edges }: LayeredGraph,
  { node, label, ...spacing }: LayeredOptions,
): LayeredLayout {
  if (nodes.length === 0) return { nodes: {}, edges: [], labels: [], width: 0, height: 0 };
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ ...spacing, marginx: LAYOUT_MARGIN, marginy: LAYOUT_MARGIN });
  for (const id of nodes) graph.setNode(id, { ...node });
  edges.forEach(({ source, target }, i) =>
    graph.setEdge(source, target, label ? { ...label, labelpos: 'c' } : {}, String(i)),
  );
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const drawn = edges.map(({ source, target }, i) => graph.edge({ v: source, w: target, name: String(i) }));
  return {
    nodes: Object.fromEntries(nodes.map((id) => [id, pointOf(graph.node(id))])),
    edges: drawn.map((edge) => (edge?.points ?? []).map(pointOf)),
    labels: label ? drawn.map(pointOf) : [],
    width,
    height,
  };
}

const pointOf = (place: Partial<Point> | undefined): Point => ({ x: place?.x ?? 0, y: place?.y ?? 0 });
