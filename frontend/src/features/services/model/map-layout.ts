import {
  LAYOUT_MARGIN,
  layoutLayers,
  type LayeredGraph,
  type LayeredLayout,
  type LayeredOptions,
  type Point,
} from '../../../lib/layered-layout.js';
import { ranksOf } from './map-ranks.js';

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 38;
const GAP = 22;
const RANK_GAP = 96;
const LABELLED: LayeredOptions = {
  rankdir: 'LR',
  nodesep: GAP,
  // Labels keep ranks apart by themselves.
  ranksep: 24,
  node: { width: NODE_WIDTH, height: NODE_HEIGHT },
  label: { width: 150, height: 16 },
};
/** With more edges than this their numbers would cover one another. */
export const MAX_LABELLED = 14;

/**
 * Callers left, called right; nodes without calls stand in rows below. The edges of a small map have labels, with room for
 * their numbers.
 */
export function layoutMap({ nodes, edges }: LayeredGraph): LayeredLayout {
  const hasCalls = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const connected = { nodes: nodes.filter((id) => hasCalls.has(id)), edges };
  const map = edges.length <= MAX_LABELLED ? layoutLayers(connected, LABELLED) : compact(connected);
  return withIsolated(
    map,
    nodes.filter((id) => !hasCalls.has(id)),
  );
}

/**
 * A large map: no room for lines between ranks, and a rank of many services becomes several columns, so that the whole
 * has the shape of a screen and its names can be read.
 */
function compact(input: LayeredGraph): LayeredLayout {
  const rows = Math.max(8, Math.ceil(1.3 * Math.sqrt(input.nodes.length)));
  const height = 2 * LAYOUT_MARGIN + rows * (NODE_HEIGHT + GAP) - GAP;
  const nodes: Record<string, Point> = {};
  let left = LAYOUT_MARGIN;
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
    width: left - RANK_GAP + LAYOUT_MARGIN,
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

function withIsolated(map: LayeredLayout, isolated: readonly string[]): LayeredLayout {
  if (isolated.length === 0) return map;
  const stride = NODE_WIDTH + GAP;
  const columns = Math.max(
    1,
    Math.floor(Math.max(map.width, 5 * stride) / stride),
    Math.ceil(Math.sqrt(isolated.length)),
  );
  const top = map.height + (map.height === 0 ? LAYOUT_MARGIN : GAP);
  const nodes = { ...map.nodes };
  isolated.forEach((id, i) => {
    nodes[id] = {
      x: LAYOUT_MARGIN + NODE_WIDTH / 2 + (i % columns) * stride,
      y: top + NODE_HEIGHT / 2 + Math.floor(i / columns) * (NODE_HEIGHT + GAP),
    };
  });
  const rows = Math.ceil(isolated.length / columns);
  return {
    ...map,
    nodes,
    width: Math.max(map.width, 2 * LAYOUT_MARGIN + Math.min(columns, isolated.length) * stride - GAP),
    height: top + rows * (NODE_HEIGHT + GAP) - GAP + LAYOUT_MARGIN,
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
