import { expect, it } from 'vitest';
import { layoutLayers } from './layered-layout.js';

const edges = [
  { source: 'a', target: 'b' },
  { source: 'a', target: 'b' },
  { source: 'b', target: 'a' },
  { source: 'b', target: 'b' },
];
const spacing = { nodesep: 20, ranksep: 50, node: { width: 100, height: 40 } };

it('places sources left of their targets, or above', () => {
  const { a, b } = layoutLayers({ nodes: ['a', 'b'], edges }, { ...spacing, rankdir: 'LR' }).nodes;
  expect(Number(b?.x) - Number(a?.x)).toBeGreaterThanOrEqual(150);
  const upright = layoutLayers({ nodes: ['a', 'b'], edges }, { ...spacing, rankdir: 'TB' }).nodes;
  expect(Number(upright['b']?.y) - Number(upright['a']?.y)).toBeGreaterThanOrEqual(90);
});

it('has a line for every edge, and a label where there is room for one', () => {
  const plain = layoutLayers({ nodes: ['a', 'b'], edges }, { ...spacing, rankdir: 'LR' });
  expect(plain.edges.map((points) => points.length > 1)).toEqual([true, true, true, true]);
  expect(plain.labels).toEqual([]);
  const labelled = layoutLayers(
    { nodes: ['a', 'b'], edges },
    { ...spacing, rankdir: 'LR', label: { width: 80, height: 16 } },
  );
  expect(new Set(labelled.labels.map(({ x, y }) => `${x} ${y}`)).size).toBe(4);
  expect(labelled.width).toBeGreaterThan(plain.width);
});

it('of nothing has no size', () => {
  expect(layoutLayers({ nodes: [], edges: [] }, { ...spacing, rankdir: 'LR' })).toMatchObject({ width: 0, height: 0 });
});
