import { describe, expect, it } from 'vitest';
import { around, callsOf, neighboursOf, structureOf } from './map-graph.js';
import { layoutMap, NODE_HEIGHT, NODE_WIDTH, pathOf } from './map-layout.js';

const edge = (source: string, target: string, calls = 1) => ({
  source,
  target,
  calls,
  errors: 0,
  rate: calls / 60,
  p95DurationNs: '1000000',
});
const node = (id: string) => ({
  id,
  kind: 'service' as const,
  name: id,
  system: '',
  requests: 1,
  errors: 0,
  p95DurationNs: null,
});
const graph = {
  nodes: ['web', 'cart', 'db', 'mail', 'alone', 'single'].map(node),
  edges: [edge('web', 'cart', 5), edge('cart', 'db', 9), edge('web', 'mail'), edge('cart', 'web')],
};

describe('a map', () => {
  const map = layoutMap({ nodes: graph.nodes.map(({ id }) => id), edges: graph.edges });
  const at = (id: string) => {
    const place = map.nodes[id];
    if (!place) throw new Error(`${id} was not placed`);
    return place;
  };

  it('places callers left of what they call, and what has no calls below', () => {
    expect(at('web').x).toBeLessThan(at('cart').x);
    expect(at('cart').x).toBeLessThan(at('db').x);
    const lowest = Math.max(...['web', 'cart', 'db', 'mail'].map((id) => at(id).y));
    expect(at('alone').y).toBeGreaterThan(lowest);
    expect(at('single').y).toBe(at('alone').y);
  });
  it('has no two nodes over each other, and all within its size', () => {
    const places = Object.values(map.nodes);
    expect(places).toHaveLength(6);
    for (const [i, a] of places.entries()) {
      expect(a.x - NODE_WIDTH / 2).toBeGreaterThanOrEqual(0);
      expect(a.x + NODE_WIDTH / 2).toBeLessThanOrEqual(map.width);
      expect(a.y + NODE_HEIGHT / 2).toBeLessThanOrEqual(map.height);
      for (const b of places.slice(i + 1))
        expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
    }
  });
  it('draws a line for every edge, a cycle too', () => {
    expect(map.edges).toHaveLength(4);
    expect(map.edges.every((points) => pathOf(points).startsWith('M'))).toBe(true);
  });
  it('of many services has the shape of a screen', () => {
    const names = Array.from({ length: 200 }, (_, i) => `s${i}`);
    const calls = names.flatMap((source, i) => [7, 31, 53].map((step) => ({ source, target: `s${(i + step) % 200}` })));
    const { nodes, width, height, edges } = layoutMap({ nodes: names, edges: calls });
    expect(edges).toHaveLength(600);
    expect(height / width).toBeLessThan(1);
    const places = new Set(Object.values(nodes).map(({ x, y }) => `${x} ${y}`));
    expect(places.size).toBe(200);
  });
  it('of services without any call is a grid', () => {
    const { nodes, width, height } = layoutMap({ nodes: ['a', 'b', 'c'], edges: [] });
    expect(new Set(Object.values(nodes).map(({ y }) => y)).size).toBe(1);
    expect([width > 3 * NODE_WIDTH, height > NODE_HEIGHT]).toEqual([true, true]);
    expect(layoutMap({ nodes: [], edges: [] })).toMatchObject({ width: 0, height: 0 });
  });
});

it('knows a node’s neighbours and their calls', () => {
  expect([...neighboursOf('mail', graph.edges)].sort()).toEqual(['mail', 'web']);
  expect(around('web', graph).edges).toHaveLength(3);
  const { callers, called } = callsOf('cart', graph);
  expect(callers.map((side) => side.node.id)).toEqual(['web']);
  expect(called.map((side) => side.node.id)).toEqual(['db', 'web']);
});

it('is laid out anew for other nodes and edges, not for other numbers', () => {
  const busier = { ...graph, edges: graph.edges.map((one) => ({ ...one, calls: one.calls + 1, rate: 7 })) };
  expect(structureOf(busier)).toBe(structureOf(graph));
  expect(structureOf({ ...graph, edges: graph.edges.slice(1) })).not.toBe(structureOf(graph));
});
