import { Graph, layout } from '@dagrejs/dagre';
import { ranksOf } from './map-ranks.js';

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
  /** Room for the numbers of each edge; empty where there are too many edges to write on all of them. */
  readonly labels: readonly Point[];
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 38;
const GAP = 22;
const RANK_GAP = 96;
/** Beside labels, which keep ranks apart by themselves. */
const LABELLED_GAP = 24;
const MARGIN = 16;
const LABEL = { width: 150, height: 16, labelpos: 'c' } as const;
/** With more edges than this their numbers would cover one another. */
export const MAX_LABELLED = 14;

/** Callers left, called right; nodes without calls stand in rows below. */
export function layoutMap({ nodes, edges }: LayoutInput): MapLayout {
  const hasCalls = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const connected = { nodes: nodes.filter((id) => hasCalls.has(id)), edges };
  const map = edges.length <= MAX_LABELLED ? labelled(connected) : compact(connected);
  return withIsolated(
    map,
    nodes.filter((id) => !hasCalls.has(id)),
  );
}

/** A small map, with room for the numbers of every edge. */
function labelled({ nodes, edges }: LayoutInput): MapLayout {
  if (nodes.length === 0) return { nodes: {}, edges: [], labels: [], width: 0, height: 0 };
  const graph = new Graph({ multigraph: true })
    .setGraph({ rankdir: 'LR', nodesep: GAP, ranksep: LABELLED_GAP, marginx: MARGIN, marginy: MARGIN })
    .setDefaultEdgeLabel(() => ({}));
  for (const id of nodes) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  edges.forEach(({ source, target }, i) => graph.setEdge(source, target, { ...LABEL }, String(i)));
  layout(graph);
  const drawn = edges.map(({ source, target }, i) => graph.edge({ v: source, w: target, name: String(i) }));
  const { width = 0, height = 0 } = graph.graph();
  return {
    nodes: Object.fromEntries(
      nodes.map((id) => {
        const { x = 0, y = 0 } = graph.node(id) ?? {};
        return [id, { x, y }];
      }),
    ),
    edges: drawn.map((edge) => [...(edge?.points ?? [])].map(({ x, y }) => ({ x, y }))),
    labels: drawn.map((edge) => ({ x: edge?.x ?? 0, y: edge?.y ?? 0 })),
    width,
    height,
  };
}

/**
 * A large map: no room for lines between ranks, and a rank of many services becomes several columns, so that the whole
 * has the shape of a screen and its names can be read.
 */
function compact(input: LayoutInput): MapLayout {
  const rows = Math.max(8, Math.ceil(1.3 * Math.sqrt(input.nodes.length)));
  const height = 2 * MARGIN + rows * (NODE_HEIGHT + GAP) - GAP;
  const nodes: Record<string, Point> = {};
  let left = MARGIN;
  for (const ids of ranksOf(input)) {
    const columns = Math.ceil(ids.length / rows);
    const perColumn = Math.ceil(ids.length / columns);
    ids.forEach((id, i) => {
      const [column, row] = [i % columns, Math.floor(i / columns)];
      nodes[id] = {
        x: left + column * (NODE_WIDTH + GAP) + NODE_WIDTH / 2,
        y: height / 2 + (row - (perColumn - 1) / 2) * (NODE_HEIGHT + GAP),
      };
    });
    left += columns * (NODE_WIDTH + GAP) - GAP + RANK_GAP;
  }
  return {
    nodes,
    edges: input.edges.map(({ source, target }) => lineOf(nodes[source], nodes[target])),
    labels: [],
    width: left - RANK_GAP + MARGIN,
    height,
  };
}

/** From the side of one node that faces the other. */
function lineOf(from: Point | undefined, to: Point | undefined): Point[] {
  if (!from || !to) return [];
  const way = to.x >= from.x ? 1 : -1;
  const [start, end] = [from.x + (way * NODE_WIDTH) / 2, to.x - (way * NODE_WIDTH) / 2];
  const bend = way * Math.min(48, Math.max(12, Math.abs(end - start) / 3));
  return [
    { x: start, y: from.y },
    { x: start + bend, y: from.y },
    { x: end - bend, y: to.y },
    { x: end, y: to.y },
  ];
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
