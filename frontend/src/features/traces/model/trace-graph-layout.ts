import { layoutLayers, type LayeredLayout } from '../../../lib/layered-layout.js';
import type { TraceGraph } from './trace-graph.js';

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 44;

/** Callers left and called right, or callers above where there is no room beside them. */
export function layoutTraceGraph({ nodes, edges }: TraceGraph, isNarrow = false): LayeredLayout {
  return layoutLayers(
    { nodes: nodes.map(({ id }) => id), edges },
    {
      node: { width: NODE_WIDTH, height: NODE_HEIGHT },
      nodesep: 20,
      ...(isNarrow ? { rankdir: 'TB', ranksep: 48 } : { rankdir: 'LR', ranksep: 130 }),
    },
  );
}
