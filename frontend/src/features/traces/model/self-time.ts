import type { TraceNode } from './trace-tree.js';

/** Half-open, in nanoseconds since the trace began. */
export interface Interval {
  readonly startNs: number;
  readonly endNs: number;
}

/**
 * When a span worked itself: its own time less the union of its children's, each cut to the span's bounds. The rest of
 * the span is waiting. Relies on `children` being sorted by start.
 */
export function selfIntervals(node: TraceNode): Interval[] {
  const own: Interval[] = [];
  let cursor = node.startNs;
  for (const child of node.children) {
    const start = Math.min(child.startNs, node.endNs);
    if (start > cursor) own.push({ startNs: cursor, endNs: start });
    cursor = Math.max(cursor, Math.min(child.endNs, node.endNs));
  }
  if (node.endNs > cursor) own.push({ startNs: cursor, endNs: node.endNs });
  return own;
}

/** Nanoseconds that a span worked itself. */
export function selfTimeNs(node: TraceNode): number {
  return selfIntervals(node).reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
}
