import type { HierarchyNode } from './levels.js';

/** A line of the tree as it stands on screen. */
export interface TreeRow {
  readonly node: HierarchyNode;
  /** From 1, as `aria-level` counts. */
  readonly depth: number;
  readonly parentKey: string | null;
  readonly position: number;
  readonly siblings: number;
  readonly isExpanded: boolean;
  readonly hasChildren: boolean;
  /** Its children are on their way, or could not be had. */
  readonly state: 'idle' | 'loading' | 'failed';
}

/** What is known of a place's children: absent while nobody asked. */
export type Children = ReadonlyMap<
  string,
  { readonly nodes: readonly HierarchyNode[]; readonly state: TreeRow['state'] }
>;

/** The lines on screen, from top to bottom. */
export function visibleRows(
  roots: readonly HierarchyNode[],
  children: Children,
  expanded: ReadonlySet<string>,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (nodes: readonly HierarchyNode[], depth: number, parentKey: string | null) =>
    nodes.forEach((node, index) => {
      const known = children.get(node.key);
      const hasChildren = known?.state === 'idle' ? known.nodes.length > 0 : node.children > 0;
      const isExpanded = hasChildren && expanded.has(node.key);
      rows.push({
        node,
        depth,
        parentKey,
        position: index + 1,
        siblings: nodes.length,
        isExpanded,
        hasChildren,
        state: isExpanded ? (known?.state ?? 'loading') : 'idle',
      });
      if (isExpanded && known) add(known.nodes, depth + 1, node.key);
    });
  add(roots, 1, null);
  return rows;
}
