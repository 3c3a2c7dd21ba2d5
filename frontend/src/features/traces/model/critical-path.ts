import { PIECE, runNow, type Pieces } from './pieces.js';
import type { Interval } from './self-time.js';
import { CLOCK_TICK_NS, type TraceNode } from './trace-tree.js';

export interface CriticalPath {
  /** For each span on the path, the intervals in which the trace waited for that span's own work, by start. */
  readonly segments: ReadonlyMap<TraceNode, readonly Interval[]>;
  readonly totalNs: number;
}

interface Frame {
  readonly node: TraceNode;
  readonly startNs: number;
  /** Children that can be on the path, cut to the frame, the latest-ending last. */
  readonly candidates: { readonly node: TraceNode; readonly startNs: number; readonly endNs: number }[];
  cursorNs: number;
}

/** {@link followCriticalPath}, at once. */
export function criticalPath(root: TraceNode | null): CriticalPath {
  return runNow(followCriticalPath(root));
}

/**
 * The chain of work that the trace's duration consists of: shorten any of it, and the trace gets shorter.
 *
 * From the end of the root it walks back to the child that ended last, follows that child in the same way to its start,
 * and goes on from there; where no child ends before the cursor, the span itself was working. Children that still ran
 * at the cursor were overtaken by the one already on the path, so they are passed over, unless they overlap by no more
 * than the tick of a clock: calls one after another may look so. A child that outlives its
 * parent (another clock, or nobody waited for it) counts up to the parent's end, one that lies wholly outside not at
 * all. The segments never overlap and add up to the root's duration.
 */
export function* followCriticalPath(root: TraceNode | null): Pieces<CriticalPath> {
  const segments = new Map<TraceNode, Interval[]>();
  if (!root) return { segments, totalNs: 0 };
  const stack = [openFrame(root, root.startNs, root.endNs)];
  let steps = 0;
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    if (++steps % PIECE === 0) yield;
    const next = frame.candidates.pop();
    if (!next) {
      addSegment(segments, frame.node, frame.startNs, frame.cursorNs);
      stack.pop();
    } else if (endedBefore(frame.cursorNs, next)) {
      const endNs = Math.min(next.endNs, frame.cursorNs);
      addSegment(segments, frame.node, endNs, frame.cursorNs);
      frame.cursorNs = next.startNs;
      stack.push(openFrame(next.node, next.startNs, endNs));
    }
  }
  for (const intervals of segments.values()) intervals.reverse();
  return { segments, totalNs: root.durationNs };
}

function endedBefore(cursorNs: number, { startNs, endNs }: Interval): boolean {
  const overlapNs = endNs - cursorNs;
  return overlapNs <= 0 || (overlapNs < CLOCK_TICK_NS && 2 * overlapNs < endNs - startNs);
}

function openFrame(node: TraceNode, startNs: number, endNs: number): Frame {
  const candidates = node.children
    .map((child) => ({
      node: child,
      startNs: Math.max(child.startNs, startNs),
      endNs: Math.min(child.endNs, endNs),
    }))
    .filter((child) => child.endNs > child.startNs)
    // Of two that end together, the one that began earlier explains more.
    .sort((a, b) => a.endNs - b.endNs || b.startNs - a.startNs);
  return { node, startNs, candidates, cursorNs: endNs };
}

function addSegment(segments: Map<TraceNode, Interval[]>, node: TraceNode, startNs: number, endNs: number): void {
  if (endNs <= startNs) return;
  const intervals = segments.get(node);
  if (intervals) intervals.push({ startNs, endNs });
  else segments.set(node, [{ startNs, endNs }]);
}
