import type { ServiceMapEdge, ServiceMapNode, ServiceMapResponse } from '@telemetryflow/contracts';

export type MapGraph = Pick<ServiceMapResponse, 'nodes' | 'edges'>;

/** A node and the nodes that it calls or is called by. */
export function neighboursOf(id: string, edges: readonly ServiceMapEdge[]): Set<string> {
  const ids = new Set([id]);
  for (const { source, target } of edges) {
    if (source === id) ids.add(target);
    if (target === id) ids.add(source);
  }
  return ids;
}

/** The part of a map that a node and its neighbours make, with the calls between any of them. */
export function around(id: string, { nodes, edges }: MapGraph): MapGraph {
  const ids = neighboursOf(id, edges);
  return {
    nodes: nodes.filter((node) => ids.has(node.id)),
    edges: edges.filter(({ source, target }) => ids.has(source) && ids.has(target)),
  };
}

/** What calls a node, and what it calls, the busiest first. */
export function callsOf(id: string, { nodes, edges }: MapGraph) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const side = (near: 'source' | 'target', far: 'source' | 'target') =>
    edges
      .flatMap((edge) => {
        const node = edge[near] === id ? byId.get(edge[far]) : undefined;
        return node === undefined ? [] : [{ edge, node }];
      })
      .sort((a, b) => b.edge.calls - a.edge.calls);
  return { callers: side('target', 'source'), called: side('source', 'target') };
}

/** `postgresql shop` of a database, the plain name of anything else. */
export function nodeTitle({ name, system }: Pick<ServiceMapNode, 'name' | 'system'>): string {
  return system === '' || system === name ? name : `${system} ${name}`;
}

export const matches = (node: ServiceMapNode, search: string): boolean =>
  nodeTitle(node).toLowerCase().includes(search.trim().toLowerCase());

/** 1 px to 5 px: ten times the calls are one more. */
export const edgeWidth = (rate: number): number => Math.min(5, Math.max(1, 2 + Math.log10(Math.max(rate, 1e-6))));

/** Names what the layout depends on: numbers may change without anything moving. */
export const structureOf = ({ nodes, edges }: MapGraph): string =>
  JSON.stringify([nodes.map(({ id }) => id), edges.map(({ source, target }) => [source, target])]);
