import type { TraceNode, TraceTree } from './trace-tree.js';

/** The rows that show when the given spans are collapsed, in order. Skips whole subtrees: linear in what shows. */
export function visibleRows(tree: TraceTree, collapsed: ReadonlySet<TraceNode>): TraceNode[] {
  if (collapsed.size === 0) return tree.rows.slice();
  const visible: TraceNode[] = [];
  for (let i = 0; i < tree.rows.length; i++) {
    const node = tree.rows[i];
    if (!node) break;
    visible.push(node);
    if (collapsed.has(node)) i += node.descendantCount;
  }
  return visible;
}

/** From the root down to the span's parent. */
export function ancestorsOf(node: TraceNode): TraceNode[] {
  const ancestors: TraceNode[] = [];
  for (let parent = node.parent; parent; parent = parent.parent) ancestors.push(parent);
  return ancestors.reverse();
}

/**
 * The ancestors to pin above the list so that the first row below them keeps its context: the nearest `max` whose own
 * rows have scrolled away.
 */
export function stickyAncestors(
  nodeAt: (row: number) => TraceNode | undefined,
  firstRow: number,
  max: number,
): TraceNode[] {
  // Pinned rows cover list rows, so the row whose ancestors count is the first one that they leave free.
  for (let pinned = 0; pinned <= max; pinned++) {
    const first = nodeAt(firstRow + pinned);
    if (!first) return [];
    if (first.depth <= pinned || pinned === max) return ancestorsOf(first).slice(-max);
  }
  return [];
}
