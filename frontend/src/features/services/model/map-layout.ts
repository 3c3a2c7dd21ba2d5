import { Graph, layout } from '@dagrejs/dagre';

export interface LayoutInput {
  readonly nodes: readonly string[];
  readonly edges: readonly { readonly source: string; readonly target: string }[];
}
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface MapLayout {
  /** Centres, by id. */
  readonly nodes: Readonly<Record<string, Point>>;
  /** In the order of the input; from the right side of the source to the left side of the target. */
  readonly edges: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 38;
const GAP = 22;
const RANK_GAP = 96;
const MARGIN = 16;

/** Callers left, called right; nodes without calls stand in rows below. Takes some hundred milliseconds for 200 nodes. */
export function layoutMap({ nodes, edges }: LayoutInput): MapLayout {
  const isConnected = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const graph = new Graph({ multigraph: true })
    .setGraph({ rankdir: 'LR', nodesep: GAP, ranksep: RANK_GAP, marginx: MARGIN, marginy: MARGIN })
    .setDefaultEdgeLabel(() => ({}));
  for (const id of nodes) {
    if (isConnected.has(id)) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  }
  edges.forEach(({ source, target }, i) => graph.setEdge(source, target, {}, String(i)));
  if (isConnected.size > 0) layout(graph);
  const size = graph.graph();
  const placed: Record<string, Point> = {};
  for (const id of graph.nodes()) {
    const { x = 0, y = 0 } = graph.node(id) ?? {};
    placed[id] = { x, y };
  }
  const lines = edges.map(({ source, target }, i): Point[] =>
    [...(graph.edge({ v: source, w: target, name: String(i) })?.points ?? [])].map(({ x, y }) => ({ x, y })),
  );
  const width = isConnected.size > 0 ? (size.width ?? 0) : 0;
  const height = isConnected.size > 0 ? (size.height ?? 0) : 0;
  return withIsolated(
    { nodes: placed, edges: lines, width, height },
    nodes.filter((id) => !isConnected.has(id)),
  );
}

function withIsolated(map: MapLayout, isolated: readonly string[]): MapLayout {
  if (isolated.length === 0) return map;
  const stride = NODE_WIDTH + GAP;
  const columns = Math.max(
    1,
    Math.floor(Math.max(map.width, 5 * stride) / stride),
    Math.ceil(Math.sqrt(isolated.length)),
  );
  const top = map.height + (map.height === 0 ? MARGIN : GAP);
  const nodes = { ...map.nodes };
  isolated.forEach((id, i) => {
    nodes[id] = {
      x: MARGIN + NODE_WIDTH / 2 + (i % columns) * stride,
      y: top + NODE_HEIGHT / 2 + Math.floor(i / columns) * (NODE_HEIGHT + GAP),
    };
  });
  const rows = Math.ceil(isolated.length / columns);
  return {
    ...map,
    nodes,
    width: Math.max(map.width, 2 * MARGIN + Math.min(columns, isolated.length) * stride - GAP),
    height: top + rows * (NODE_HEIGHT + GAP) - GAP + MARGIN,
  };
}

/** An SVG path through the points, with soft corners. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const start = `M${at(first)}`;
  if (rest.length < 2) return start + rest.map((point) => `L${at(point)}`).join('');
  const curves = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1] ?? point;
    const end = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return start + curves.join('');
}

const at = ({ x, y }: Point) => `${x.toFixed(1)},${y.toFixed(1)}`;
